import type { Pod } from '../api/kinds.generated.ts'
import type { Stored } from '../api/object.ts'
import { msOfTimestamp } from '../client/timestamp.ts'
import { isPodActive, isPodReady, readySinceMs } from './pod-state.ts'

/** Negative: a is to be deleted before b. 0: this rule cannot tell. */
type Rule = (a: Ranked, b: Ranked) => number
type Ranked = Readonly<{ pod: Stored<Pod>; neighbours: number; nowMs: number }>

const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }
const nanosecondsOfMillisecond = 1e6

/** Kubernetes' order of the pods that a smaller ReplicaSet gives up (controller.ActivePodsWithRanks): the first rule that tells decides. */
const rules: readonly Rule[] = [
  // Unassigned before assigned.
  (a, b) => Number(isAssigned(a)) - Number(isAssigned(b)),
  (a, b) => phaseRank(a) - phaseRank(b),
  (a, b) => Number(isPodReady(a.pod)) - Number(isPodReady(b.pod)),
  (a, b) => deletionCost(a) - deletionCost(b),
  // Those that share a node with more of their siblings.
  (a, b) => b.neighbours - a.neighbours,
  // Ready for less time: by powers of two, so that pods of about the same age are chosen by chance (their uid).
  (a, b) => younger(a, b, readySinceMs(a.pod), readySinceMs(b.pod), isPodReady(a.pod) && isPodReady(b.pod)),
  (a, b) => restarts(b, false) - restarts(a, false),
  (a, b) => restarts(b, true) - restarts(a, true),
  (a, b) => younger(a, b, createdMs(a), createdMs(b), true),
]

/** The `count` pods to delete. `related`: all pods of the same owner, also through its other ReplicaSets. */
export function podsToDelete(
  pods: readonly Stored<Pod>[],
  related: readonly Stored<Pod>[],
  count: number,
  nowMs: number,
): readonly Stored<Pod>[] {
  if (count >= pods.length) return pods
  const onNode = new Map<string, number>()
  for (const pod of related) {
    const node = pod.spec.nodeName ?? ''
    if (isPodActive(pod)) onNode.set(node, (onNode.get(node) ?? 0) + 1)
  }
  const ranked = pods.map((pod) => ({ pod, neighbours: onNode.get(pod.spec.nodeName ?? '') ?? 0, nowMs }))
  ranked.sort(compare)
  return ranked.slice(0, count).map(({ pod }) => pod)
}

function compare(a: Ranked, b: Ranked): number {
  for (const rule of rules) {
    const order = rule(a, b)
    if (order !== 0) return order
  }
  return 0
}

function isAssigned({ pod }: Ranked): boolean {
  return (pod.spec.nodeName ?? '') !== ''
}

function phaseRank({ pod }: Ranked): number {
  return phaseOrder[pod.status.phase ?? ''] ?? 0
}

function deletionCost({ pod }: Ranked): number {
  const text = pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? ''
  const cost = /^(0|-?[1-9][0-9]{0,9})$/.test(text) ? Number(text) : 0
  return Math.abs(cost) < 2 ** 31 ? cost : 0
}

/** The most restarts of any of its containers; of its sidecars when asked so. */
function restarts({ pod }: Ranked, sidecars: boolean): number {
  const sidecarNames = new Set(
    (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name),
  )
  const statuses = sidecars
    ? (pod.status.initContainerStatuses ?? []).filter(({ name }) => sidecarNames.has(name))
    : (pod.status.containerStatuses ?? [])
  return statuses.reduce((most, { restartCount }) => Math.max(most, restartCount), 0)
}

function createdMs({ pod }: Ranked): number | undefined {
  return msOfTimestamp(pod.metadata.creationTimestamp)
}

function younger(a: Ranked, b: Ranked, aMs: number | undefined, bMs: number | undefined, applies: boolean): number {
  if (!applies || aMs === bMs) return 0
  if (aMs === undefined || bMs === undefined) return aMs === undefined ? -1 : 1
  const order = ageRank(a.nowMs - aMs) - ageRank(b.nowMs - bMs)
  if (order !== 0) return order
  return a.pod.metadata.uid < b.pod.metadata.uid ? -1 : 1
}

function ageRank(ageMs: number): number {
  return ageMs > 0 ? Math.floor(Math.log2(ageMs * nanosecondsOfMillisecond)) : -1
}
