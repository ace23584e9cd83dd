import type { CounterSet, Device, Node, ResourceSlice } from '../../api/kinds.generated.ts'
import { matchesNodeSelector } from '../../api/node-selector.ts'
import type { Stored } from '../../api/object.ts'

type Slice = Stored<ResourceSlice>

/** A device that can be reached from a node. */
export type PooledDevice = Readonly<{ id: string; driver: string; pool: string; device: Device; slice: Slice }>

export type DevicePool = Readonly<{
  /** 'driver/pool' */
  id: string
  /** Its driver is about to publish it anew: what is there is not all. */
  isIncomplete: boolean
  devices: readonly PooledDevice[]
  sharedCounters: readonly CounterSet[]
}>

export function deviceId(driver: string, pool: string, device: string): string {
  return `${driver}/${pool}/${device}`
}

/** The pools of which a node can reach anything, each in its newest generation. In the order of their names. */
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
  return [...pools.keys()].sort().flatMap((id) => {
    const all = pools.get(id) ?? []
    const devices = all.flatMap((slice) => devicesFor(node, slice))
    if (devices.length === 0) return []
    const isIncomplete = all.length !== all[0]?.spec.pool.resourceSliceCount
    return [{ id, isIncomplete, devices, sharedCounters: all.flatMap(({ spec }) => spec.sharedCounters ?? []) }]
  })
}

function devicesFor(node: Node, slice: Slice): readonly PooledDevice[] {
  const { driver, pool, devices = [], perDeviceNodeSelection } = slice.spec
  if (perDeviceNodeSelection !== true && !isReachable(node, slice.spec)) return []
  return devices
    .filter((device) => perDeviceNodeSelection !== true || isReachable(node, device))
    .map((device) => ({ id: deviceId(driver, pool.name, device.name), driver, pool: pool.name, device, slice }))
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
