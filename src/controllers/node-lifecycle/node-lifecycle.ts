import type { Node, NodeCondition, Pod, Taint } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { timestampOf } from '../../api/wire-time.ts'
import { type Action, event, requeue, targetOf, updateStatus } from '../action.ts'
import { isPodReady } from '../pod-state.ts'
import { readyCondition } from './node-health.ts'
import { notReadyTaint, unreachableTaint, writeTaints } from './taints.ts'

export type ObservedNode =
  | Readonly<{
      type: 'present'
      nowMs: number
      node: Stored<Node>
      /** When the node was last heard of. */
      heardMs: number
      /** Seen for the first time by this process. */
      isNew: boolean
      /** Those bound to the node. */
      pods: readonly Stored<Pod>[]
      /** No node of the cluster is ready. */
      isTotalDisruption: boolean
      /** How long to wait before pods may be driven off a node of this zone. */
      evictionWaitMs: number
    }>
  | Readonly<{ type: 'gone'; name: string }>

type PresentNode = Extract<ObservedNode, { type: 'present' }>

/** kube-controller-manager's --node-monitor-grace-period and --node-startup-grace-period. */
export const monitorGraceMs = 50_000
const startupGraceMs = 60_000
const monitored = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

/** Which taint, without effect, a condition of a node stands for. */
const conditionTaints: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: notReadyTaint, Unknown: unreachableTaint },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
}
const unschedulableTaint = 'node.kubernetes.io/unschedulable'
const ownKeys = new Set([...Object.values(conditionTaints).flatMap(Object.values<string>), unschedulableTaint])

/** Declares a node lost that has not been heard of, keeps its taints in step with its conditions, and its pods from counting as ready. */
export function reconcileNode(observed: ObservedNode): readonly Action[] {
  if (observed.type === 'gone') {
    const message = `Removing Node ${observed.name} from Controller`
    return [event({ kind: 'Node', apiVersion: 'v1', name: observed.name }, 'Normal', 'RemovingNode', message)]
  }
  const { node, isNew } = observed
  const { name } = node.metadata
  const greeting = isNew ? [event(node, 'Normal', 'RegisteredNode', `Registered Node ${name} in Controller`)] : []
  const lost = declareLost(observed)
  // With the conditions as they will be: the next look does the rest.
  if (lost.length > 0) return [...greeting, ...lost]
  return [...greeting, ...keepTaints(observed), ...markPodsNotReady(observed), ...nextLook(observed)]
}

function deadlineMs({ node, heardMs }: PresentNode): number {
  return heardMs + (readyCondition(node) === undefined ? startupGraceMs : monitorGraceMs)
}

function declareLost(observed: PresentNode): readonly Action[] {
  const { node, nowMs } = observed
  if (nowMs <= deadlineMs(observed) || readyCondition(node)?.status === 'Unknown') return []
  const known = node.status.conditions ?? []
  const added = monitored.filter((type) => !known.some((each) => each.type === type))
  const conditions = [
    ...known.map((each) => (monitored.includes(each.type) ? unheard(each, nowMs) : each)),
    ...added.map((type) => neverHeard(type, node, nowMs)),
  ]
  const { name } = node.metadata
  const wasReady = readyCondition(node)?.status === 'True'
  const message = `Node ${name} status is now: NodeNotReady`
  return [
    updateStatus(kinds.nodes, { ...node, status: { ...node.status, conditions } }),
    ...(wasReady ? [event(node, 'Normal', 'NodeNotReady', message)] : []),
  ]
}

function unheard(condition: NodeCondition, nowMs: number): NodeCondition {
  if (condition.status === 'Unknown') return condition
  return {
    ...condition,
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastTransitionTime: timestampOf(nowMs),
  }
}

function neverHeard(type: string, { metadata }: Stored<Node>, nowMs: number): NodeCondition {
  return {
    type,
    status: 'Unknown',
    reason: 'NodeStatusNeverUpdated',
    message: 'Kubelet never posted node status.',
    lastHeartbeatTime: metadata.creationTimestamp,
    lastTransitionTime: timestampOf(nowMs),
  }
}

/** NoSchedule follows every condition at once; NoExecute only Ready, and slowly where many nodes are lost. */
function keepTaints(observed: PresentNode): readonly Action[] {
  const { node, nowMs, evictionWaitMs } = observed
  const known = node.spec.taints ?? []
  const execute = executeKey(observed)
  const isTainted = known.some((taint) => taint.effect === 'NoExecute' && isReadinessKey(taint.key))
  const mustWait = execute !== undefined && !isTainted && evictionWaitMs > 0
  const wanted = [
    ...scheduleKeys(node).map((key) => ({ key, effect: 'NoSchedule' })),
    ...(execute === undefined || mustWait ? [] : [{ key: execute, effect: 'NoExecute' }]),
  ]
  const others = known.filter((taint) => !isOwn(taint))
  const own = wanted.map((taint) => known.find((each) => isSame(each, taint)) ?? added(taint, nowMs))
  const isSettled = known.length === others.length + own.length && own.every((taint) => known.includes(taint))
  return [
    ...(isSettled ? [] : [writeTaints(node, [...others, ...own])]),
    ...(mustWait ? [requeue(evictionWaitMs)] : []),
  ]
}

/** Whether pods are to be driven off the node, and why. */
function executeKey({ node, isTotalDisruption }: PresentNode): string | undefined {
  if (isTotalDisruption) return undefined
  const status = readyCondition(node)?.status
  return status === 'False' ? notReadyTaint : status === 'Unknown' ? unreachableTaint : undefined
}

function scheduleKeys({ spec, status }: Stored<Node>): readonly string[] {
  const byCondition = (status.conditions ?? []).flatMap(({ type, status: is }) => conditionTaints[type]?.[is] ?? [])
  return spec.unschedulable ? [...byCondition, unschedulableTaint] : byCondition
}

function isReadinessKey(key: string): boolean {
  return key === notReadyTaint || key === unreachableTaint
}

function isOwn({ key, effect }: Taint): boolean {
  return effect === 'NoSchedule' ? ownKeys.has(key) : effect === 'NoExecute' && isReadinessKey(key)
}

function isSame(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect
}

function added(taint: Taint, nowMs: number): Taint {
  return { ...taint, timeAdded: timestampOf(nowMs) }
}

function markPodsNotReady({ node, pods, nowMs }: PresentNode): readonly Action[] {
  const ready = readyCondition(node)
  if (ready === undefined || ready.status === 'True') return []
  return pods.filter(isPodReady).flatMap((pod) => {
    const condition = { type: 'Ready', status: 'False', lastTransitionTime: timestampOf(nowMs) }
    const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } }
    return [
      { type: 'patch', target: targetOf(kinds.pods, pod), patch: { type: 'strategic', body }, subresource: 'status' },
      event(pod, 'Warning', 'NodeNotReady', 'Node is not ready'),
    ] satisfies readonly Action[]
  })
}

/** Until the node is lost there is a time at which it would be. */
function nextLook(observed: PresentNode): readonly Action[] {
  if (readyCondition(observed.node)?.status === 'Unknown') return []
  return [requeue(Math.max(0, deadlineMs(observed) - observed.nowMs) + 1)]
}
