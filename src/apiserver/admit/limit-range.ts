import type { JsonObject } from '../../api/json-value.ts'
import type { Container, LimitRangeItem, PersistentVolumeClaim, Pod } from '../../api/kinds.generated.ts'
import { formatQuantity, type Quantity, quantityMilli, quantityUnits, zeroQuantity } from '../../api/quantity.ts'
import { type Amounts, amountsOf, noAmounts, podTotal } from '../../api/resource-amounts.ts'

/** What is asked for of one thing that has limits. */
type Asked = Readonly<{ type: string; requests: Amounts; limits: Amounts }>

/** What is wrong with a pod by the limits of one LimitRange, in the original's words. */
export function podLimitFaults(items: readonly LimitRangeItem[], { spec }: Pod): readonly string[] {
  const all = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
  return items.flatMap((item) => {
    if (item.type === 'Container') return all.flatMap((container) => containerFaults(item, ofContainer(container)))
    if (item.type !== 'Pod') return []
    const whole = (spec ?? {}) as JsonObject
    const asked = { type: 'Pod', requests: podTotal(whole, 'requests'), limits: podTotal(whole, 'limits') }
    return containerFaults(item, asked)
  })
}

function ofContainer({ resources }: Pick<Container, 'resources'>): Asked {
  return { type: 'Container', requests: amountsOf(resources?.requests), limits: amountsOf(resources?.limits) }
}

function containerFaults(item: LimitRangeItem, asked: Asked): readonly string[] {
  return [
    ...faults(item.min, (name, enforced) => minimumFault(name, enforced, asked)),
    ...faults(item.max, (name, enforced) => maximumFault(name, enforced, asked)),
    ...faults(item.maxLimitRequestRatio, (name, enforced) => ratioFault(name, enforced, asked)),
  ]
}

/** Claims have requests only. */
export function claimLimitFaults(items: readonly LimitRangeItem[], { spec }: PersistentVolumeClaim): readonly string[] {
  const asked: Asked = {
    type: 'PersistentVolumeClaim',
    requests: amountsOf(spec?.resources?.requests),
    limits: noAmounts,
  }
  return items.flatMap((item) => {
    if (item.type !== asked.type) return []
    return [
      ...faults(item.min, (name, enforced) => minimumFault(name, enforced, asked)),
      ...faults(item.max, (name, enforced) => maximumRequestFault(name, enforced, asked)),
    ]
  })
}

function faults(
  list: LimitRangeItem['min'],
  fault: (name: string, enforced: Quantity) => string | undefined,
): readonly string[] {
  return [...amountsOf(list)].flatMap(([name, enforced]) => fault(name, enforced) ?? [])
}

/** Up to here amounts are compared in thousandths. */
const mostMilli = (2n ** 63n - 1n) / 1000n

function isLess(a: Quantity, b: Quantity, others: readonly Quantity[]): boolean {
  const isPrecise = [a, b, ...others].every((one) => quantityUnits(one) <= mostMilli)
  return isPrecise ? quantityMilli(a) < quantityMilli(b) : quantityUnits(a) < quantityUnits(b)
}

function minimumFault(name: string, enforced: Quantity, { type, requests, limits }: Asked): string | undefined {
  const [request, limit] = [requests.get(name), limits.get(name)]
  const what = `minimum ${name} usage per ${type} is ${formatQuantity(enforced)}`
  if (request === undefined) return `${what}.  No request is specified`
  if (isLess(request, enforced, limit === undefined ? [] : [limit])) {
    return `${what}, but request is ${formatQuantity(request)}`
  }
  const isLimitLess = limit !== undefined && isLess(limit, enforced, [request])
  return isLimitLess ? `${what}, but limit is ${formatQuantity(limit)}` : undefined
}

function maximumFault(name: string, enforced: Quantity, { type, requests, limits }: Asked): string | undefined {
  const [request, limit] = [requests.get(name), limits.get(name)]
  const what = `maximum ${name} usage per ${type} is ${formatQuantity(enforced)}`
  if (limit === undefined) return `${what}.  No limit is specified`
  if (isLess(enforced, limit, request === undefined ? [] : [request])) {
    return `${what}, but limit is ${formatQuantity(limit)}`
  }
  const isRequestMore = request !== undefined && isLess(enforced, request, [limit])
  return isRequestMore ? `${what}, but request is ${formatQuantity(request)}` : undefined
}

function maximumRequestFault(name: string, enforced: Quantity, { type, requests }: Asked): string | undefined {
  const request = requests.get(name)
  const what = `maximum ${name} usage per ${type} is ${formatQuantity(enforced)}`
  if (request === undefined) return `${what}.  No request is specified`
  return isLess(enforced, request, []) ? `${what}, but request is ${formatQuantity(request)}` : undefined
}

function ratioFault(name: string, enforced: Quantity, { type, requests, limits }: Asked): string | undefined {
  const [request, limit] = [requests.get(name) ?? zeroQuantity, limits.get(name) ?? zeroQuantity]
  const what = `${name} max limit to request ratio per ${type} is ${formatQuantity(enforced)}`
  if (request.nano === 0n) return `${what}, but no request is specified or request is 0`
  if (limit.nano === 0n) return `${what}, but no limit is specified or limit is 0`
  const ratio = Number(limit.nano) / Number(request.nano)
  return ratio > Number(enforced.nano) / 1e9 ? `${what}, but provided ratio is ${ratio.toFixed(6)}` : undefined
}
