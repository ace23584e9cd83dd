import type { Clock } from '../../ports/clock.ts'
import type { Grpc } from '../../ports/grpc.ts'
import type { Log } from '../../ports/log.ts'
import { connectDevicePlugin } from './device-plugin.ts'
import { changedDevices, type DeviceResource } from './device-resources.ts'

/** The resources of this node's device plugins, kept as the plugins tell of them. */
export interface DeviceTable {
  readonly resources: ReadonlyMap<string, DeviceResource>
  /** The newest plugin of a resource is the one that counts. Why it cannot be reached, if so. */
  connect(resource: string, endpoint: string): Promise<string | undefined>
  stop(): void
}

export type DeviceTableParts = Readonly<{
  grpc: Grpc
  clock: Clock
  log: Log
  /** Known from before: without devices until their plugins come back. */
  names: readonly string[]
  /** The health of these devices has changed, or some have come or gone. */
  changed(resource: string, ids: readonly string[]): void
  /** There is a resource that was not there before. */
  added(): Promise<void>
}>

export function makeDeviceTable({ grpc, clock, log, names, changed, added }: DeviceTableParts): DeviceTable {
  const resources = new Map<string, DeviceResource>(
    names.map((name) => [name, { devices: new Map(), plugin: undefined, goneMs: clock.nowMs() }]),
  )
  const connect = async (name: string, endpoint: string): Promise<string | undefined> => {
    const resource: DeviceResource = resources.get(name) ?? { devices: new Map(), plugin: undefined, goneMs: undefined }
    let own: DeviceResource['plugin']
    const connected = await connectDevicePlugin(grpc, endpoint, {
      devices(list) {
        if (resource.plugin !== own) return
        const devices = new Map(list.map((device) => [device.ID, device]))
        const ids = changedDevices(resource, devices)
        resource.devices = devices
        changed(name, ids)
      },
      gone() {
        if (resource.plugin !== own) return
        resource.plugin = undefined
        resource.goneMs = clock.nowMs()
        changed(name, [])
      },
    })
    if (!connected.ok) return connected.error
    own = connected.value
    const former = resource.plugin
    Object.assign(resource, { plugin: own, goneMs: undefined })
    former?.close()
    log.info('a device plugin is connected', { resource: name, endpoint })
    if (!resources.has(name)) {
      resources.set(name, resource)
      await added()
    }
    return undefined
  }
  return {
    resources,
    connect,
    stop() {
      for (const { plugin } of resources.values()) plugin?.close()
    },
  }
}
