import type { Node, Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import { isNodeReady } from '../node-lifecycle/node-health.ts'
import { outOfServiceTaint } from '../node-lifecycle/taints.ts'
import { isPodTerminal } from '../pod-state.ts'
import { type Controller, type ControllerDeps, changes, source } from '../run-controller.ts'
import {
  type ObservedLeftPod,
  quarantineMs,
  reconcileLeftPod,
  reconcileTerminatedPods,
  terminatedPodLimit,
} from './pod-gc.ts'

export function leftPodController({ client, informers, clock }: ControllerDeps): Controller<ObservedLeftPod> {
  const pods = informers.of(kinds.pods)
  const nodes = informers.of(kinds.nodes)
  /** Since when nodes are missed that pods are bound to; cleared as they appear, or have no pods left. */
  const missedSince = new Map<string, number>()

  const nodeState = async (pod: Stored<Pod>): Promise<ObservedLeftPod['node']> => {
    const name = pod.spec.nodeName ?? ''
    const node = nodes.get(name)
    if (node !== undefined || name === '') {
      missedSince.delete(name)
      return { state: node !== undefined && isOutOfService(node) ? 'out-of-service' : 'present' }
    }
    for (const missed of missedSince.keys()) if (pods.indexed('node', missed).length === 0) missedSince.delete(missed)
    const sinceMs = missedSince.get(name) ?? clock.nowMs()
    missedSince.set(name, sinceMs)
    if (clock.nowMs() < sinceMs + quarantineMs) return { state: 'missing', sinceMs }
    const live = await client.get(kinds.nodes, name)
    if (!live.ok && live.error.code === 404) return { state: 'gone' }
    // It is there, or nobody can tell: another quarantine.
    missedSince.set(name, clock.nowMs())
    return { state: 'missing', sinceMs: clock.nowMs() }
  }
  const isLeft = ({ metadata, spec }: Stored<Pod>): boolean => {
    const name = spec.nodeName ?? ''
    const node = nodes.get(name)
    if (name !== '' && node === undefined) return true
    return metadata.deletionTimestamp !== undefined && (node === undefined || isOutOfService(node))
  }
  return {
    name: 'pod-garbage-collector',
    concurrency: 5,
    sources: [
      source(kinds.pods, (pod) => (isLeft(pod) ? [objectKey(pod)] : [])),
      changes(kinds.nodes, (before, after) => {
        if (after !== undefined && !isOutOfService(after)) return []
        const name = (after ?? before)?.metadata.name ?? ''
        return pods.indexed('node', name).map(objectKey)
      }),
    ],
    async observe(key) {
      const pod = pods.get(key)
      if (pod === undefined) return undefined
      return { pod, node: await nodeState(pod), nowMs: clock.nowMs() }
    },
    reconcile: reconcileLeftPod,
  }
}

function isOutOfService(node: Stored<Node>): boolean {
  return !isNodeReady(node) && (node.spec.taints?.some(({ key }) => key === outOfServiceTaint) ?? false)
}

export function terminatedPodController({ informers }: ControllerDeps): Controller<readonly Stored<Pod>[]> {
  const pods = informers.of(kinds.pods)
  return {
    name: 'pod-garbage-collector',
    concurrency: 1,
    sources: [
      changes(kinds.pods, (before, after) => {
        const hasEnded = after !== undefined && isPodTerminal(after) && (before === undefined || !isPodTerminal(before))
        return hasEnded ? ['terminated'] : []
      }),
    ],
    observe: () => {
      const all = pods.list()
      return all.length > terminatedPodLimit ? all.filter(isPodTerminal) : []
    },
    reconcile: (terminated) => reconcileTerminatedPods(terminated, terminatedPodLimit),
  }
}
