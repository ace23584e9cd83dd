import { addQuantities, compareQuantities, type Quantity, quantity, zeroQuantity } from '../../api/quantity.ts'
import { type CapacityUse, capacityInUse } from './consumed-capacity.ts'
import { type DevicePool, deviceId, type PooledDevice } from './device-pools.ts'
import type { DeviceView } from './device-view.ts'

/** What claims have of devices already. */
export type DevicesInUse = Readonly<{
  /** Devices that one claim has for itself, by their ids. */
  exclusive: ReadonlySet<string>
  /** Devices that several claims share. */
  shared: ReadonlySet<string>
  /** What is taken of these. */
  capacity: CapacityUse
}>

/** Those that somebody may only look at are free for all. */
export function devicesInUse(view: DeviceView): DevicesInUse {
  const allocations = [...view.allocations().values()]
  const [exclusive, shared] = [new Set<string>(), new Set<string>()]
  for (const { driver, pool, device, adminAccess, shareID } of allocations.flatMap((one) => one.devices?.results ?? []))
    if (adminAccess !== true) (shareID === undefined ? exclusive : shared).add(deviceId(driver, pool, device))
  return { exclusive, shared, capacity: capacityInUse(allocations, deviceId) }
}

export function copyOf({ exclusive, capacity }: DevicesInUse) {
  return { exclusive: new Set(exclusive), capacity: new Map(capacity) }
}

/** Of pools whose devices share what they are made of: how much of each counter they use. A device that several have counts once. */
export function countersOf(pools: readonly DevicePool[], { exclusive, shared }: DevicesInUse) {
  const limits = limitsOf(pools)
  const used = new Map<string, Quantity>()
  const holders = new Map<string, number>()
  const change = (device: PooledDevice, sign: 1n | -1n): void => {
    for (const [key, amount] of consumedBy(device))
      used.set(key, addQuantities(used.get(key) ?? zeroQuantity, { ...amount, nano: amount.nano * sign }))
  }
  const consume = (device: PooledDevice): boolean => {
    const before = holders.get(device.id) ?? 0
    holders.set(device.id, before + 1)
    if (before > 0) return true
    change(device, 1n)
    const fits = consumedBy(device).every(([key]) => {
      const limit = limits.get(key)
      return limit !== undefined && compareQuantities(used.get(key) ?? zeroQuantity, limit) <= 0
    })
    if (!fits) release(device)
    return fits
  }
  const release = (device: PooledDevice): void => {
    const left = (holders.get(device.id) ?? 0) - 1
    holders.set(device.id, left)
    if (left === 0) change(device, -1n)
  }
  for (const device of pools.flatMap(({ devices, elsewhere }) => [...devices, ...elsewhere])) {
    if (!exclusive.has(device.id) && !shared.has(device.id)) continue
    holders.set(device.id, 1)
    change(device, 1n)
  }
  return { consume, release }
}

function limitsOf(pools: readonly DevicePool[]): ReadonlyMap<string, Quantity> {
  const limits = new Map<string, Quantity>()
  for (const { id, sharedCounters } of pools)
    for (const { name, counters } of sharedCounters)
      for (const [counter, { value }] of Object.entries(counters))
        limits.set(`${id} ${name} ${counter}`, quantity(value))
  return limits
}

function consumedBy({ driver, pool, device }: PooledDevice): readonly (readonly [string, Quantity])[] {
  return (device.consumesCounters ?? []).flatMap(({ counterSet, counters }) =>
    Object.entries(counters).map(
      ([counter, { value }]) => [`${driver}/${pool} ${counterSet} ${counter}`, quantity(value)] as const,
    ),
  )
}
