import { equalJson } from '../../api/json-value.ts'
import type { ResourceQuota } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { ApiObject, Stored } from '../../api/object.ts'
import { formatQuantity, type Quantity, zeroQuantity } from '../../api/quantity.ts'
import { evaluatorOf } from '../../api/quota/evaluator.ts'
import { isInScope } from '../../api/quota/scope.ts'
import { type Amounts, addAmounts, amountsOf, resourceList } from '../../api/resource-amounts.ts'
import { type Action, requeue, updateStatus } from '../action.ts'

export type ObservedQuota = Readonly<{
  quota: Stored<ResourceQuota>
  /** The namespace's objects of each resource that the quota tracks: 'pods', 'deployments.apps'. */
  objects: ReadonlyMap<string, readonly ApiObject[]>
  nowMs: number
}>

/** What goes unnoticed (pods that time alone lets go) is counted again after this. */
const resyncMs = 5 * 60_000

/** Counts anew what the objects of a namespace use up. Kubernetes: pkg/controller/resourcequota. */
export function reconcileQuota({ quota, objects, nowMs }: ObservedQuota): readonly Action[] {
  const hard = amountsOf(quota.spec.hard)
  const counted = usageOf(quota, objects, [...hard.keys()], nowMs)
  // What cannot be counted here keeps what is known of it.
  const known = [...amountsOf(quota.status.used)].filter(([name]) => hard.has(name))
  const used: Amounts = new Map([...known, ...counted])
  const isSame = isSameAmounts(hard, quota.status.hard) && isSameAmounts(used, quota.status.used)
  if (isSame) return [requeue(resyncMs)]
  const status = { hard: resourceList(hard), used: resourceList(sorted(used)) }
  return [updateStatus(kinds.resourceQuotas, { ...quota, status }), requeue(resyncMs)]
}

function usageOf(
  quota: Stored<ResourceQuota>,
  objects: ObservedQuota['objects'],
  names: readonly string[],
  nowMs: number,
): Amounts {
  const used = new Map<string, Quantity>()
  for (const [resource, list] of objects) {
    const evaluator = evaluatorOf(resource)
    const tracked = names.filter(evaluator.tracks)
    const total = list
      .filter((object) => isInScope(evaluator, quota, object))
      .reduce<Amounts>((sum, object) => addAmounts(sum, evaluator.usage(object, nowMs)), new Map())
    for (const name of tracked) used.set(name, total.get(name) ?? zeroQuantity)
  }
  return used
}

function sorted(amounts: Amounts): Amounts {
  return new Map([...amounts].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Whatever the spelling. An absent list is not an empty one: nothing has been counted yet. */
function isSameAmounts(amounts: Amounts, list: Readonly<Record<string, string>> | undefined): boolean {
  if (list === undefined) return false
  const shown = (each: Amounts): object =>
    Object.fromEntries([...each].map(([name, { nano }]) => [name, formatQuantity({ nano, format: 'DecimalSI' })]))
  return equalJson(shown(amounts), shown(amountsOf(list)))
}
