import type { ResourceQuota } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import { compareQuantities, formatQuantity, subtractQuantities, zeroQuantity } from '../../api/quantity.ts'
import type { Evaluator } from '../../api/quota/evaluator.ts'
import { isInScope } from '../../api/quota/scope.ts'
import { type Amounts, addAmounts, amountsOf } from '../../api/resource-amounts.ts'
import { fail, ok, type Result } from '../../api/result.ts'

export type Charge = Readonly<{
  evaluator: Evaluator
  object: ApiObject
  /** Of an update: what was paid for already. */
  before?: ApiObject
  /** A change of status is charged, however much it is. */
  isStatus: boolean
  nowMs: number
}>

/** Quotas whose use changes, with what it is going to be. */
export type Charged = Readonly<{ quota: ResourceQuota; used: Amounts }>

/** Charges an object to the quotas of its namespace; or tells, in the original's words, which of them it does not fit. Pure. */
export function chargeQuotas(quotas: readonly ResourceQuota[], charge: Charge): Result<readonly Charged[], string> {
  const { evaluator, object, nowMs } = charge
  const applying: ResourceQuota[] = []
  for (const quota of quotas) {
    const tracked = Object.keys(quota.status?.hard ?? {}).filter(evaluator.tracks)
    if (tracked.length === 0 || !isInScope(evaluator, quota, object)) continue
    const lacks = evaluator.missing?.(tracked, object)
    if (lacks !== undefined) return fail(`failed quota: ${quota.metadata?.name}: ${lacks}`)
    const unknown = tracked.some((name) => quota.status?.used?.[name] === undefined)
    if (unknown) return fail(statusUnknown(quota, tracked))
    applying.push(quota)
  }
  const usage = evaluator.usage(object, nowMs)
  const negative = [...usage].filter(([, amount]) => amount.nano < 0n).map(([name]) => name)
  if (negative.length > 0) return fail(`quota usage is negative for resource(s): ${negative.sort().join(',')}`)
  const charged: Charged[] = []
  for (const quota of applying) {
    const result = chargeOne(quota, deltaFor(quota, charge, usage), charge.isStatus)
    if (!result.ok) return result
    if (result.value !== undefined) charged.push(result.value)
  }
  return ok(charged)
}

function statusUnknown({ metadata }: ResourceQuota, names: readonly string[]): string {
  return `status unknown for quota: ${metadata?.name}, resources: ${[...names].sort().join(',')}`
}

/** What an object that the quota was charged for before needs more; nothing is given back here. */
function deltaFor(quota: ResourceQuota, { evaluator, before, nowMs }: Charge, usage: Amounts): Amounts {
  if (before === undefined || !isInScope(evaluator, quota, before)) return usage
  const had = evaluator.usage(before, nowMs)
  const more = [...usage].map(
    ([name, amount]) => [name, subtractQuantities(amount, had.get(name) ?? zeroQuantity)] as const,
  )
  return new Map(more.filter(([, amount]) => amount.nano > 0n))
}

function chargeOne(quota: ResourceQuota, delta: Amounts, isStatus: boolean): Result<Charged | undefined, string> {
  const [hard, used] = [amountsOf(quota.status?.hard), amountsOf(quota.status?.used)]
  const requested: Amounts = new Map([...delta].filter(([name, amount]) => amount.nano !== 0n && hard.has(name)))
  if (requested.size === 0) return ok(undefined)
  const next = addAmounts(used, requested)
  const exceeded = [...requested.keys()].filter((name) => {
    const [amount, limit] = [next.get(name), hard.get(name)]
    return amount !== undefined && limit !== undefined && compareQuantities(amount, limit) > 0
  })
  if (exceeded.length === 0 || isStatus) return ok({ quota, used: next })
  const shown = (amounts: Amounts): string => pretty(amounts, exceeded)
  const what = `requested: ${shown(requested)}, used: ${shown(used)}, limited: ${shown(hard)}`
  return fail(`exceeded quota: ${quota.metadata?.name}, ${what}`)
}

function pretty(amounts: Amounts, names: readonly string[]): string {
  const listed = [...names].sort().flatMap((name) => {
    const amount = amounts.get(name)
    return amount === undefined ? [] : [`${name}=${formatQuantity(amount)}`]
  })
  return listed.join(',')
}
