import { equalJson } from '../api/json-value.ts'
import type { Container, PodCondition, ResourceRequirements } from '../api/kinds.generated.ts'
import type { LinuxResources, Container as RuntimeContainer } from '../runtime/pod-runtime.ts'
import { linuxResources } from './linux-resources.ts'
import { latestContainer, type ObservedPod } from './observed-pod.ts'
import type { KubeletPod } from './pod-containers.ts'

/** What a pod may use by the node's leave: of each container by name, and of the pod as a whole by ''. */
export type Allocation = ReadonlyMap<string, ResourceRequirements | undefined>

/** How far a resize is: waiting for room, or under way. */
export type ResizeState = Readonly<{
  pending?: Readonly<{ reason: 'Deferred'; message: string; generation: number }>
  inProgress?: Readonly<{ generation: number; error?: string }>
}>

export const pendingCondition = 'PodResizePending'
export const inProgressCondition = 'PodResizeInProgress'

/** The containers that can be resized: all but those for debugging. */
function resizable({ spec }: KubeletPod): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers]
}

export function allocationOf(pod: KubeletPod): Allocation {
  return new Map([['', pod.spec.resources], ...resizable(pod).map(({ name, resources }) => [name, resources] as const)])
}

/** What an earlier kubelet had given the pod, as far as the pod's status tells. */
export function recalledAllocation(pod: KubeletPod): Allocation {
  const allocation = new Map(allocationOf(pod))
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status
  for (const { name, allocatedResources, resources } of [...initContainerStatuses, ...containerStatuses]) {
    if (allocatedResources === undefined || !allocation.has(name)) continue
    const { limits } = resources ?? {}
    allocation.set(name, { ...allocation.get(name), requests: allocatedResources, ...(limits && { limits }) })
  }
  return allocation
}

/** The pod with what it has been given, in place of what it asks for. */
export function withAllocation(pod: KubeletPod, allocation: Allocation): KubeletPod {
  const { resources: asked, initContainers, ...spec } = pod.spec
  const resources = allocation.has('') ? allocation.get('') : asked
  return {
    ...pod,
    spec: {
      ...spec,
      ...(resources && { resources }),
      ...(initContainers && { initContainers: initContainers.map((one) => allocated(one, allocation)) }),
      containers: spec.containers.map((one) => allocated(one, allocation)),
    },
  }
}

function allocated(container: Container, allocation: Allocation): Container {
  if (!allocation.has(container.name)) return container
  const { resources: _, ...others } = container
  const resources = allocation.get(container.name)
  return { ...others, ...(resources && { resources }) }
}

export function isAllocated(desired: KubeletPod, allocation: Allocation): boolean {
  for (const [name, resources] of allocationOf(desired)) {
    if (!equalJson(resources ?? {}, allocation.get(name) ?? {})) return false
  }
  return true
}

/** Which of a running container's settings are not those that it is to have. */
export function changedResources(
  pod: KubeletPod,
  container: Container,
  running: RuntimeContainer,
  nodeMemoryBytes: number,
): Readonly<{ wanted: LinuxResources; changed: readonly ('cpu' | 'memory')[] }> {
  const { oomScoreAdj } = running.resources
  // The kernel's order of victims was settled when the container started.
  const wanted = { ...linuxResources(pod, container, nodeMemoryBytes), oomScoreAdj }
  const now = running.resources
  const isCpu = wanted.cpuShares !== now.cpuShares || wanted.cpuQuotaUs !== now.cpuQuotaUs
  const isMemory = wanted.memoryLimitBytes !== now.memoryLimitBytes
  return { wanted, changed: [...(isCpu ? (['cpu'] as const) : []), ...(isMemory ? (['memory'] as const) : [])] }
}

/** Whether one of the resources can only be changed by a new start. */
export function needsRestart({ resizePolicy = [] }: Container, changed: readonly ('cpu' | 'memory')[]): boolean {
  return resizePolicy.some(
    ({ resourceName, restartPolicy }) =>
      restartPolicy === 'RestartContainer' && changed.some((resource) => resource === resourceName),
  )
}

/** Whether all that runs has what the pod was given. */
export function isActuated(pod: KubeletPod, observed: ObservedPod, nodeMemoryBytes: number): boolean {
  return resizable(pod).every((container) => {
    const latest = latestContainer(observed, container.name)
    // What does not run will start with what it was given.
    return latest?.state !== 'running' || changedResources(pod, container, latest, nodeMemoryBytes).changed.length === 0
  })
}

export function resizeConditions(
  { pending, inProgress }: ResizeState,
  before: readonly PodCondition[],
  now: string,
): readonly PodCondition[] {
  const known = (type: string): string => before.find((one) => one.type === type)?.lastTransitionTime ?? now
  const made = (type: string, generation: number, more: Partial<PodCondition>): PodCondition => ({
    type,
    observedGeneration: generation,
    status: 'True',
    lastTransitionTime: known(type),
    ...more,
  })
  return [
    ...(pending === undefined
      ? []
      : [made(pendingCondition, pending.generation, { reason: pending.reason, message: pending.message })]),
    ...(inProgress === undefined ? [] : [made(inProgressCondition, inProgress.generation, errorOf(inProgress.error))]),
  ]
}

function errorOf(error: string | undefined): Partial<PodCondition> {
  return error === undefined ? {} : { reason: 'Error', message: error }
}

/** The text of the events about a resize: what is asked for, container by container. */
export function resizeText(what: string, pod: KubeletPod, generation: number, error?: string): string {
  const shown = (containers: readonly Container[]) =>
    containers.map(({ name, resources = {} }) => ({ name, resources }))
  const { initContainers = [], containers } = pod.spec
  const summary = {
    ...(initContainers.length === 0 ? {} : { initContainers: shown(initContainers) }),
    containers: shown(containers),
    generation,
    ...(error === undefined ? {} : { error }),
  }
  return `Pod resize ${what}: ${JSON.stringify(summary)}`
}
