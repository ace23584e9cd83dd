import type { Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from '../../api/kinds.generated.ts'
import { groupResource, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { ok } from '../../api/result.ts'
import type { Store } from '../../store/store.ts'
import { withMeta } from '../object-meta.ts'
import { objectsIn } from '../resource.ts'
import type { Attributes, Plugin } from './admission.ts'
import { aggregated } from './aggregated.ts'
import { forbidden } from './forbidden.ts'
import { claimLimitFaults, podLimitFaults } from './limit-range.ts'

/** Pods get the namespace's defaults, pods and claims keep to its limits (plugin LimitRanger). */
export function limitRanger(store: Store): Plugin {
  return {
    mutate(attributes, object) {
      if (!isLimited(attributes) || groupResource(attributes.kind) !== 'pods') return ok(object)
      const ranges = objectsIn<LimitRange>(store, kinds.limitRanges, attributes.namespace)
      return ok(ranges.reduce((pod: ApiObject, { spec }) => withDefaults(pod, spec?.limits ?? []), object))
    },
    validate(attributes, object) {
      if (!isLimited(attributes)) return undefined
      for (const { spec } of objectsIn<LimitRange>(store, kinds.limitRanges, attributes.namespace)) {
        const items = spec?.limits ?? []
        const faults =
          groupResource(attributes.kind) === 'pods'
            ? podLimitFaults(items, object as Pod)
            : claimLimitFaults(items, object as PersistentVolumeClaim)
        if (faults.length > 0) return forbidden(attributes, aggregated(faults), object)
      }
      return undefined
    },
  }
}

/** Of what exists, only the size of a claim and, through its own path, that of a pod can change. */
function isLimited({ kind, operation, subresource, before }: Attributes): boolean {
  if (before?.metadata.deletionTimestamp !== undefined) return false
  const resource = groupResource(kind)
  if (operation === 'UPDATE' && subresource === 'resize') return resource === 'pods'
  if (subresource !== undefined) return false
  if (resource === 'pods') return operation === 'CREATE'
  return resource === 'persistentvolumeclaims' && (operation === 'CREATE' || operation === 'UPDATE')
}

const annotation = 'kubernetes.io/limit-ranger'

function withDefaults(object: ApiObject, items: readonly LimitRangeItem[]): ApiObject {
  const ofContainers = items.filter(({ type }) => type === 'Container')
  const limits = Object.assign({}, ...ofContainers.map((item) => item.default ?? {}))
  const requests = Object.assign({}, ...ofContainers.map((item) => item.defaultRequest ?? {}))
  const { spec } = object as Pod
  if (spec === undefined || Object.keys({ ...limits, ...requests }).length === 0) return object
  const notes: string[] = []
  const filled = <T extends Container>(container: T, what: string): T => {
    const had = container.resources ?? {}
    const resources = { ...had, limits: { ...limits, ...had.limits }, requests: { ...requests, ...had.requests } }
    notes.push(...noteOf(had.requests, requests, `request for ${what} ${container.name}`))
    notes.push(...noteOf(had.limits, limits, `limit for ${what} ${container.name}`))
    return { ...container, resources: withoutEmpty(resources) }
  }
  const containers = spec.containers.map((container) => filled(container, 'container'))
  const initContainers = spec.initContainers?.map((container) => filled(container, 'init container'))
  if (notes.length === 0) return object
  const changed = { ...object, spec: { ...spec, containers, ...(initContainers && { initContainers }) } } as ApiObject
  const note = `LimitRanger plugin set: ${notes.join('; ')}`
  return withMeta(changed, { annotations: { ...object.metadata.annotations, [annotation]: note } })
}

type List = Readonly<Record<string, string>>

function noteOf(had: List | undefined, given: List, what: string): readonly string[] {
  const set = Object.keys(given).filter((name) => had?.[name] === undefined)
  return set.length === 0 ? [] : [`${set.sort().join(', ')} ${what}`]
}

function withoutEmpty<T extends Readonly<{ limits: List; requests: List }>>(resources: T): Container['resources'] {
  const { limits, requests, ...others } = resources
  return {
    ...others,
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(Object.keys(requests).length === 0 ? {} : { requests }),
  }
}
