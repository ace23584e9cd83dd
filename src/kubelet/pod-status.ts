import type { PodCondition, PodStatus } from '../api/kinds.generated.ts'
import { timestampOf } from '../api/wire-time.ts'
import { containerStatuses, type StatusInput } from './container-statuses.ts'
import { readySandbox, sandboxNeed } from './observed-pod.ts'
import { podConditions } from './pod-conditions.ts'
import { isTerminalPhase } from './pod-containers.ts'
import { type PodPhase, podPhase } from './pod-phase.ts'
import { podResources } from './pod-resources-status.ts'
import { qosClass } from './qos-class.ts'
import type { ResizeConditions } from './resize-conditions.ts'

export type PodStatusInput = StatusInput &
  Readonly<{
    /** The newest status that is known to have been written: what is not observed is carried over from it. */
    before: PodStatus
    hostIps: readonly string[]
    /** Nothing of the pod will be started again. */
    terminal: boolean
    /** Why the kubelet ended the pod (Evicted, DeadlineExceeded): overrides what its containers say. */
    verdict?: Readonly<{ reason: string; message: string }>
    resize: ResizeConditions
    /** That the kubelet ended it to spare the node. */
    disruption?: PodCondition
    nowMs: number
  }>

/** The status of a pod as observed: a function of the pod, what the runtime has of it, and the status before. */
export function podStatus(input: PodStatusInput): PodStatus {
  const { pod, observed, before } = input
  const { spec } = pod
  const regular = containerStatuses(input, spec.containers, before.containerStatuses ?? [], 'regular')
  const init = containerStatuses(input, spec.initContainers ?? [], before.initContainerStatuses ?? [], 'init')
  const ephemeral = containerStatuses(
    input,
    spec.ephemeralContainers ?? [],
    before.ephemeralContainerStatuses ?? [],
    'ephemeral',
  )
  const started = observed.containers.some(
    ({ name, state }) => state !== 'created' && spec.containers.some((container) => container.name === name),
  )
  const computed = podPhase(pod, [...regular, ...init], input.terminal, started)
  const phase = settledPhase(input, computed)
  const now = timestampOf(input.nowMs)
  const conditions = podConditions({
    pod,
    phase,
    statuses: [...init, ...regular],
    sandboxReady: !sandboxNeed(observed, spec.hostNetwork ?? false).needed,
    before: before.conditions ?? [],
    resize: input.resize,
    ...(input.disruption === undefined ? {} : { disruption: input.disruption }),
    now,
  })
  return {
    ...kept(before),
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    conditions,
    ...reasonOf(input, phase),
    ...addresses(input),
    startTime: before.startTime ?? now,
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    containerStatuses: regular,
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
    qosClass: qosClass(pod),
    ...podResources(pod, input.actuated.pod ?? spec.resources),
  }
}

/** A pod never leaves a terminal phase. */
function settledPhase({ before, pod, verdict }: PodStatusInput, computed: PodPhase): PodPhase {
  if (verdict !== undefined) return 'Failed'
  const settled = [pod.status.phase, before.phase].find(isTerminalPhase)
  return settled === undefined ? computed : (settled as PodPhase)
}

function reasonOf({ before, verdict }: PodStatusInput, phase: PodPhase): Pick<PodStatus, 'reason' | 'message'> {
  const { reason, message } = verdict ?? (before.phase === phase ? before : {})
  return { ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) }
}

/** Fields that others write. */
function kept({ nominatedNodeName, resourceClaimStatuses, extendedResourceClaimStatus }: PodStatus): PodStatus {
  return {
    ...(nominatedNodeName === undefined ? {} : { nominatedNodeName }),
    ...(resourceClaimStatuses === undefined ? {} : { resourceClaimStatuses }),
    ...(extendedResourceClaimStatus === undefined ? {} : { extendedResourceClaimStatus }),
  }
}

/** A pod keeps its address in the status until another sandbox gives it a new one; on the host's network it has the host's. */
function addresses({ pod, observed, before, hostIps }: PodStatusInput): PodStatus {
  const host = hostIps.map((ip) => ({ ip }))
  const first = hostIps[0]
  const hostPart = first === undefined ? {} : { hostIP: first, hostIPs: host }
  const sandbox = readySandbox(observed) ?? observed.sandboxes[0]
  const observedIps = pod.spec.hostNetwork && sandbox !== undefined ? hostIps : (sandbox?.ips ?? [])
  const podIps = observedIps.length > 0 ? observedIps : (before.podIPs ?? []).map(({ ip }) => ip)
  const podIp = podIps[0]
  return { ...hostPart, ...(podIp === undefined ? {} : { podIP: podIp, podIPs: podIps.map((ip) => ({ ip })) }) }
}
