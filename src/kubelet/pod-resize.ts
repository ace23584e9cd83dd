import { fail, ok, type Result } from '../api/result.ts'
import { timestampOf } from '../api/wire-time.ts'
import { writeAllocation } from './allocation-record.ts'
import { containerAmounts } from './container-amounts.ts'
import { linuxResources } from './linux-resources.ts'
import { type ObservedPod, observePod, runningContainers } from './observed-pod.ts'
import { allocationOf, asksForMore, isAllocated, withAllocation } from './pod-allocation.ts'
import { podCgroup, podCgroupResources, widest } from './pod-cgroup.ts'
import { containerNamed, type KubeletPod } from './pod-containers.ts'
import type { PodMemory, PodParts } from './pod-parts.ts'
import { resizeMessage, withInProgress, withoutInProgress, withoutPending, withPending } from './resize-conditions.ts'
import {
  containerResize,
  currentResources,
  podIsResized,
  type ResizedResource,
  type ResizeUpdate,
} from './resize-plan.ts'

/** Grants what the pod asks for where the node has it: Kubernetes' handlePodResourcesResize. Decides at once, so that no two get the same. */
export function allocateResize(parts: PodParts, memory: PodMemory): boolean {
  const { wanted, allocation } = memory
  if (allocation === undefined) return false
  if (isAllocated(wanted, allocation)) {
    memory.resize = withoutPending(memory.resize)
    return false
  }
  const now = timestampOf(parts.deps.clock.nowMs())
  const generation = wanted.metadata.generation ?? 0
  const rejection = parts.admit(wanted)
  if (rejection !== undefined) {
    const known = memory.resize.pending
    memory.resize = withPending(memory.resize, rejection.reason, rejection.message, generation, now)
    const shown = memory.resize.pending?.reason ?? ''
    if (known?.reason !== shown || known.observedGeneration !== generation)
      parts.events.pod(
        wanted,
        'Warning',
        `Resize${shown}`,
        resizeMessage(`Pod resize ${rejection.reason}`, wanted, generation, rejection.message),
      )
    return false
  }
  const before = memory.pod
  memory.allocation = allocationOf(wanted)
  memory.pod = withAllocation(wanted, memory.allocation)
  memory.resize = withInProgress(withoutInProgress(withoutPending(memory.resize)), '', '', generation, now)
  parts.events.pod(wanted, 'Normal', 'ResizeStarted', resizeMessage('Pod resize started', wanted, generation))
  if (asksForMore(memory.pod, before)) parts.roomTaken()
  else parts.roomMade()
  return true
}

/** What has been granted is done when all that runs has it; tells so once. */
export function noteProgress({ deps, events }: PodParts, memory: PodMemory, observed: ObservedPod): void {
  const { pod, actuated, resize } = memory
  const under = runningContainers(observed).some((running) => {
    const container = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(
      ({ name, restartPolicy }) =>
        name === running.name && (restartPolicy === 'Always' || pod.spec.containers.some((c) => c.name === name)),
    )
    return container !== undefined && containerResize(pod, container, running, actuated).type !== 'none'
  })
  const generation = pod.metadata.generation ?? 0
  if (under || podIsResized(pod, actuated)) {
    memory.resize = withInProgress(resize, '', '', generation, timestampOf(deps.clock.nowMs()))
    return
  }
  if (resize.inProgress === undefined) return
  memory.resize = withoutInProgress(resize)
  const at = resize.inProgress.observedGeneration ?? 0
  events.pod(pod, 'Normal', 'ResizeCompleted', resizeMessage('Pod resize completed', pod, at))
}

/** Gives running containers, and the pod's cgroup around them, what was granted. */
export async function performResize(
  parts: PodParts,
  memory: PodMemory,
  updates: readonly ResizeUpdate[],
): Promise<Result<void, string>> {
  const done = (await memoryFault(parts, memory, updates)) ?? (await resizeAll(parts, memory, updates))
  await saveAllocation(parts, memory)
  if (done === undefined) return ok(undefined)
  const { pod } = memory
  const known = memory.resize.inProgress
  const now = timestampOf(parts.deps.clock.nowMs())
  memory.resize = withInProgress(memory.resize, 'Error', done, pod.metadata.generation, now)
  const { inProgress } = memory.resize
  if (inProgress !== known)
    parts.events.pod(
      pod,
      'Warning',
      'ResizeError',
      resizeMessage('Pod resize error', pod, inProgress?.observedGeneration ?? 0, done),
    )
  return fail(done)
}

