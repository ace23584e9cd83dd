import type { CounterSet, Device, Node, ResourceSlice } from '../../api/kinds.generated.ts'
import { matchesNodeSelector } from '../../api/node-selector.ts'
import type { Stored } from '../../api/object.ts'

type Slice = Stored<ResourceSlice>

/** A device that can be reached from a node. */
export type PooledDevice = Readonly<{ id: string; driver: string; pool: string; device: Device; slice: Slice }>

export type DevicePool = Readonly<{
  /** 'driver/pool' */
  id: string
  /** incomplete: its driver is about to publish it anew, what is there is not all. invalid: it contradicts itself. */
  state: 'complete' | 'incomplete' | 'invalid'
  devices: readonly PooledDevice[]
  /** Those that other nodes reach: what they consume is not there for others. */
  elsewhere: readonly PooledDevice[]
  sharedCounters: readonly CounterSet[]
}>

export function deviceId(driver: string, pool: string, device: string): string {
  return `${driver}/${pool}/${device}`
}

/**
 * The pools of which a node can reach anything, each in its newest generation. In the order of their names, but those with devices that
 * have yet to be made ready for the node come last (GatherPools).
 */
export function poolsFor(node: Node, slices: readonly Slice[]): readonly DevicePool[] {
  const pools = new Map<string, Slice[]>()
  for (const slice of slices) {
    const { driver, pool } = slice.spec
    const id = `${driver}/${pool.name}`
    const known = pools.get(id) ?? []
    const newest = known[0]?.spec.pool.generation ?? pool.generation
    if (pool.generation < newest) continue
    pools.set(id, pool.generation > newest ? [slice] : [...known, slice])
  }
  const found = [...pools.keys()].sort().flatMap((id) => poolOf(id, pools.get(id) ?? [], node) ?? [])
  return [...found.filter((pool) => !bindsLate(pool)), ...found.filter(bindsLate)]
}

/** Undefined: the node reaches none of its devices. */
function poolOf(id: string, slices: readonly Slice[], node: Node): DevicePool | undefined {
  const all = slices.flatMap(devicesIn)
  const devices = all.filter((device) => isReachable(node, placeOf(device)))
  if (devices.length === 0) return undefined
  const elsewhere = all.filter((device) => !devices.includes(device))
  const sharedCounters = slices.flatMap(({ spec }) => spec.sharedCounters ?? [])
  const isComplete = slices.length === slices[0]?.spec.pool.resourceSliceCount
  const isValid = areDistinct(devices.map((one) => one.id)) && knowsCounters(all, sharedCounters)
  return {
    id,
    state: !isComplete ? 'incomplete' : isValid ? 'complete' : 'invalid',
    devices,
    elsewhere,
    sharedCounters,
  }
}

function devicesIn(slice: Slice): readonly PooledDevice[] {
  const { driver, pool, devices = [] } = slice.spec
  return devices.map((device) => ({
    id: deviceId(driver, pool.name, device.name),
    driver,
    pool: pool.name,
    device,
    slice,
  }))
}

function bindsLate({ devices }: DevicePool): boolean {
  return devices.some(({ device }) => (device.bindingConditions ?? []).length > 0)
}

function knowsCounters(devices: readonly PooledDevice[], sets: readonly CounterSet[]): boolean {
  const known = new Map(sets.map(({ name, counters }) => [name, counters]))
  return (
    areDistinct(sets.map(({ name }) => name)) &&
    devices.every(({ device: { consumesCounters = [] } }) =>
      consumesCounters.every(({ counterSet, counters }) =>
        Object.keys(counters).every((name) => known.get(counterSet)?.[name] !== undefined),
      ),
    )
  )
}

function areDistinct(names: readonly string[]): boolean {
  return new Set(names).size === names.length
}

type Place = Pick<Device, 'nodeName' | 'allNodes' | 'nodeSelector'>

function isReachable(node: Node, { nodeName = '', allNodes, nodeSelector }: Place): boolean {
  if (nodeName !== '') return nodeName === node.metadata?.name
  return allNodes === true || (nodeSelector !== undefined && matchesNodeSelector(nodeSelector, node))
}

/** Where a device can be reached from. */
export function placeOf({ device, slice }: PooledDevice): Place {
  return slice.spec.perDeviceNodeSelection === true ? device : slice.spec
}
