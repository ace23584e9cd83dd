import type { Pod, Taint, Toleration } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, event, requeue } from '../action.ts'
import { disruptionTarget, disruptPod } from '../disrupt-pod.ts'
import { type Controller, type ControllerDeps, changes, source } from '../run-controller.ts'
import { taintsOf, tolerates } from './taints.ts'

export type ObservedTaintedPod = Readonly<{
  nowMs: number
  pod: Stored<Pod>
  /** The NoExecute taints of its node. */
  taints: readonly Taint[]
  /** When the pod was first seen to be on a node with such taints. */
  sinceMs: number
  /** Its end had been decided, and the time for it was running. */
  wasDoomed: boolean
}>

/** Drives pods off nodes with NoExecute taints: at once, or when the shortest toleration has run out. */
export function reconcileTaintedPod(observed: ObservedTaintedPod): readonly Action[] {
  const { pod, taints, nowMs, sinceMs } = observed
  if (pod.metadata.deletionTimestamp !== undefined) return []
  const toleratedMs = toleratedFor(taints, pod.spec.tolerations ?? [])
  if (toleratedMs === undefined) return observed.wasDoomed ? [told(pod, 'Cancelling deletion of Pod')] : []
  const leftMs = toleratedMs === 0 ? 0 : sinceMs + toleratedMs - nowMs
  return leftMs > 0 ? [requeue(leftMs)] : evict(pod, nowMs)
}

/** Milliseconds that the taints are tolerated; undefined is for ever. */
export function toleratedFor(taints: readonly Taint[], tolerations: readonly Toleration[]): number | undefined {
  let shortestMs: number | undefined
  for (const taint of taints) {
    const toleration = tolerations.find((each) => tolerates(each, taint))
    if (toleration === undefined) return 0
    if (toleration.tolerationSeconds === undefined) continue
    const forMs = Math.max(0, toleration.tolerationSeconds) * 1000
    shortestMs = Math.min(forMs, shortestMs ?? forMs)
  }
  return shortestMs
}

function evict(pod: Stored<Pod>, nowMs: number): readonly Action[] {
  const why = disruptionTarget('DeletionByTaintManager', 'Taint manager: deleting due to NoExecute taint', nowMs)
  return [told(pod, 'Marking for deletion Pod'), ...disruptPod(pod, why)]
}

function told({ metadata: { name, namespace = '' } }: Stored<Pod>, what: string): Action {
  const subject = { apiVersion: 'v1', kind: 'Pod', name, namespace }
  return event(subject, 'Normal', 'TaintManagerEviction', `${what} ${namespace}/${name}`)
}

export function taintEvictionController({ informers, clock }: ControllerDeps): Controller<ObservedTaintedPod> {
  const nodes = informers.of(kinds.nodes)
  const pods = informers.of(kinds.pods)
  /** Since when pods are on a node with taints, by key; bounded by the number of those pods. */
  const since = new Map<string, Readonly<{ uid: string; atMs: number }>>()
  const taintsFor = (pod: Stored<Pod> | undefined): readonly Taint[] => {
    const node = nodes.get(pod?.spec.nodeName ?? '')
    return node === undefined ? [] : taintsOf(node, 'NoExecute')
  }
  return {
    name: 'taint-eviction-controller',
    concurrency: 8,
    sources: [
      source(kinds.pods, (pod) => {
        const key = `${pod.metadata.namespace}/${pod.metadata.name}`
        return since.has(key) || taintsFor(pod).length > 0 ? [key] : []
      }),
      changes(kinds.nodes, (before, after) => {
        const [was, is] = [before, after].map((node) => (node === undefined ? [] : taintsOf(node, 'NoExecute')))
        if (JSON.stringify(was) === JSON.stringify(is)) return []
        const name = (after ?? before)?.metadata.name ?? ''
        return pods.indexed('node', name).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
      }),
    ],
    observe(key) {
      const pod = pods.get(key)
      const taints = taintsFor(pod)
      const known = since.get(key)
      const wasDoomed = known !== undefined && known.uid === pod?.metadata.uid
      if (pod === undefined || taints.length === 0) since.delete(key)
      if (pod === undefined || (taints.length === 0 && !wasDoomed)) return undefined
      const nowMs = clock.nowMs()
      const sinceMs = wasDoomed ? known.atMs : nowMs
      if (taints.length > 0) since.set(key, { uid: pod.metadata.uid, atMs: sinceMs })
      const runs = wasDoomed && taints.length === 0
      return { nowMs, pod, taints, sinceMs, wasDoomed: runs }
    },
    reconcile: reconcileTaintedPod,
  }
}
