import { linuxGrpc } from '../host/linux/grpc.ts'
import { criClient } from '../runtime/cri/cri-client.ts'
import { runtimeVersion } from '../runtime/cri/cri-status.ts'
import { runtimeSocket } from './node-runtime.ts'

/** Throws with the mend when no container runtime can be used there. */
export async function checkRuntime(endpoint: string): Promise<void> {
  const channel = linuxGrpc().connect(runtimeSocket(endpoint))
  const version = await runtimeVersion(criClient(channel))
  channel.close()
  if (!version.ok) throw new Error(`no container runtime can be used at ${endpoint}: ${version.error}`)
}
