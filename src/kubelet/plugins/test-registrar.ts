import { ok } from '../../api/result.ts'
import { registration } from '../../api/rpc/plugin-registration.generated.ts'
import { rpcMethods } from '../../client/rpc.ts'
import type { Grpc, GrpcListener } from '../../ports/grpc.ts'

export type TestRegistrarParts = Readonly<{
  grpc: Grpc
  socket: string
  type: string
  name: string
  endpoint: string
  versions: readonly string[]
  told: (outcome: string) => void
}>

/** Makes a plugin known to the kubelet, as a driver's registrar container does. */
export async function startTestRegistrar(parts: TestRegistrarParts): Promise<GrpcListener> {
  const { grpc, socket, type, name, endpoint, versions, told } = parts
  const methods = rpcMethods(registration, {
    GetInfo: async () => ok({ type, name, endpoint, supportedVersions: versions }),
    async NotifyRegistrationStatus({ pluginRegistered, error }) {
      told(pluginRegistered ? 'registered' : error)
      return ok({})
    },
  })
  const listener = await grpc.listen(socket, methods)
  if (!listener.ok) throw new Error(listener.error.message)
  return listener.value
}
