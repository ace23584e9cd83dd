import { fail, ok } from '../../api/result.ts'
import { registration } from '../../api/rpc/device-plugin.generated.ts'
import { isExtended } from '../../api/validation/resources.ts'
import { rpcMethods } from '../../client/rpc.ts'
import type { Disk } from '../../ports/disk.ts'
import type { Grpc, GrpcFailure } from '../../ports/grpc.ts'
import type { Log } from '../../ports/log.ts'

export const supportedVersion = 'v1beta1'
const socketName = 'kubelet.sock'

type Deps = Readonly<{ grpc: Grpc; disk: Disk; log: Log; folder: string }>

/**
 * The Registration service by which device plugins make themselves known. Sockets of an earlier kubelet's time are removed: plugins see
 * by that, and by the kubelet's own socket, that they are to register again.
 */
export async function listenForDevicePlugins(
  { grpc, disk, log, folder }: Deps,
  connect: (resource: string, endpoint: string) => Promise<string | undefined>,
): Promise<Readonly<{ stop(): Promise<void> }>> {
  await disk.makeDirectory(folder, 0o750)
  for (const name of await disk.list(folder)) {
    const path = `${folder}/${name}`
    // Its plugin may remove it just now.
    const type = await disk.stat(path).then(
      (found) => found.type,
      () => undefined,
    )
    if (type === 'socket') await disk.remove(path)
  }
  const refuse = (message: string) => fail<GrpcFailure>({ code: 'Unknown', message })
  const methods = rpcMethods(registration, {
    async Register({ version, resourceName, endpoint }) {
      if (version !== supportedVersion)
        return refuse(
          `requested API version ${JSON.stringify(version)} is not supported by kubelet. Supported version is ["${supportedVersion}"]`,
        )
      if (!isExtended(resourceName)) return refuse(`the ResourceName ${JSON.stringify(resourceName)} is invalid`)
      const failed = await connect(resourceName, `${folder}/${endpoint}`)
      return failed === undefined ? ok({}) : refuse(failed)
    },
  })
  const listener = await grpc.listen(`${folder}/${socketName}`, methods)
  if (!listener.ok) log.error('device plugins cannot register', { message: listener.error.message })
  return { stop: async () => (listener.ok ? listener.value.close() : undefined) }
}
