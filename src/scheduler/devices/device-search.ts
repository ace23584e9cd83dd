import type { DeviceConstraint } from '../../api/kinds.generated.ts'
import { addQuantities, compareQuantities, type Quantity, quantity } from '../../api/quantity.ts'
import type { DevicePool, PooledDevice } from './device-pools.ts'
import type { Alternative } from './device-requests.ts'
import { attributeText } from './device-selector.ts'

export type Taken = Readonly<{ alternative: Alternative; device: PooledDevice }>

export type SearchedClaim = Readonly<{
  constraints: readonly DeviceConstraint[]
  requests: readonly (readonly Alternative[])[]
}>

/** Of pools whose devices share what they are made of: how much of each is used. */
export type CounterUse = Map<string, Quantity>

/** Steps of one search: demands that fit in so many ways are not worth more. */
const mostSteps = 50_000

/**
 * Devices for all claims together, the first that fit in the order of the pools and of the alternatives; undefined: there are none. Tries
 * one device after the other, and takes back what leads nowhere, as the original's structured allocator.
 */
export function searchDevices(
  claims: readonly SearchedClaim[],
  pools: readonly DevicePool[],
  inUse: ReadonlySet<string>,
  used: CounterUse,
): readonly (readonly Taken[])[] | undefined {
  const taken: Taken[][] = claims.map(() => [])
  const own = new Set<string>()
  const counters = countersOf(pools, used)
  let steps = 0

  const place = (claimAt: number, requestAt: number): boolean => {
    const claim = claims[claimAt]
    if (claim === undefined) return true
    const alternatives = claim.requests[requestAt]
    if (alternatives === undefined) return place(claimAt + 1, 0)
    return alternatives.some((alternative) => {
      const count = alternative.count === 'all' ? alternative.candidates.length : alternative.count
      return pick(claimAt, requestAt, alternative, count, 0)
    })
  }
  const pick = (claimAt: number, requestAt: number, alternative: Alternative, left: number, from: number): boolean => {
    if (left === 0) return place(claimAt, requestAt + 1)
    const { candidates } = alternative
    for (let at = from; at <= candidates.length - left; at++) {
      if (++steps > mostSteps) return false
      const device = candidates[at] as PooledDevice
      if (take(claimAt, alternative, device)) {
        if (pick(claimAt, requestAt, alternative, left - 1, at + 1)) return true
        giveBack(claimAt, alternative, device)
      }
      // All means this one, too.
      if (alternative.count === 'all') return false
    }
    return false
  }
  const take = (claimAt: number, alternative: Alternative, device: PooledDevice): boolean => {
    const isAdmin = alternative.request.adminAccess === true
    if (!isAdmin && (inUse.has(device.id) || own.has(device.id))) return false
    const others = taken[claimAt] ?? []
    const { constraints } = claims[claimAt] as SearchedClaim
    if (!constraints.every((constraint) => holds(constraint, others, alternative, device))) return false
    if (!isAdmin && !counters.consume(device)) return false
    if (!isAdmin) own.add(device.id)
    others.push({ alternative, device })
    return true
  }
  const giveBack = (claimAt: number, alternative: Alternative, device: PooledDevice): void => {
    taken[claimAt]?.pop()
    if (alternative.request.adminAccess === true) return
    own.delete(device.id)
    counters.release(device)
  }
  return place(0, 0) ? taken : undefined
}

/** Requests are named alone or with the one of several that was chosen; none means all. */
function isMeant({ requests = [] }: DeviceConstraint, name: string): boolean {
  return requests.length === 0 || requests.some((one) => one === name || name.startsWith(`${one}/`))
}

function holds(
  constraint: DeviceConstraint,
  others: readonly Taken[],
  { name }: Alternative,
  device: PooledDevice,
): boolean {
  if (!isMeant(constraint, name)) return true
  const attribute = constraint.matchAttribute ?? constraint.distinctAttribute ?? ''
  const value = attributeText(device, attribute)
  if (value === undefined) return false
  const wantsSame = constraint.matchAttribute !== undefined
  return others
    .filter(({ alternative }) => isMeant(constraint, alternative.name))
    .every((other) => (attributeText(other.device, attribute) === value) === wantsSame)
}

function countersOf(pools: readonly DevicePool[], used: CounterUse) {
  const limits = new Map<string, Quantity>()
  for (const { id, sharedCounters } of pools) {
    for (const { name, counters } of sharedCounters)
      for (const [counter, { value }] of Object.entries(counters))
        limits.set(`${id} ${name} ${counter}`, quantity(value))
  }
  const change = (device: PooledDevice, sign: 1 | -1): void => addCounters(used, device, sign)
  return {
    consume(device: PooledDevice): boolean {
      change(device, 1)
      const fits = consumedBy(device).every(([key]) => {
        const limit = limits.get(key)
        return limit !== undefined && compareQuantities(used.get(key) ?? quantity('0'), limit) <= 0
      })
      if (!fits) change(device, -1)
      return fits
    },
    release: (device: PooledDevice): void => change(device, -1),
  }
}

/** What devices that are in use consume, or no more. */
export function addCounters(used: CounterUse, device: PooledDevice, sign: 1 | -1): void {
  for (const [key, amount] of consumedBy(device)) {
    const by: Quantity = sign === 1 ? amount : { ...amount, nano: -amount.nano }
    used.set(key, addQuantities(used.get(key) ?? quantity('0'), by))
  }
}

function consumedBy({ driver, pool, device }: PooledDevice): readonly (readonly [string, Quantity])[] {
  return (device.consumesCounters ?? []).flatMap(({ counterSet, counters }) =>
    Object.entries(counters).map(
      ([counter, { value }]) => [`${driver}/${pool} ${counterSet} ${counter}`, quantity(value)] as const,
    ),
  )
}
