import type { DeviceConstraint } from '../../api/kinds.generated.ts'
import { addCapacity, type ConsumedCapacity, consumedCapacity, hasRoomFor, isShared } from './consumed-capacity.ts'
import type { DevicePool, PooledDevice } from './device-pools.ts'
import { type Alternative, toleratesAll } from './device-requests.ts'
import { attributeText } from './device-selector.ts'
import { copyOf, countersOf, type DevicesInUse } from './devices-in-use.ts'

export type Taken = Readonly<{
  alternative: Alternative
  device: PooledDevice
  /** Of a device that others may have, too. */
  consumed?: ConsumedCapacity
}>

export type SearchedClaim = Readonly<{
  constraints: readonly DeviceConstraint[]
  requests: readonly (readonly Alternative[])[]
}>

/** Steps of one search: demands that fit in so many ways are not worth more. */
const mostSteps = 50_000
/** Kubernetes: devices of one claim (AllocationResultsMaxSize). */
export const mostDevices = 32

/**
 * Devices for all claims together, the first that fit in the order of the pools and of the alternatives; undefined: there are none. Tries
 * one device after the other, and takes back what leads nowhere, as the original's structured allocator.
 */
export function searchDevices(
  claims: readonly SearchedClaim[],
  pools: readonly DevicePool[],
  inUse: DevicesInUse,
): readonly (readonly Taken[])[] | undefined {
  const taken: Taken[][] = claims.map(() => [])
  /** By claim: the devices that none of its requests may have again. */
  const own = claims.map(() => new Set<string>())
  const { exclusive, capacity } = copyOf(inUse)
  const counters = countersOf(pools, inUse)
  let steps = 0

  const place = (claimAt: number, requestAt: number): boolean => {
    const claim = claims[claimAt]
    if (claim === undefined) return true
    const alternatives = claim.requests[requestAt]
    if (alternatives === undefined) return place(claimAt + 1, 0)
    return alternatives.some((alternative) => {
      if ((taken[claimAt]?.length ?? 0) + alternative.count > mostDevices) return false
      return pick(claimAt, requestAt, alternative, alternative.count, 0)
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
      if (alternative.isAll) return false
    }
    return false
  }
  const take = (claimAt: number, alternative: Alternative, device: PooledDevice): boolean => {
    const { adminAccess: isAdmin, capacity: wanted, tolerations = [] } = alternative.request
    const mine = own[claimAt] as Set<string>
    if (isAdmin === true ? mine.has(device.id) : exclusive.has(device.id)) return false
    if (!toleratesAll(tolerations, device.device.taints ?? [])) return false
    if (!hasRoomFor(device.id, device.device, wanted, capacity)) return false
    const others = taken[claimAt] ?? []
    const { constraints } = claims[claimAt] as SearchedClaim
    if (!constraints.every((constraint) => holds(constraint, others, alternative, device))) return false
    if (!counters.consume(device)) return false
    if (!isShared(device.device)) {
      mine.add(device.id)
      if (isAdmin !== true) exclusive.add(device.id)
      others.push({ alternative, device })
    } else {
      const consumed = consumedCapacity(device.device, wanted)
      addCapacity(capacity, device.id, consumed, 1)
      others.push({ alternative, device, consumed })
    }
    return true
  }
  const giveBack = (claimAt: number, alternative: Alternative, device: PooledDevice): void => {
    const last = taken[claimAt]?.pop()
    if (last?.consumed !== undefined) addCapacity(capacity, device.id, last.consumed, -1)
    else own[claimAt]?.delete(device.id)
    if (last?.consumed === undefined && alternative.request.adminAccess !== true) exclusive.delete(device.id)
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
