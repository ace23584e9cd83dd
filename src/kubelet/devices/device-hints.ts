import { cpuSetOf } from '../topology/cpu-set.ts'
import { hasNode, type NumaMask } from '../topology/numa-mask.ts'
import { hintsFor, type TopologyHint } from '../topology/topology-hints.ts'
import { type DeviceResource, healthyDevices } from './device-resources.ts'

export type DeviceWish = Readonly<{
  count: number
  /** Of this resource, what the container or pod has already. */
  owned: readonly string[]
  inUse: ReadonlySet<string>
  /** What an init container leaves. */
  reusable: ReadonlySet<string>
}>

/** Where devices of a resource could come from; undefined: none of them is at any NUMA node. As the original's device manager. */
export function deviceHints(
  machineNodes: readonly number[],
  resource: DeviceResource,
  { count, owned, inUse, reusable }: DeviceWish,
): readonly TopologyHint[] | undefined {
  const nodesOf = (id: string): readonly number[] => deviceNodes(resource, id)
  const all = [...resource.devices.keys()]
  const theirs = cpuSetOf(all.flatMap(nodesOf).filter((node) => machineNodes.includes(node)))
  if (!all.some((id) => nodesOf(id).length > 0)) return undefined
  if (owned.length > 0 && owned.length !== count) return []
  const available = owned.length > 0 ? owned : healthyDevices(resource).filter((id) => !inUse.has(id))
  if (new Set([...available, ...reusable]).size < count) return []
  const isIn = (mask: NumaMask) => (id: string) => isNear(resource, mask, id)
  const placed = owned.length > 0 ? [] : [...reusable].filter((id) => nodesOf(id).length > 0)
  return hintsFor(theirs.length > 0 ? theirs : machineNodes, (mask) => ({
    ever: all.filter(isIn(mask)).length >= count,
    now: placed.every(isIn(mask)) && placed.length + available.filter(isIn(mask)).length >= count,
  }))
}

/** Whether the device is at one of these NUMA nodes. */
export function isNear(resource: DeviceResource, mask: NumaMask, id: string): boolean {
  return deviceNodes(resource, id).some((node) => hasNode(mask, node))
}

export function deviceNodes({ devices }: DeviceResource, id: string): readonly number[] {
  return devices.get(id)?.topology?.nodes.map(({ ID }) => ID) ?? []
}
