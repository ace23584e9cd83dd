import type { Pod, PriorityClass } from '../../api/kinds.generated.ts'
import { groupResource, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Store } from '../../store/store.ts'
import { objectsIn, storeKey } from '../resource.ts'
import type { Attributes, Plugin } from './admission.ts'
import { forbidden } from './forbidden.ts'

/** A pod gets the number of its priority class, or of the class that is there for those without (plugin Priority). */
export function podPriority(store: Store): Plugin {
  return {
    mutate(attributes, object) {
      const { kind, operation, subresource, before } = attributes
      if (groupResource(kind) !== 'pods' || subresource !== undefined) return ok(object)
      if (operation === 'CREATE') return withPriority(store, attributes, object)
      return ok(operation === 'UPDATE' && before !== undefined ? keepingPriority(object, before) : object)
    },
    validate(attributes, object) {
      const { kind, operation, subresource } = attributes
      const isWritten = operation === 'CREATE' || operation === 'UPDATE'
      const isClass = groupResource(kind) === groupResource(kinds.priorityClasses)
      if (!isClass || !isWritten || subresource !== undefined) return undefined
      return secondDefault(store, attributes, object)
    },
  }
}

function withPriority(store: Store, attributes: Attributes, object: ApiObject): Result<ApiObject, Refusal> {
  const { spec = { containers: [] } } = object as Pod
  const chosen = classFor(store, spec.priorityClassName ?? '')
  const refused = (why: string): Result<never, Refusal> => fail(forbidden(attributes, why, object))
  if (chosen === undefined) return refused(`no PriorityClass with name ${spec.priorityClassName} was found`)
  const { name, value: priority, preemptionPolicy } = chosen
  if (spec.priority !== undefined && spec.priority !== priority) {
    const given = `the integer value of priority (${spec.priority}) must not be provided in pod spec`
    return refused(`${given}; priority admission controller computed ${priority} from the given PriorityClass name`)
  }
  if (spec.preemptionPolicy !== undefined && preemptionPolicy !== undefined) {
    const given = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec`
    const computed = `priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`
    if (spec.preemptionPolicy !== preemptionPolicy) return refused(`${given}; ${computed}`)
  }
  const named = name === '' ? {} : { priorityClassName: name }
  const preemption = preemptionPolicy === undefined ? {} : { preemptionPolicy }
  return ok({ ...object, spec: { ...spec, ...named, priority, ...preemption } } as ApiObject)
}

type Chosen = Readonly<{ name: string; value: number; preemptionPolicy?: string }>

const noClass: Chosen = { name: '', value: 0, preemptionPolicy: 'PreemptLowerPriority' }

function classFor(store: Store, name: string): Chosen | undefined {
  const found = name === '' ? defaultClass(store) : store.get(storeKey(kinds.priorityClasses, '', name))?.object
  if (found === undefined) return name === '' ? noClass : undefined
  const { metadata, value = 0, preemptionPolicy } = found as PriorityClass
  return { name: metadata?.name ?? '', value, ...(preemptionPolicy === undefined ? {} : { preemptionPolicy }) }
}

/** Should there be several, the lowest. */
function defaultClass(store: Store): PriorityClass | undefined {
  const classes = objectsIn<PriorityClass>(store, kinds.priorityClasses, '').filter((one) => one.globalDefault === true)
  return classes.reduce<PriorityClass | undefined>(
    (lowest, one) => (lowest === undefined || (one.value ?? 0) < (lowest.value ?? 0) ? one : lowest),
    undefined,
  )
}

/** Both are fixed once the pod is made: an update that leaves them out does not mean to change them. */
function keepingPriority(object: ApiObject, before: ApiObject): ApiObject {
  const [{ spec }, { spec: had }] = [object as Pod, before as Pod]
  const kept = {
    ...(spec?.priority === undefined && had?.priority !== undefined ? { priority: had.priority } : {}),
    ...(spec?.preemptionPolicy === undefined && had?.preemptionPolicy !== undefined
      ? { preemptionPolicy: had.preemptionPolicy }
      : {}),
  }
  return Object.keys(kept).length === 0 ? object : ({ ...object, spec: { ...spec, ...kept } } as ApiObject)
}

function secondDefault(store: Store, attributes: Attributes, object: ApiObject): Refusal | undefined {
  if ((object as unknown as PriorityClass).globalDefault !== true) return undefined
  const name = defaultClass(store)?.metadata?.name
  const isOther = name !== undefined && (attributes.operation === 'CREATE' || name !== object.metadata.name)
  const why = `PriorityClass ${name} is already marked as default. Only one default can exist`
  return isOther ? forbidden(attributes, why, object) : undefined
}
