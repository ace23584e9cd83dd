import { matchesNodeAffinity } from '../api/node-selector.ts'
import { fail, ok, type Result } from '../api/result.ts'
import type { ClusterView } from './cluster.ts'
import { chooseDevices, type PodDevices, podDevices } from './devices/choose-devices.ts'
import { isExclusiveClaimTaken } from './exclusive-claims.ts'
import type { NodeInfo } from './node-info.ts'
import { type AffinityState, affinityState, checkAffinity } from './pod-affinity.ts'
import type { PodInfo } from './pod-info.ts'
import type { Resources } from './resources.ts'
import { toleratesCordon, toleratesNode } from './taints.ts'
import { checkSpread, type SpreadState, spreadState } from './topology-spread.ts'
import { chooseVolumes, type PodClaims, podClaims } from './volume-binding.ts'
import { type CsiVolumes, csiVolumesOf, exceedsLimits } from './volume-limits.ts'

/** Names of kube-scheduler's filter plugins, as messages and events show them. */
export type Plugin =
  | 'NodeUnschedulable'
  | 'NodeName'
  | 'TaintToleration'
  | 'NodeAffinity'
  | 'NodePorts'
  | 'NodeResourcesFit'
  | 'VolumeRestrictions'
  | 'NodeVolumeLimits'
  | 'VolumeBinding'
  | 'PodTopologySpread'
  | 'InterPodAffinity'
  | 'DynamicResources'

export type Rejection = Readonly<{
  plugin: Plugin
  /** Worded as kube-scheduler words them; they are counted and shown in the pod's condition. */
  reasons: readonly string[]
  /** Whether the node could do if other pods were removed from it. */
  resolvable: boolean
}>

/** What is worked out once for a pod, before any node is looked at. */
export type FilterState = Readonly<{
  claims: PodClaims | undefined
  /** What its claims have attached to the node. */
  csiVolumes: CsiVolumes
  isExclusiveClaimTaken: boolean
  devices: PodDevices | undefined
  spread: SpreadState | undefined
  affinity: AffinityState | undefined
}>

export type Hopeless = Readonly<{ plugin: Plugin; why: string }>

/** The error: why the pod can run nowhere, whichever node is looked at. */
export function filterState(pod: PodInfo, view: ClusterView): Result<FilterState, Hopeless> {
  const claims = podClaims(pod.pod, view.volumes)
  if (!claims.ok) return fail({ plugin: 'VolumeBinding', why: claims.error })
  const devices = podDevices(pod.pod, view.devices, pod.requests.scalars)
  if (!devices.ok) return fail({ plugin: 'DynamicResources', why: devices.error })
  return ok({
    claims: claims.value,
    csiVolumes: csiVolumesOf(pod, view.volumes),
    isExclusiveClaimTaken: isExclusiveClaimTaken(pod, view),
    devices: devices.value,
    spread: spreadState(pod, view),
    affinity: affinityState(pod, view),
  })
}

/**
 * A node is also judged with the pods that wait for it after preempting others, as far as they are at least as important
 * (RunFilterPluginsWithNominatedPods).
 */
export function filterWithNominated(
  pod: PodInfo,
  node: NodeInfo,
  state: FilterState,
  view: ClusterView,
): Rejection | undefined {
  const others = view.nominatedTo(node.name).filter(({ uid, priority }) => uid !== pod.uid && priority >= pod.priority)
  if (others.length > 0) {
    const crowded = node.clone()
    for (const other of others) crowded.add(other)
    const rejected = filterNode(pod, crowded, state, view)
    if (rejected !== undefined) return rejected
  }
  return filterNode(pod, node, state, view)
}

