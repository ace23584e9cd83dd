import type { Node } from '../../api/kinds.generated.ts'
import { groupResource, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { compareQuantities, quantityMilli, quantityUnits, zeroQuantity } from '../../api/quantity.ts'
import { requestsOf } from '../../api/quota/pod-evaluator.ts'
import type { Refusal } from '../../api/refusal.ts'
import type { Amounts } from '../../api/resource-amounts.ts'
import { amountsOf } from '../../api/resource-amounts.ts'
import { statusOf } from '../../api/status.ts'
import type { Store } from '../../store/store.ts'
import { storeKey } from '../resource.ts'
import type { Attributes, Plugin } from './admission.ts'
import { forbidden } from './forbidden.ts'

/** A running pod does not grow beyond the node that it is on (plugin PodResizeValidator). */
export function podResize(store: Store): Plugin {
  return {
    validate(attributes, object) {
      const { kind, operation, subresource, before } = attributes
      if (groupResource(kind) !== 'pods' || operation !== 'UPDATE' || subresource !== 'resize') return undefined
      const { nodeName = '' } = (object.spec ?? {}) as { nodeName?: string }
      if (nodeName === '' || before?.metadata.generation === object.metadata.generation) return undefined
      const node = store.get(storeKey(kinds.nodes, '', nodeName))?.object as Node | undefined
      if (node === undefined) return forbidden(attributes, `node ${JSON.stringify(nodeName)} not found`, object)
      return unfitting(attributes, object, node)
    },
  }
}

function unfitting(attributes: Attributes, object: ApiObject, { metadata, status }: Node): Refusal | undefined {
  const system = metadata?.labels?.['kubernetes.io/os'] ?? 'linux'
  if (system !== 'linux') {
    const what = `node ${JSON.stringify(metadata?.name)} is ${JSON.stringify(system)}`
    const message = `pod resize is only supported on linux nodes, ${what}`
    return withCause(forbidden(attributes, message, object), 'UnsupportedPlatform')
  }
  const [requests, allocatable] = [requestsOf(object), amountsOf(status?.allocatable)]
  const lacks = [
    ...lacking('cpu', requests, allocatable, quantityMilli),
    ...lacking('memory', requests, allocatable, quantityUnits),
  ]
  if (lacks.length === 0) return undefined
  const message = `node didn't have enough allocatable resources: ${lacks.join('; ')}`
  return withCause(forbidden(attributes, message, object), 'NodeCapacity')
}

function lacking(
  name: string,
  requests: Amounts,
  allocatable: Amounts,
  shown: typeof quantityMilli,
): readonly string[] {
  const [asked, has] = [requests.get(name) ?? zeroQuantity, allocatable.get(name) ?? zeroQuantity]
  if (compareQuantities(asked, has) <= 0) return []
  return [`${name}, requested: ${shown(asked)}, allocatable: ${shown(has)}`]
}

/** Clients tell refusals apart by it. */
function withCause(refusal: Refusal, reason: string): Refusal {
  const status = statusOf(refusal)
  return { reason: 'Passed', status: { ...status, details: { ...status.details, causes: [{ reason }] } } }
}
