import type { Container, Pod, PodSpec } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Subresource } from '../handle/update.ts'
import { withGeneration } from '../strategy/strategy.ts'

/** Containers that are added to a running pod for debugging: nothing else of the pod changes with them. */
export const ephemeralContainersSubresource: Subresource = {
  name: 'ephemeralcontainers',
  prepare(kind, after, before) {
    const { managedFields, resourceVersion } = after.metadata
    const { ephemeralContainers: _, ...spec } = specOf(before)
    const { ephemeralContainers } = specOf(after)
    const metadata = { ...before.metadata, managedFields, resourceVersion } as ApiObject['metadata']
    const wanted = { ...spec, ...(ephemeralContainers && { ephemeralContainers }) }
    return withGeneration(kind, { ...before, metadata, spec: wanted }, before)
  },
}

/**
 * What containers, and the pod as a whole, may use while they run. Containers that are added, removed or renamed are left for validation
 * to refuse.
 */
export const resizeSubresource: Subresource = {
  name: 'resize',
  prepare(kind, after, before) {
    const [now, had] = [specOf(after), specOf(before)]
    if (now.containers.length !== had.containers.length || countOf(now) !== countOf(had)) return after
    const { resources: _, ...spec } = had
    const { resources } = now
    const initContainers = now.initContainers && resized(now.initContainers, had.initContainers ?? [])
    const { generation, labels, annotations, finalizers, ownerReferences } = before.metadata
    const kept = { generation, labels, annotations, finalizers, ownerReferences }
    const metadata = { ...after.metadata, ...kept } as ApiObject['metadata']
    const wanted = {
      ...spec,
      ...(resources && { resources }),
      containers: resized(now.containers, had.containers),
      ...(initContainers && { initContainers }),
    }
    return withGeneration(kind, { ...before, metadata, spec: wanted }, before)
  },
}

function specOf(pod: ApiObject): PodSpec {
  return (pod as Pod).spec ?? { containers: [] }
}

function countOf({ initContainers = [] }: PodSpec): number {
  return initContainers.length
}

function resized(now: readonly Container[], before: readonly Container[]): readonly Container[] {
  if (now.some(({ name }, at) => before[at]?.name !== name)) return now
  return now.map(({ resources, resizePolicy }, at) => {
    const { resources: _1, resizePolicy: _2, ...container } = before[at] as Container
    return { ...container, ...(resources && { resources }), ...(resizePolicy && { resizePolicy }) }
  })
}
