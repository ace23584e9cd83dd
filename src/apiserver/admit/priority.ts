import type { Pod } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import { fail, ok } from '../../api/result.ts'
import type { Mutate, Plugin } from './admission.ts'
import { forbidden } from './forbidden.ts'

/** The two classes that every cluster has, and that only kube-system's pods may be critical by. */
const systemClasses: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
}
const preemptLower = 'PreemptLowerPriority'

const withPriority: Mutate = (attributes, object) => {
  const { kind, operation, subresource } = attributes
  const isNewPod = kind.plural === 'pods' && kind.group === '' && operation === 'CREATE' && subresource === undefined
  if (!isNewPod) return ok(object)
  const { spec = { containers: [] } } = object as Pod
  const { priorityClassName = '' } = spec
  const priority = priorityClassName === '' ? 0 : systemClasses[priorityClassName]
  if (priority === undefined) {
    return fail(forbidden(attributes, `no PriorityClass with name ${priorityClassName} was found`, object))
  }
  if (spec.priority !== undefined && spec.priority !== priority) {
    const computed = `the integer value of priority (${spec.priority}) must not be provided in pod spec`
    return fail(
      forbidden(
        attributes,
        `${computed}; priority admission controller computed ${priority} from the given PriorityClass name`,
        object,
      ),
    )
  }
  const preemptionPolicy = spec.preemptionPolicy ?? preemptLower
  return ok({ ...object, spec: { ...spec, priority, preemptionPolicy } } as ApiObject)
}

/** Gives a pod the number of its priority class; without a class it is 0. PriorityClasses of one's own are yet to come. */
export const podPriority: Plugin = { mutate: withPriority }
