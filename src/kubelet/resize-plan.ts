import type { Container } from '../api/kinds.generated.ts'
import type { Container as RuntimeContainer } from '../runtime/pod-runtime.ts'
import { type ContainerAmounts, containerAmounts, sameAmounts } from './container-amounts.ts'
import type { PodAllocation } from './pod-allocation.ts'
import type { KubeletPod } from './pod-containers.ts'

type Resources = NonNullable<Container['resources']>

export type ResizedResource = 'cpu' | 'memory'

/** One resource of a running container that is to be as the pod was granted. */
export type ResizeUpdate = Readonly<{ id: string; container: string; resource: ResizedResource; shrinks: boolean }>

/** What runs: the resources that each container was given last, by its id, and those of the pod as a whole. */
export type Actuated = Readonly<{
  pod?: NonNullable<PodAllocation['pod']>
  containers: ReadonlyMap<string, Resources>
}>

/** On every container, the resources that it was made with. */
export const resourcesLabel = 'io.coracle.container.resources'

/** What a running container has, as long as nobody has changed it since it was made. */
export function madeWith({ labels }: RuntimeContainer): Resources | undefined {
  const text = labels[resourcesLabel]
  return text === undefined ? undefined : (JSON.parse(text) as Resources)
}

/** Whether a running container is to be changed, and how: Kubernetes' computePodResizeAction. */
export type ContainerResize =
  | Readonly<{ type: 'none' }>
  /** Its resize policy says that it cannot change while it runs. */
  | Readonly<{ type: 'restart' }>
  | Readonly<{ type: 'update'; updates: readonly ResizeUpdate[] }>

export function containerResize(
  pod: KubeletPod,
  container: Container,
  running: RuntimeContainer,
  actuated: Actuated,
): ContainerResize {
  const desired = containerAmounts(pod.spec.resources, container.resources)
  const current = containerAmounts(actuated.pod, currentResources(running, actuated))
  if (sameAmounts(desired, current)) return { type: 'none' }
  const changed = (['memory', 'cpu'] as const).filter((resource) => shareOf(desired, resource, current) !== 0)
  const restarts = changed.some((resource) =>
    container.resizePolicy?.some(
      ({ resourceName, restartPolicy }) => resourceName === resource && restartPolicy === 'RestartContainer',
    ),
  )
  if (restarts) return { type: 'restart' }
  return {
    type: 'update',
    updates: changed.map((resource) => ({
      id: running.id,
      container: container.name,
      resource,
      shrinks: shareOf(desired, resource, current) < 0,
    })),
  }
}

/** Containers of a time before anything was written down are taken to have nothing. */
export function currentResources(running: RuntimeContainer, { containers }: Actuated): Resources {
  return containers.get(running.id) ?? madeWith(running) ?? {}
}

/** By how much the limit, or else the request, of a resource is to change. */
function shareOf(desired: ContainerAmounts, resource: ResizedResource, current: ContainerAmounts): number {
  if (resource === 'cpu')
    return desired.cpuLimitMilli - current.cpuLimitMilli || desired.cpuRequestMilli - current.cpuRequestMilli
  return desired.memoryLimitBytes - current.memoryLimitBytes || desired.memoryRequestBytes - current.memoryRequestBytes
}

/** What shrinks makes place for what grows: it comes first. Memory before the processor. */
export function inResizeOrder(updates: readonly ResizeUpdate[]): readonly ResizeUpdate[] {
  const of = (resource: ResizedResource): readonly ResizeUpdate[] => {
    const own = updates.filter((update) => update.resource === resource)
    return [...own.filter(({ shrinks }) => shrinks).reverse(), ...own.filter(({ shrinks }) => !shrinks)]
  }
  return [...of('memory'), ...of('cpu')]
}

/** Whether the pod as a whole has other resources than it was granted. */
export function podIsResized(pod: KubeletPod, actuated: Actuated): boolean {
  return !sameAmounts(containerAmounts(undefined, pod.spec.resources), containerAmounts(undefined, actuated.pod))
}
