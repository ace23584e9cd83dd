import { fail, ok, type Result } from '../../api/result.ts'
import { node } from '../../api/rpc/csi.generated.ts'
import type { Client } from '../../client/client.ts'
import { type RpcClient, rpcClient, rpcErrorText } from '../../client/rpc.ts'
import type { Grpc, GrpcChannel } from '../../ports/grpc.ts'
import type { Log } from '../../ports/log.ts'
import type { Plugin, PluginHandler } from '../plugins/plugin-registry.ts'
import { addCsiDriver, removeCsiDriver } from './csi-node-object.ts'

export type CsiCapability =
  | 'STAGE_UNSTAGE_VOLUME'
  | 'GET_VOLUME_STATS'
  | 'EXPAND_VOLUME'
  | 'SINGLE_NODE_MULTI_WRITER'
  | 'VOLUME_MOUNT_GROUP'

/** A driver's node service. */
export type CsiDriver = Readonly<{
  client: RpcClient<typeof node>
  capabilities(): Promise<Result<ReadonlySet<string>, string>>
}>

/** The CSI drivers that have registered on this node. */
export interface CsiDrivers {
  readonly handler: PluginHandler
  driver(name: string): Result<CsiDriver, string>
  stop(): void
}

export type CsiDriversDeps = Readonly<{ grpc: Grpc; client: Client; log: Log; nodeName: string }>

const infoTimeoutMs = 120_000

export function makeCsiDrivers({ grpc, client, log, nodeName }: CsiDriversDeps): CsiDrivers {
  const drivers = new Map<string, CsiDriver & Readonly<{ endpoint: string; channel: GrpcChannel }>>()
  const drop = (name: string): void => {
    drivers.get(name)?.channel.close()
    drivers.delete(name)
  }
  return {
    handler: {
      validate: ({ name, versions }: Plugin) => versionFault(name, versions),
      async register({ name, endpoint }) {
        drop(name)
        const channel = grpc.connect(endpoint)
        const service = rpcClient(channel, node)
        drivers.set(name, { endpoint, channel, client: service, capabilities: () => capabilitiesOf(service) })
        const info = await service.NodeGetInfo({}, { timeoutMs: infoTimeoutMs })
        const failed = info.ok
          ? await addCsiDriver(client, nodeName, name, info.value)
          : `failed to get NodeGetInfo from driver ${JSON.stringify(name)}: ${rpcErrorText(info.error)}`
        if (failed !== undefined) drop(name)
        else log.info('a CSI driver is registered', { driver: name, endpoint })
        return failed
      },
      deregister({ name, endpoint }) {
        // Another instance may have taken its place already.
        if (drivers.get(name)?.endpoint !== endpoint) return
        drop(name)
        void removeCsiDriver(client, nodeName, name).then((failed) => {
          if (failed !== undefined)
            log.warn('a CSI driver could not be unregistered', { driver: name, message: failed })
        })
      },
    },
    driver(name) {
      const driver = drivers.get(name)
      return driver === undefined
        ? fail(`driver name ${name} not found in the list of registered CSI drivers`)
        : ok(driver)
    },
    stop() {
      for (const name of [...drivers.keys()]) drop(name)
    },
  }
}

/** As the original: the newest that is given must be of CSI 1. */
function versionFault(name: string, versions: readonly string[]): string | undefined {
  if (versions.some((version) => /^v?1\.\d+/.test(version))) return undefined
  const problem =
    versions.length === 0
      ? 'Plugin returned an empty list for supported versions'
      : `None of the versions specified [${versions.map((version) => JSON.stringify(version)).join(' ')}] are supported`
  return `kubernetes.io/csi: ValidatePlugin for CSI driver ${JSON.stringify(name)} failed. ${problem}`
}

async function capabilitiesOf(client: CsiDriver['client']): Promise<Result<ReadonlySet<string>, string>> {
  const answer = await client.NodeGetCapabilities({})
  if (!answer.ok) return fail(rpcErrorText(answer.error))
  return ok(new Set(answer.value.capabilities.flatMap(({ rpc }) => (rpc === undefined ? [] : [rpc.type]))))
}
