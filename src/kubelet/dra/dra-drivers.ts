import { kinds } from '../../api/kinds.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { draPlugin } from '../../api/rpc/dra.generated.ts'
import type { Client } from '../../client/client.ts'
import { type RpcClient, rpcClient } from '../../client/rpc.ts'
import type { Clock, Timer } from '../../ports/clock.ts'
import type { Grpc, GrpcChannel } from '../../ports/grpc.ts'
import type { Log } from '../../ports/log.ts'
import type { Plugin, PluginHandler } from '../plugins/plugin-registry.ts'
import { type DeviceHealths, makeDeviceHealths } from './device-health.ts'

export type DraDriver = RpcClient<typeof draPlugin>

/** The DRA drivers that have registered on this node. */
export interface DraDrivers {
  readonly handler: PluginHandler
  driver(name: string): Result<DraDriver, string>
  readonly health: DeviceHealths
  stop(): void
}

export type DraDriversDeps = Readonly<{
  grpc: Grpc
  client: Client
  clock: Clock
  log: Log
  nodeName: string
  /** What is known of the driver's devices is not what it was. */
  healthChanged(driver: string): void
}>

/** The two have the same messages, but for fields that older drivers do not know; the newest comes first. */
const services = [
  draPlugin,
  { ...draPlugin, name: 'k8s.io.kubelet.pkg.apis.dra.v1beta1.DRAPlugin' },
] as const satisfies readonly (typeof draPlugin | Readonly<{ name: string; methods: typeof draPlugin.methods }>)[]
const announced = ['v1.DRAPlugin', 'v1beta1.DRAPlugin']

/** So long a driver may be away, as for an update of itself, before its devices are. */
const wipingDelayMs = 30_000

export function makeDraDrivers({ grpc, client, clock, log, nodeName, healthChanged }: DraDriversDeps): DraDrivers {
  const health = makeDeviceHealths(clock, healthChanged)
  const drivers = new Map<
    string,
    Readonly<{ endpoint: string; channel: GrpcChannel; service: DraDriver; deafen: () => void }>
  >()
  const wiping = new Map<string, Timer>()
  const drop = (name: string): void => {
    drivers.get(name)?.deafen()
    drivers.get(name)?.channel.close()
    drivers.delete(name)
  }
  const serviceOf = ({ versions }: Plugin) => services[announced.findIndex((version) => versions.includes(version))]
  return {
    handler: {
      validate(plugin) {
        if (serviceOf(plugin) !== undefined) return undefined
        const list = (texts: readonly string[]): string => `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`
        return `invalid supported gRPC versions of DRA driver plugin ${plugin.name} at endpoint ${plugin.endpoint}: none of services supported by the plugin (${list(plugin.versions)}) are supported by the kubelet (${list(announced)})`
      },
      async register(plugin) {
        const { name, endpoint } = plugin
        wiping.get(name)?.cancel()
        drop(name)
        const channel = grpc.connect(endpoint)
        const service = rpcClient(channel, serviceOf(plugin) ?? draPlugin)
        drivers.set(name, { endpoint, channel, service, deafen: health.watch(name, channel) })
        log.info('a DRA driver is registered', { driver: name, endpoint })
        return undefined
      },
      deregister({ name, endpoint }) {
        // Another instance may have taken its place already.
        if (drivers.get(name)?.endpoint !== endpoint) return
        drop(name)
        const wipe = (): void => void wipeSlices(client, log, nodeName, name)
        wiping.set(name, clock.after(wipingDelayMs, wipe))
      },
    },
    health,
    driver(name) {
      const driver = drivers.get(name)
      return driver === undefined ? fail(`DRA driver ${name} is not registered`) : ok(driver.service)
    },
    stop() {
      for (const timer of wiping.values()) timer.cancel()
      for (const name of [...drivers.keys()]) drop(name)
    },
  }
}

/** Nobody is to be given devices that no driver serves. */
async function wipeSlices(client: Client, log: Log, nodeName: string, driver: string): Promise<void> {
  const fieldSelector = `spec.nodeName=${nodeName},spec.driver=${driver}`
  const wiped = await client.deleteCollection(kinds.resourceSlices, { fieldSelector })
  if (!wiped.ok) log.warn('slices of a DRA driver that has gone stay', { driver, message: wiped.error.message })
}
