import type { LinuxResources } from '../runtime/pod-runtime.ts'
import { observePod } from './observed-pod.ts'
import type { PodMemory, PodParts } from './pod-parts.ts'
import { allocationOf, isActuated, isAllocated, resizeText } from './pod-resize.ts'

/** Kubernetes' retryDelay of its allocation manager: how long a deferred resize waits where nothing gives it room before. */
const deferredRetryMs = 3 * 60_000

/** Gives the pod what it asks for, if the node has it. When to ask again where it has not. */
export function allocateResize(parts: PodParts, memory: PodMemory): number | undefined {
  const { deps, events } = parts
  const { desired, resize } = memory
  const { generation = 0 } = desired.metadata
  if (isAllocated(desired, memory.allocated)) {
    memory.resize = withoutPending(resize)
    return undefined
  }
  const refused = parts.admit(desired)
  if (refused !== undefined) {
    const { pending } = resize
    const isNew = pending?.generation !== generation
    memory.resize = { ...resize, pending: { reason: 'Deferred', message: refused.message, generation } }
    if (isNew)
      events.pod(desired, 'Warning', 'ResizeDeferred', resizeText('Deferred', desired, generation, refused.message))
    return deps.clock.nowMs() + deferredRetryMs
  }
  memory.allocated = allocationOf(desired)
  memory.pod = desired
  memory.resize = { inProgress: { generation } }
  events.pod(desired, 'Normal', 'ResizeStarted', resizeText('started', desired, generation))
  return undefined
}

function withoutPending({ pending: _, ...others }: PodMemory['resize']): PodMemory['resize'] {
  return others
}

/** Notes that all containers have what the pod was given; whether that is news. */
export function noteActuation({ deps, events }: PodParts, memory: PodMemory): boolean {
  const { pod } = memory
  const { inProgress, ...others } = memory.resize
  const { memoryBytes } = deps.config.capacity
  if (inProgress === undefined || !isActuated(pod, observePod(deps.runtime, pod.metadata.uid), memoryBytes))
    return false
  memory.resize = others
  events.pod(pod, 'Normal', 'ResizeCompleted', resizeText('completed', pod, inProgress.generation))
  return true
}

/** Changes a running container's settings. The message of what went wrong. */
export async function resizeContainer(
  { deps }: PodParts,
  id: string,
  name: string,
  wanted: LinuxResources,
): Promise<string | undefined> {
  const { runtime } = deps
  const limitBytes = wanted.memoryLimitBytes
  // The kernel would kill what no longer fits.
  const usedBytes = limitBytes === undefined ? undefined : await usageBytes(deps, id)
  if (limitBytes !== undefined && usedBytes !== undefined && usedBytes > limitBytes)
    return `attempting to set container ${JSON.stringify(name)} memory limit (${limitBytes}) below current usage (${usedBytes})`
  const updated = await runtime.updateResources(id, wanted)
  return updated.ok ? undefined : updated.error.message
}

async function usageBytes({ runtime }: PodParts['deps'], id: string): Promise<number | undefined> {
  const stats = await runtime.stats()
  return stats.find((one) => one.containerId === id)?.memoryWorkingSetBytes
}

/** A resize that did not go as it should: told once for each reason. */
export function noteResizeError({ events }: PodParts, memory: PodMemory, error: string): void {
  const { generation = 0 } = memory.pod.metadata
  if (memory.resize.inProgress?.error !== error)
    events.pod(memory.pod, 'Warning', 'ResizeError', resizeText('error', memory.pod, generation, error))
  memory.resize = { ...memory.resize, inProgress: { generation, error } }
}
