import type { Container } from '../../api/kinds.generated.ts'
import { ok, type Result } from '../../api/result.ts'
import { makeCsiDrivers } from '../csi/csi-drivers.ts'
import { changeCsiNode } from '../csi/csi-node-object.ts'
import { type CsiVolumes, startCsiVolumes } from '../csi/csi-volumes.ts'
import { additionsOf, type ContainerAdditions } from '../devices/container-additions.ts'
import { type DeviceManager, startDeviceManager } from '../devices/device-manager.ts'
import { type ClaimManager, startClaimManager } from '../dra/claim-manager.ts'
import { makeDraDrivers } from '../dra/dra-drivers.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import type { KubeletPod } from '../pod-containers.ts'
import type { CpuManager } from '../topology/cpu-manager.ts'
import { topologyOf } from '../topology/cpu-rules.ts'
import { unitsOf } from '../topology/cpu-topology.ts'
import { pluginFolders } from './plugin-folders.ts'
import { startPluginRegistry } from './plugin-registry.ts'
import { podResourcesMethods } from './pod-resources-server.ts'

/** What plugins and drivers on this node's sockets do for its pods. */
export interface NodePlugins {
  readonly devices: DeviceManager
  readonly csi: CsiVolumes
  readonly claims: ClaimManager
  /** What the container that is about to start is to have besides what its spec says. */
  additions(pod: KubeletPod, container: Container): Promise<Result<ContainerAdditions, string>>
  /** Drivers may register: the node is known to others. */
  begin(): Promise<void>
  stop(): Promise<void>
}

export type NodePluginsDeps = KubeletDeps &
  Readonly<{
    /** Something about the pod is to be looked at again. */
    podChanged(uid: string): void
    /** Those that have been granted what they need, and are not over. */
    activePods(): readonly KubeletPod[]
    cpus: CpuManager
    /** Something about the node is. */
    nodeChanged(): void
  }>

export async function startNodePlugins(deps: NodePluginsDeps): Promise<NodePlugins> {
  const { rootDirectory } = deps.config
  const folders = pluginFolders(rootDirectory)
  const devices = await startDeviceManager({
    ...deps,
    folder: folders.devicePlugins,
    checkpointPath: `${rootDirectory}/device-allocations.json`,
    numaNodes: unitsOf(topologyOf(deps.config).cpus, 'numaNode'),
  })
  const drivers = makeCsiDrivers({ ...deps, nodeName: deps.config.nodeName })
  const draDrivers = makeDraDrivers({
    ...deps,
    nodeName: deps.config.nodeName,
    healthChanged(driver) {
      for (const uid of claims.podsWith(driver)) deps.podChanged(uid)
    },
  })
  const claims: ClaimManager = await startClaimManager({
    ...deps,
    drivers: draDrivers,
    checkpointPath: `${rootDirectory}/resource-claims.json`,
  })
  const csi = await startCsiVolumes({ ...deps, drivers })
  await deps.disk.makeDirectory(folders.podResources, 0o750)
  const told = await deps.grpc.listen(
    `${folders.podResources}/kubelet.sock`,
    podResourcesMethods({ devices, claims, cpus: deps.cpus }, deps.activePods),
  )
  if (!told.ok) deps.log.error('nobody can be told which devices pods have', { message: told.error.message })
  let registry: Awaited<ReturnType<typeof startPluginRegistry>> | undefined
  return {
    devices,
    csi,
    claims,
    async begin() {
      const handlers = new Map([
        ['DevicePlugin', devices.handler],
        ['CSIPlugin', drivers.handler],
        ['DRAPlugin', draDrivers.handler],
      ])
      registry = await startPluginRegistry(deps, folders.registry, handlers)
      const failed = await changeCsiNode(deps.client, deps.config.nodeName, (known) => known)
      if (failed !== undefined) deps.log.warn('the CSINode could not be made', { message: failed })
    },
    async additions(pod, container) {
      const responses = await devices.prepareStart(pod, container)
      if (!responses.ok) return responses
      const claimed = claims.devicesOf(pod, container).flatMap((one) => one.devices)
      return ok(
        additionsOf(
          responses.value,
          claimed.flatMap(({ cdiDevices }) => cdiDevices),
        ),
      )
    },
    async stop() {
      registry?.stop()
      drivers.stop()
      draDrivers.stop()
      if (told.ok) await told.value.close()
      await devices.stop()
    },
  }
}
