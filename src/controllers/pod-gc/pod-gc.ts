import type { Pod, PodCondition } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, remove, requeue, targetOf } from '../action.ts'
import { disruptionTarget } from '../disrupt-pod.ts'
import { isPodTerminal } from '../pod-state.ts'

export type ObservedLeftPod = Readonly<{
  nowMs: number
  pod: Stored<Pod>
  /** 'missing' since a time: no informer shows the node; 'gone': the API says so too. */
  node: Readonly<{ state: 'present' | 'out-of-service' | 'gone' } | { state: 'missing'; sinceMs: number }>
}>

/** A node that is missed may be one that only has not been seen yet: podgc's quarantine time. */
export const quarantineMs = 40_000
/** kube-controller-manager's --terminated-pod-gc-threshold. */
export const terminatedPodLimit = 12_500

/** Ends pods that no kubelet will ever end: their node is gone, out of service, or they never had one. */
export function reconcileLeftPod({ nowMs, pod, node }: ObservedLeftPod): readonly Action[] {
  const isDeleted = pod.metadata.deletionTimestamp !== undefined
  if ((pod.spec.nodeName ?? '') === '') return isDeleted ? failAndDelete(pod) : []
  switch (node.state) {
    case 'missing':
      return [requeue(Math.max(0, node.sinceMs + quarantineMs - nowMs))]
    case 'gone':
      return failAndDelete(pod, disruptionTarget('DeletionByPodGC', 'PodGC: node no longer exists', nowMs))
    case 'out-of-service':
      return isDeleted ? failAndDelete(pod) : []
    case 'present':
      return []
  }
}

/** Of ended pods only so many are kept: evicted ones go first, then the oldest. */
export function reconcileTerminatedPods(pods: readonly Stored<Pod>[], limit: number): readonly Action[] {
  const surplus = Math.max(0, pods.length - limit)
  return pods
    .toSorted(byEvictionAndAge)
    .slice(0, surplus)
    .flatMap((pod) => failAndDelete(pod))
}

function byEvictionAndAge(a: Stored<Pod>, b: Stored<Pod>): number {
  const evicted = Number(isEvicted(b)) - Number(isEvicted(a))
  if (evicted !== 0) return evicted
  const [left, right] = [a, b].map(({ metadata }) => `${metadata.creationTimestamp} ${metadata.name}`)
  return (left ?? '') < (right ?? '') ? -1 : 1
}

function isEvicted({ status }: Stored<Pod>): boolean {
  return status.phase === 'Failed' && status.reason === 'Evicted'
}

function failAndDelete(pod: Stored<Pod>, condition?: PodCondition): readonly Action[] {
  const target = targetOf(kinds.pods, pod)
  const deletion = remove(target, { gracePeriodSeconds: 0 })
  if (isPodTerminal(pod)) return [deletion]
  const status = { phase: 'Failed', ...(condition === undefined ? {} : { conditions: [condition] }) }
  const body = { metadata: { uid: pod.metadata.uid }, status }
  return [{ type: 'patch', target, patch: { type: 'strategic', body }, subresource: 'status' }, deletion]
}