export async function saveAllocation({ deps }: PodParts, { pod, allocation, actuated }: PodMemory): Promise<void> {
  if (allocation !== undefined) await writeAllocation(deps, pod.metadata.uid, { allocation, actuated })
}

/** A limit below what is in use would end the container: better not begin. */
async function memoryFault(
  { deps }: PodParts,
  memory: PodMemory,
  updates: readonly ResizeUpdate[],
): Promise<string | undefined> {
  const { pod, actuated } = memory
  const shrinking = updates.filter(({ resource, shrinks }) => resource === 'memory' && shrinks)
  if (shrinking.length === 0) return undefined
  const stats = await deps.runtime.stats()
  const faults = shrinking.flatMap(({ id, container }) => {
    const usedBytes = stats.find(({ containerId }) => containerId === id)?.memoryUsageBytes
    const spec = containerNamed(pod, container)
    const { memoryLimitBytes } = containerAmounts(pod.spec.resources, spec?.resources)
    const before = containerAmounts(actuated.pod, hadBefore(deps.runtime, memory, id)).memoryLimitBytes
    if (usedBytes === undefined || memoryLimitBytes === 0 || (before !== 0 && before <= memoryLimitBytes)) return []
    if (usedBytes < memoryLimitBytes) return []
    const name = JSON.stringify(container)
    return [`attempting to set container ${name} memory limit (${memoryLimitBytes}) below current usage (${usedBytes})`]
  })
  if (faults.length === 0) return undefined
  return `cannot decrease memory limits: ${faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`}`
}

/** The first failure, in the runtime's words. Around what grows the pod grows first; around what shrinks it shrinks last. */
async function resizeAll(
  parts: PodParts,
  memory: PodMemory,
  updates: readonly ResizeUpdate[],
): Promise<string | undefined> {
  const { runtime, config } = parts.deps
  const { pod } = memory
  const path = podCgroup(pod)
  const around = podCgroupResources(pod, config.configuration)
  const before = podCgroupResources(asActuated(memory, observePod(runtime, pod.metadata.uid)), config.configuration)
  const widened = await runtime.limitCgroup(path, widest(before, around))
  if (!widened.ok) return widened.error.message
  for (const update of updates) {
    const failure = await resizeOne(parts, memory, update)
    if (failure !== undefined) return failure
  }
  const limited = await runtime.limitCgroup(path, around)
  if (!limited.ok) return limited.error.message
  const { resources } = pod.spec
  memory.actuated = { containers: memory.actuated.containers, ...(resources && { pod: resources }) }
  return undefined
}

/** The pod with what its running containers have. */
function asActuated({ pod, allocation, actuated }: PodMemory, observed: ObservedPod): KubeletPod {
  const running = runningContainers(observed).map(
    (container) => [container.name, currentResources(container, actuated)] as const,
  )
  return withAllocation(pod, {
    ...(actuated.pod && { pod: actuated.pod }),
    containers: { ...allocation?.containers, ...Object.fromEntries(running) },
  })
}

async function resizeOne(
  { deps }: PodParts,
  memory: PodMemory,
  { id, container: name, resource }: ResizeUpdate,
): Promise<string | undefined> {
  const { pod, actuated } = memory
  const container = containerNamed(pod, name)
  if (container === undefined) return undefined
  const next = { ...container, resources: mixed(hadBefore(deps.runtime, memory, id), container.resources, resource) }
  const settings = linuxResources(pod, next, deps.config.capacity.memoryBytes)
  const updated = await deps.runtime.updateResources(id, settings)
  if (!updated.ok) return updated.error.message
  memory.actuated = { ...actuated, containers: new Map(actuated.containers).set(id, next.resources) }
  return undefined
}

type Resources = NonNullable<KubeletPod['spec']['containers'][number]['resources']>

function hadBefore(runtime: PodParts['deps']['runtime'], { actuated }: PodMemory, id: string): Resources {
  const running = runtime.containers().find((container) => container.id === id)
  return running === undefined ? {} : currentResources(running, actuated)
}

/** What a container had, but for one resource. */
function mixed(before: Resources = {}, after: Resources = {}, resource: ResizedResource): Resources {
  const list = (name: 'limits' | 'requests') => {
    const { [resource]: _, ...others } = before[name] ?? {}
    const value = after[name]?.[resource]
    return value === undefined ? others : { ...others, [resource]: value }
  }
  return { limits: list('limits'), requests: list('requests') }
}
