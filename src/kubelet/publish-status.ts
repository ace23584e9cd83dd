import type { PodStatus } from '../api/kinds.generated.ts'
import { timestampOf } from '../api/wire-time.ts'
import { hostIps } from './kubelet-config.ts'
import { type ObservedPod, observePod, runningContainers } from './observed-pod.ts'
import { kubeletConditions } from './pod-conditions.ts'
import { containerNamed, isTerminalPhase, type KubeletPod } from './pod-containers.ts'
import type { PodMemory, PodParts } from './pod-parts.ts'
import { podStatus } from './pod-status.ts'
import { qosClass } from './qos-class.ts'
import { readTerminationMessage } from './termination-message.ts'

/** Computes the pod's status from what is there now, and has it written. `terminal`: nothing of the pod will start again. */
export async function publishStatus(parts: PodParts, memory: PodMemory, terminal: boolean): Promise<PodStatus> {
  const { deps, statuses, probes } = parts
  const { pod } = memory
  const observed = observePod(deps.runtime, pod.metadata.uid)
  await readMessages(parts, memory, observed)
  probes.recall(
    pod,
    runningContainers(observed).map(({ id }) => id),
  )
  const before = statusBefore(pod, statuses.latest(pod.metadata.uid))
  const computed = podStatus({
    runtime: deps.runtime.name,
    pod,
    observed,
    failures: memory.failures,
    terminationMessages: memory.terminationMessages,
    probes: probes.results,
    actuated: memory.actuated,
    deviceHealth: (container) => [
      ...parts.plugins.devices.health(pod.metadata.uid, container),
      ...parts.plugins.claims.health(pod, container),
    ],
    resize: terminal ? {} : memory.resize,
    ...(memory.disruption === undefined ? {} : { disruption: memory.disruption }),
    before,
    hostIps: hostIps(deps.config),
    terminal,
    ...(memory.verdict === undefined ? {} : { verdict: memory.verdict }),
    nowMs: deps.clock.nowMs(),
  })
  const status = terminal ? ended(computed) : computed
  // Others may give a pod's place away once its phase is terminal: not while anything of it still runs.
  const early =
    isTerminalPhase(status.phase) && !isTerminalPhase(before.phase) && runningContainers(observed).length > 0
  const shown = early && before.phase !== undefined ? { ...status, phase: before.phase } : status
  statuses.set(pod, shown)
  return status
}

/** The status of a pod that the node would not take: nothing of it was ever made. */
export function publishRejection({ deps, statuses }: PodParts, { pod, verdict }: PodMemory): void {
  const { conditions, startTime = timestampOf(deps.clock.nowMs()) } = pod.status
  statuses.set(pod, {
    phase: 'Failed',
    ...(conditions === undefined ? {} : { conditions }),
    ...verdict,
    startTime,
    qosClass: qosClass(pod),
  })
}

/** Conditions of others as the API server has them now, the kubelet's as it last computed them. */
function statusBefore({ status }: KubeletPod, latest: PodStatus | undefined): PodStatus {
  if (latest === undefined) return status
  const foreign = (status.conditions ?? []).filter(({ type }) => !kubeletConditions.has(type))
  const own = (latest.conditions ?? []).filter(({ type }) => kubeletConditions.has(type))
  return { ...latest, conditions: [...foreign, ...own] }
}

/** A pod that is over without its containers having said how has failed. */
function ended(status: PodStatus): PodStatus {
  return isTerminalPhase(status.phase) ? status : { ...status, phase: 'Failed' }
}

/** Last words are read once, when a container has ended. */
async function readMessages({ deps }: PodParts, memory: PodMemory, observed: ObservedPod): Promise<void> {
  const present = new Set(observed.containers.map(({ id }) => id))
  for (const id of memory.terminationMessages.keys()) if (!present.has(id)) memory.terminationMessages.delete(id)
  for (const container of observed.containers) {
    if (container.state !== 'exited' || memory.terminationMessages.has(container.id)) continue
    const spec = containerNamed(memory.pod, container.name)
    if (spec === undefined) continue
    const message = await readTerminationMessage(deps.disk, deps.config.rootDirectory, spec, container)
    memory.terminationMessages.set(container.id, message)
  }
}
