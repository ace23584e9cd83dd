import type { Device, DevicePluginConnection } from './device-plugin.ts'

/** A resource that a device plugin serves, or has served. */
export type DeviceResource = {
  devices: ReadonlyMap<string, Device>
  /** Undefined while its plugin is away: none of its devices is healthy then. */
  plugin: DevicePluginConnection | undefined
  /** When its plugin went. */
  goneMs: number | undefined
}

export type ResourceCounts = Readonly<{
  capacity: Readonly<Record<string, string>>
  allocatable: Readonly<Record<string, string>>
}>

/** The original's endpointStopGracePeriod: so long a plugin may be away before its resource is. */
export const pluginGraceMs = 300_000

const isHealthy = ({ health }: Device): boolean => health === 'Healthy'

export function healthyDevices({ devices, plugin }: DeviceResource): readonly string[] {
  return plugin === undefined ? [] : [...devices.values()].filter(isHealthy).map(({ ID }) => ID)
}

/** Of devices that no plugin tells of (any more) nothing bad is known. */
export function isDeviceHealthy(resource: DeviceResource | undefined, id: string): boolean {
  const device = resource?.devices.get(id)
  return device === undefined || isHealthy(device)
}

/** As the node's status shows them. A resource whose plugin has been away for too long is shown as zero: others would count on it. */
export function resourceCounts(resources: ReadonlyMap<string, DeviceResource>, nowMs: number): ResourceCounts {
  const capacity: Record<string, string> = {}
  const allocatable: Record<string, string> = {}
  for (const [name, resource] of resources) {
    const isGone = resource.goneMs !== undefined && nowMs - resource.goneMs > pluginGraceMs
    capacity[name] = String(isGone ? 0 : resource.devices.size)
    allocatable[name] = String(isGone ? 0 : healthyDevices(resource).length)
  }
  return { capacity, allocatable }
}

/** The devices whose health others see change. */
export function changedDevices(before: DeviceResource, after: ReadonlyMap<string, Device>): readonly string[] {
  return [...after.values()].filter(({ ID, health }) => before.devices.get(ID)?.health !== health).map(({ ID }) => ID)
}