/** The first filter, in kube-scheduler's order, that the node does not pass; undefined: the pod can run there. */
function filterNode(pod: PodInfo, node: NodeInfo, state: FilterState, view: ClusterView): Rejection | undefined {
  const { spec } = pod.pod
  if (node.node.spec?.unschedulable === true && !toleratesCordon(pod.tolerations)) {
    return never('NodeUnschedulable', 'node(s) were unschedulable')
  }
  if (spec.nodeName !== undefined && spec.nodeName !== '' && spec.nodeName !== node.name) {
    return never('NodeName', "node(s) didn't match the requested node name")
  }
  if (node.taints.length > 0 && !toleratesNode(pod.tolerations, node.taints)) {
    return never('TaintToleration', 'node(s) had untolerated taint(s)')
  }
  if (!matchesNodeAffinity(pod.pod, node.node))
    return never('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
  if (!pod.hostPorts.every((port) => node.hostPortFree(port))) {
    const reasons = ["node(s) didn't have free ports for the requested pod ports"]
    return { plugin: 'NodePorts', reasons, resolvable: true }
  }
  return (
    fitResources(pod, node, view) ??
    filterByVolumes(node, state, view) ??
    filterByOthers(pod, node, state, view) ??
    filterByDevices(pod, node, state, view)
  )
}

const takenClaim =
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod'

function filterByVolumes(node: NodeInfo, state: FilterState, view: ClusterView): Rejection | undefined {
  const { claims } = state
  if (state.isExclusiveClaimTaken) return { plugin: 'VolumeRestrictions', reasons: [takenClaim], resolvable: true }
  if (exceedsLimits(state.csiVolumes, node, view.volumes))
    return { plugin: 'NodeVolumeLimits', reasons: ['node(s) exceed max volume count'], resolvable: true }
  const choice = claims && chooseVolumes(claims, node, view.volumes)
  return choice === undefined || choice.ok
    ? undefined
    : { plugin: 'VolumeBinding', reasons: choice.error, resolvable: false }
}

function filterByDevices(
  pod: PodInfo,
  { node }: NodeInfo,
  { devices }: FilterState,
  view: ClusterView,
): Rejection | undefined {
  const choice = devices && chooseDevices(pod.pod, devices, node, view.devices)
  return choice === undefined || choice.ok ? undefined : never('DynamicResources', choice.error)
}

function filterByOthers(
  pod: PodInfo,
  node: NodeInfo,
  { spread, affinity }: FilterState,
  view: ClusterView,
): Rejection | undefined {
  const uneven = spread && checkSpread(node, spread)
  if (uneven !== undefined)
    return { plugin: 'PodTopologySpread', reasons: [uneven.reason], resolvable: uneven.resolvable }
  const apart = affinity && checkAffinity(pod, node, affinity, view)
  return apart && { plugin: 'InterPodAffinity', reasons: [apart.reason], resolvable: apart.resolvable }
}

function fitResources({ requests }: PodInfo, node: NodeInfo, { devices }: ClusterView): Rejection | undefined {
  const { allocatable, requested } = node
  const reasons: string[] = []
  let resolvable = true
  if (node.pods.size + 1 > node.allowedPods) reasons.push('Too many pods')
  const check = (name: string, wanted: number, capacity: number, used: number): void => {
    if (wanted === 0 || wanted <= capacity - used) return
    reasons.push(`Insufficient ${name}`)
    if (wanted > capacity) resolvable = false
  }
  check('cpu', requests.milliCpu, allocatable.milliCpu, requested.milliCpu)
  check('memory', requests.memoryBytes, allocatable.memoryBytes, requested.memoryBytes)
  check(
    'ephemeral-storage',
    requests.ephemeralStorageBytes,
    allocatable.ephemeralStorageBytes,
    requested.ephemeralStorageBytes,
  )
  for (const [name, wanted] of requests.scalars) {
    // Where no plugin provides it, devices may stand for it.
    if (scalar(allocatable, name) === 0 && devices.classFor(name) !== undefined) continue
    check(name, wanted, scalar(allocatable, name), scalar(requested, name))
  }
  return reasons.length === 0 ? undefined : { plugin: 'NodeResourcesFit', reasons, resolvable }
}

function scalar({ scalars }: Resources, name: string): number {
  return scalars.get(name) ?? 0
}

export function never(plugin: Plugin, reason: string): Rejection {
  return { plugin, reasons: [reason], resolvable: false }
}
