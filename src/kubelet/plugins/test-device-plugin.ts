import { ok } from '../../api/result.ts'
import {
  type containerAllocateResponse,
  type device,
  devicePlugin,
  registration,
} from '../../api/rpc/device-plugin.generated.ts'
import type { Sent } from '../../api/rpc/message.ts'
import { rpcClient, rpcMethods } from '../../client/rpc.ts'
import type { Grpc } from '../../ports/grpc.ts'

export type TestDevice = Sent<typeof device>

export type TestDevicePluginParts = Readonly<{
  grpc: Grpc
  /** The kubelet's folder of device plugins. */
  folder: string
  resource: string
  devices: readonly TestDevice[]
  /** What a container gets for its devices. */
  grant: (ids: readonly string[]) => Sent<typeof containerAllocateResponse>
  prefer?: (available: readonly string[], size: number) => readonly string[]
}>

/** A device plugin as small as one can be: it keeps telling of its devices, and remembers what it was asked. */
export async function startTestDevicePlugin(parts: TestDevicePluginParts) {
  const { grpc, folder, resource, grant, prefer } = parts
  const endpoint = `${resource.replace('/', '_')}.sock`
  const asked: string[] = []
  let devices = parts.devices
  let heard = (): void => {}
  const options = { preStartRequired: true, getPreferredAllocationAvailable: prefer !== undefined }
  const methods = rpcMethods(devicePlugin, {
    GetDevicePluginOptions: async () => ok(options),
    async *ListAndWatch(_, { closed }) {
      while (!closed.aborted) {
        const changed = new Promise<void>((resolve) => (heard = resolve))
        yield ok({ devices })
        await changed
      }
    },
    async GetPreferredAllocation({ containerRequests }) {
      const [request] = containerRequests
      const { availableDeviceIDs = [], allocationSize = 0 } = request ?? {}
      return ok({ containerResponses: [{ deviceIDs: prefer?.(availableDeviceIDs, allocationSize) ?? [] }] })
    },
    async Allocate({ containerRequests }) {
      asked.push(`allocate ${containerRequests.flatMap(({ devicesIds }) => devicesIds).join(' ')}`)
      return ok({ containerResponses: containerRequests.map(({ devicesIds }) => grant(devicesIds)) })
    },
    async PreStartContainer({ devicesIds }) {
      asked.push(`start ${devicesIds.join(' ')}`)
      return ok({})
    },
  })
  const listener = await grpc.listen(`${folder}/${endpoint}`, methods)
  if (!listener.ok) throw new Error(listener.error.message)
  return {
    asked,
    register() {
      const channel = grpc.connect(`${folder}/kubelet.sock`)
      const request = { version: 'v1beta1', endpoint, resourceName: resource, options }
      return rpcClient(channel, registration)
        .Register(request)
        .finally(() => channel.close())
    },
    setDevices(next: readonly TestDevice[]) {
      devices = next
      heard()
    },
    async stop() {
      heard()
      await listener.value.close()
    },
  }
}
