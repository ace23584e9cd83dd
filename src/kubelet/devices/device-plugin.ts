import { fail, ok, type Result } from '../../api/result.ts'
import { type device, devicePlugin, type devicePluginOptions } from '../../api/rpc/device-plugin.generated.ts'
import type { Received } from '../../api/rpc/message.ts'
import { type RpcClient, rpcClient } from '../../client/rpc.ts'
import type { Grpc } from '../../ports/grpc.ts'

export type Device = Received<typeof device>
export type DevicePluginOptions = Received<typeof devicePluginOptions>

/** A connection to a device plugin, which says what devices there are for as long as it stands. */
export interface DevicePluginConnection {
  readonly options: DevicePluginOptions
  readonly client: RpcClient<typeof devicePlugin>
  close(): void
}

export type DevicePluginListener = Readonly<{
  devices(list: readonly Device[]): void
  /** The connection has ended. */
  gone(): void
}>

/** Resolves when the plugin has told its options; from then on the listener hears of its devices. */
export async function connectDevicePlugin(
  grpc: Grpc,
  endpoint: string,
  listener: DevicePluginListener,
): Promise<Result<DevicePluginConnection, string>> {
  const channel = grpc.connect(endpoint)
  const client = rpcClient(channel, devicePlugin)
  const options = await client.GetDevicePluginOptions({}, { timeoutMs: 10_000 })
  if (!options.ok) {
    channel.close()
    return fail(`failed to get device plugin options: ${options.error.message}`)
  }
  const ending = new AbortController()
  const listen = async (): Promise<void> => {
    for await (const answer of client.ListAndWatch({}, { closed: ending.signal })) {
      if (answer.ok && !ending.signal.aborted) listener.devices(answer.value.devices)
    }
    channel.close()
    listener.gone()
  }
  // After the caller has the connection in hand.
  void Promise.resolve().then(listen)
  return ok({
    options: options.value,
    client,
    close() {
      ending.abort()
      channel.close()
    },
  })
}
