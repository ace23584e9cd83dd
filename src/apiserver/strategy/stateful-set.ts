import type { StatefulSet } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Strategy } from './strategy.ts'

/** Its counts are always written. MaxUnavailableStatefulSet is off in 1.36: the field is dropped, except where it is in use already. */
export const statefulSetStrategy: Strategy = {
  prepareCreate: (object) => withoutMaxUnavailable({ ...object, status: { replicas: 0, availableReplicas: 0 } }),
  prepareUpdate: (after, before) => (maxUnavailableOf(before) === undefined ? withoutMaxUnavailable(after) : after),
}

function maxUnavailableOf(object: ApiObject): number | string | undefined {
  return (object as StatefulSet).spec?.updateStrategy?.rollingUpdate?.maxUnavailable
}

function withoutMaxUnavailable(object: ApiObject): ApiObject {
  const { spec } = object as StatefulSet
  const { updateStrategy } = spec ?? {}
  if (updateStrategy?.rollingUpdate?.maxUnavailable === undefined) return object
  const { maxUnavailable: _, ...rollingUpdate } = updateStrategy.rollingUpdate
  return { ...object, spec: { ...spec, updateStrategy: { ...updateStrategy, rollingUpdate } } } as ApiObject
}
