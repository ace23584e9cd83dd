import type { JsonObject } from '../json-value.ts'
import type { Container, Pod, PodSpec, ResourceRequirements } from '../kinds.generated.ts'
import { podQosClass } from '../pod-qos.ts'
import { child, type Errors, forbidden, index, invalid, sameValue } from './field-error.ts'
import { validateMetaUpdate } from './object-meta.ts'
import { mirrorAnnotation, validateWholePod } from './pod.ts'

type Amounts = Readonly<Record<string, string>>
type Lists = Readonly<{ containers: readonly Container[]; initContainers: readonly Container[] }>

/** What may change while a pod runs: nothing else of it does (the resize subresource). */
const resizable = ['cpu', 'memory']

export function validatePodResize(pod: Pod, old: Pod): Errors {
  const { metadata = {}, spec = { containers: [] } } = pod
  const { metadata: oldMetadata = {}, spec: before = { containers: [] } } = old
  const whole = [...validateMetaUpdate(metadata, oldMetadata), ...validateWholePod(metadata, spec)]
  if (oldMetadata.annotations?.[mirrorAnnotation] !== undefined) return [forbidden('', 'static pods cannot be resized')]
  if (before.os?.name === 'windows') return [forbidden('', 'windows pods cannot be resized')]
  const errors = [...whole, ...validateQos(pod, old), ...validateNode(old), ...validatePodLevel(spec, before)]
  const order = validateOrder(listsOf(spec), listsOf(before))
  if (order.length > 0) return [...errors, ...order]
  const all = [...errors, ...validateRemovals(listsOf(spec), listsOf(before)), ...validateOthers(spec, before)]
  return all.length > 0 || sameValue(masked(spec, before), before)
    ? all
    : [forbidden('spec', 'only cpu and memory resources are mutable')]
}

function listsOf({ containers, initContainers = [] }: PodSpec): Lists {
  return { containers, initContainers }
}

function validateQos({ spec, status }: Pod, { spec: before }: Pod): Errors {
  const classOf = (one: PodSpec | undefined): string => podQosClass((one ?? {}) as unknown as JsonObject)
  if (classOf(spec) === classOf(before)) return []
  return [invalid('spec', status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing')]
}

/** A kubelet that can resize tells what its running containers have. */
function validateNode({ status }: Pod): Errors {
  const running = status?.containerStatuses?.find(({ state }) => state?.running !== undefined)
  return running === undefined || running.resources !== undefined
    ? []
    : [forbidden('spec', 'Pod running on node without support for resize')]
}

function validatePodLevel({ resources }: PodSpec, { resources: before }: PodSpec): Errors {
  if (before !== undefined && resources === undefined)
    return [forbidden('spec.resources', 'pod-level resources cannot be removed')]
  return [
    ...(isRemoved(resources?.requests, before?.requests)
      ? [forbidden('spec.resources.requests', 'pod-level resource requests cannot be removed')]
      : []),
    ...(isRemoved(resources?.limits, before?.limits)
      ? [forbidden('spec.resources.limits', 'pod-level resource limits cannot be removed')]
      : []),
    ...(sameValue(maskedPodLevel(resources, before), before)
      ? []
      : [forbidden('spec', 'only cpu and memory resources are mutable at pod-level')]),
  ]
}

function validateOrder(now: Lists, before: Lists): Errors {
  return (['containers', 'initContainers'] as const).flatMap((list) => {
    const field = child('spec', list)
    if (now[list].length !== before[list].length)
      return [forbidden(field, `${list} may not be added or removed on resize`)]
    return before[list].flatMap(({ name }, at) =>
      now[list][at]?.name === name
        ? []
        : [forbidden(child(index(field, at), 'name'), `${list} may not be renamed or reordered on resize`)],
    )
  })
}

function validateRemovals(now: Lists, before: Lists): Errors {
  return (['initContainers', 'containers'] as const).flatMap((list) =>
    before[list].flatMap(({ resources }, at) => {
      const field = child(index(child('spec', list), at), 'resources')
      const { requests, limits } = now[list][at]?.resources ?? {}
      return [
        ...(isRemoved(requests, resources?.requests)
          ? [forbidden(child(field, 'requests'), 'resource requests cannot be removed')]
          : []),
        ...(isRemoved(limits, resources?.limits)
          ? [forbidden(child(field, 'limits'), 'resource limits cannot be removed')]
          : []),
      ]
    }),
  )
}

/** Besides processor and memory nothing of a container changes. */
function validateOthers(spec: PodSpec, before: PodSpec): Errors {
  const now = listsOf(spec)
  const had = listsOf(before)
  return [
    ...now.containers.flatMap((container, at) =>
      sameValue(maskedContainer(container, had.containers[at]), had.containers[at])
        ? []
        : [forbidden('spec', 'only cpu and memory resources are mutable')],
    ),
    ...now.initContainers.flatMap((container, at) => validateInit(container, had.initContainers[at], at)),
  ]
}

function validateInit(container: Container, before: Container | undefined, at: number): Errors {
  const field = index('spec.initContainers', at)
  const isSidecar = container.restartPolicy === 'Always'
  const restarts = (container.resizePolicy ?? []).filter(({ restartPolicy }) => restartPolicy === 'RestartContainer')
  return [
    ...(sameValue(maskedContainer(container, before), before)
      ? []
      : [forbidden(field, 'only cpu and memory resources for init or sidecar containers are mutable')]),
    ...(isSidecar || sameValue(container, before)
      ? []
      : restarts.map(() =>
          forbidden(field, 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized'),
        )),
  ]
}

function isRemoved(now: Amounts = {}, before: Amounts = {}): boolean {
  return Object.keys(before).some((name) => now[name] === undefined)
}

/** The spec with what may change as it was. */
function masked(spec: PodSpec, before: PodSpec): PodSpec {
  const old = listsOf(before)
  const { initContainers } = spec
  const resources = maskedPodLevel(spec.resources, before.resources)
  const { resources: _, ...others } = spec
  return {
    ...others,
    ...(resources && { resources }),
    containers: spec.containers.map((container, at) => maskedContainer(container, old.containers[at])),
    ...(initContainers && {
      initContainers: initContainers.map((container, at) => maskedContainer(container, old.initContainers[at])),
    }),
  }
}

function maskedContainer(container: Container, before: Container | undefined): Container {
  const { claims: _, ...resources } = container.resources ?? {}
  return { ...container, resources: maskedAmounts(resources, before?.resources ?? {}) }
}

function maskedPodLevel(
  resources: ResourceRequirements | undefined,
  before: ResourceRequirements | undefined,
): ResourceRequirements | undefined {
  if (resources === undefined) return undefined
  const kept = { ...resources, ...maskedAmounts(resources, before ?? {}) }
  return before === undefined && Object.keys(kept).length === 0 ? undefined : kept
}

function maskedAmounts(now: ResourceRequirements, before: ResourceRequirements): ResourceRequirements {
  const limits = maskedList(now.limits, before.limits)
  const requests = maskedList(now.requests, before.requests)
  return { ...(limits && { limits }), ...(requests && { requests }) }
}

function maskedList(now: Amounts | undefined, before: Amounts | undefined): Amounts | undefined {
  const others = Object.entries(now ?? {}).filter(([name]) => !resizable.includes(name))
  const kept = Object.entries(before ?? {}).filter(([name]) => resizable.includes(name))
  const all = Object.fromEntries([...others, ...kept])
  return Object.keys(all).length === 0 && before === undefined ? undefined : all
}
