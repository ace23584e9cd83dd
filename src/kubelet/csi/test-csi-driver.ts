import { fail, ok } from '../../api/result.ts'
import { node, type nodeServiceCapabilityRPCType } from '../../api/rpc/csi.generated.ts'
import { rpcMethods } from '../../client/rpc.ts'
import type { Disk } from '../../ports/disk.ts'
import type { Grpc, GrpcFailure } from '../../ports/grpc.ts'
import type { Mounts } from '../../ports/mounts.ts'
import { startTestRegistrar } from '../plugins/test-registrar.ts'

export type TestCsiDriverParts = Readonly<{
  grpc: Grpc
  disk: Disk
  mounts: Mounts
  /** The kubelet's folder. */
  root: string
  name: string
  /** Where a path of the kubelet's really is; absent: there. */
  realPath?: (path: string) => string
  /** Each volume is a folder in here. */
  data: string
  capabilities?: readonly Exclude<(typeof nodeServiceCapabilityRPCType)['names'][number], 'UNKNOWN'>[]
  topology?: Readonly<Record<string, string>>
  maxVolumes?: number
}>

/** How full each volume is. */
const usage = [
  { unit: 'BYTES', total: 1000, used: 400, available: 600 },
  { unit: 'INODES', total: 10, used: 3, available: 7 },
] as const

/** A CSI driver whose volumes are folders that it binds to where they are wanted. Remembers what it was asked. */
export async function startTestCsiDriver(parts: TestCsiDriverParts) {
  const { grpc, disk, mounts, root, name, data, topology, maxVolumes = 0, realPath = (at) => at } = parts
  const calls: string[] = []
  const contexts: Readonly<Record<string, string>>[] = []
  const requests: unknown[] = []
  const note = (call: string, request: unknown): void => {
    calls.push(call)
    requests.push(request)
  }
  const { bind, unbind } = binding(parts)
  const methods = rpcMethods(node, {
    NodeGetInfo: async () =>
      ok({
        nodeId: 'node-of-driver',
        maxVolumesPerNode: maxVolumes,
        ...(topology === undefined ? {} : { accessibleTopology: { segments: topology } }),
      }),
    NodeGetCapabilities: async () =>
      ok({ capabilities: (parts.capabilities ?? []).map((type) => ({ rpc: { type } })) }),
    async NodeStageVolume(request) {
      note(`stage ${request.volumeId}`, request)
      return ok({})
    },
    async NodeUnstageVolume(request) {
      note(`unstage ${request.volumeId}`, request)
      return ok({})
    },
    async NodePublishVolume(request) {
      note(`publish ${request.volumeId}`, request)
      contexts.push(request.volumeContext)
      const target = realPath(request.targetPath)
      const isThere = (await mounts.list(target)).includes(target)
      return isThere ? ok({}) : bind(`${data}/${request.volumeId}`, target)
    },
    async NodeUnpublishVolume(request) {
      note(`unpublish ${request.volumeId}`, request)
      return unbind(realPath(request.targetPath))
    },
    async NodeGetVolumeStats({ volumeId, volumePath }) {
      note(`stats ${volumeId} at ${volumePath}`, {})
      return ok({ usage })
    },
    async NodeExpandVolume(request) {
      note(`expand ${request.volumeId} ${request.capacityRange?.requiredBytes}`, request)
      return ok({})
    },
  })
  const socket = `${root}/plugins/${name}/csi.sock`
  await disk.makeDirectory(`${root}/plugins/${name}`)
  const service = await grpc.listen(socket, methods)
  if (!service.ok) throw new Error(service.error.message)
  const registrar = await startTestRegistrar({
    grpc,
    socket: `${root}/plugins_registry/${name}-reg.sock`,
    type: 'CSIPlugin',
    name,
    endpoint: socket,
    versions: ['1.0.0'],
    told: (outcome) => note(outcome, {}),
  })
  return {
    calls,
    contexts,
    requests,
    async stop() {
      await registrar.close()
      await service.value.close()
    },
  }
}

function binding({ disk, mounts }: TestCsiDriverParts) {
  const bind = async (source: string, target: string) => {
    await disk.makeDirectory(source)
    await disk.makeDirectory(target)
    const mounted = await mounts.mount([{ type: 'bind', source, target, readOnly: false }])
    return mounted.ok ? ok({}) : fail<GrpcFailure>({ code: 'Internal', message: mounted.error.message })
  }
  const unbind = async (target: string) => {
    await mounts.unmount([target])
    await disk.remove(target)
    return ok({})
  }
  return { bind, unbind }
}
