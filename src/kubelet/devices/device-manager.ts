import type { Container, ResourceStatus } from '../../api/kinds.generated.ts'
import { ok, type Result } from '../../api/result.ts'
import { isExtended } from '../../api/validation/resources.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Disk } from '../../ports/disk.ts'
import type { Grpc } from '../../ports/grpc.ts'
import type { Log } from '../../ports/log.ts'
import { keyLock } from '../../runtime/key-lock.ts'
import type { Plugin, PluginHandler } from '../plugins/plugin-registry.ts'
import type { KubeletPod } from '../pod-containers.ts'
import type { Rejection } from '../pod-parts.ts'
import type { Placement } from '../topology/placement.ts'
import { allocatePod, prepareStart } from './allocate-devices.ts'
import type { Device } from './device-plugin.ts'
import { listenForDevicePlugins, supportedVersion } from './device-plugin-listener.ts'
import {
  type AllocateResponse,
  type DeviceRecord,
  readDeviceCheckpoint,
  writeDeviceCheckpoint,
} from './device-records.ts'
import {
  type DeviceResource,
  healthyDevices,
  isDeviceHealthy,
  type ResourceCounts,
  resourceCounts,
} from './device-resources.ts'
import { makeDeviceTable } from './device-table.ts'

export type DeviceManagerDeps = Readonly<{
  grpc: Grpc
  disk: Disk
  clock: Clock
  log: Log
  /** Where device plugins put their sockets and find the kubelet's. */
  folder: string
  /** Where it is kept which container has which devices. */
  checkpointPath: string
  /** Of the machine. */
  numaNodes: readonly number[]
  /** The pod's devices are not what they were. */
  podChanged(uid: string): void
  /** The node has other amounts of devices. */
  nodeChanged(): void
}>

/** The devices of this node's device plugins, and which containers have them. As the original's pkg/kubelet/cm/devicemanager. */
export interface DeviceManager {
  /** For plugins that register as the others do. */
  readonly handler: PluginHandler
  counts(): ResourceCounts
  /** A device plugin has told of the resource. */
  serves(resource: string): boolean
  records(): readonly DeviceRecord[]
  /** Healthy devices, by resource. */
  healthy(): ReadonlyMap<string, readonly Device[]>
  /** Gives the pod's containers their devices; a pod that has them keeps them. The error is fit for its status. */
  allocate(pod: KubeletPod, place?: Placement): Promise<Result<void, Rejection>>
  /** What plugins said is to be done for the container, once they have been told that it is about to start. */
  prepareStart(pod: KubeletPod, container: Container): Promise<Result<readonly AllocateResponse[], string>>
  release(podUid: string): void
  /** Of containers, by name. */
  health(podUid: string, container: string): readonly ResourceStatus[]
  stop(): Promise<void>
}

export async function startDeviceManager(deps: DeviceManagerDeps): Promise<DeviceManager> {
  const { disk, clock } = deps
  const checkpoint = await readDeviceCheckpoint(disk, deps.checkpointPath)
  let records: readonly DeviceRecord[] = checkpoint.records
  const locked = keyLock()
  const save = (): Promise<void> =>
    locked('checkpoint', () =>
      writeDeviceCheckpoint(disk, deps.checkpointPath, { records, resources: [...resources.keys()] }),
    )
  const keep = (next: readonly DeviceRecord[]): Promise<void> => {
    records = next
    return save()
  }

  const table = makeDeviceTable({
    ...deps,
    names: checkpoint.resources,
    changed(resource, ids) {
      for (const uid of new Set(holders(records, resource, ids))) deps.podChanged(uid)
      deps.nodeChanged()
    },
    added: () => save(),
  })
  const { resources, connect } = table
  const listener = await listenForDevicePlugins(deps, connect)
  return {
    handler: deviceHandler(resources, connect),
    serves: (resource) => resources.has(resource),
    counts: () => resourceCounts(resources, clock.nowMs()),
    records: () => records,
    healthy: () =>
      new Map(
        [...resources].map(([name, resource]) => [
          name,
          healthyDevices(resource).flatMap((id) => resource.devices.get(id) ?? []),
        ]),
      ),
    // One pod after the other: two must not be promised the same device.
    allocate: (pod, place) =>
      locked('allocate', async () => {
        const granted = await allocatePod(resources, records, pod, place, deps.numaNodes)
        if (!granted.ok) return granted
        // Others may have been released meanwhile.
        const added = granted.value.filter(({ podUid }) => podUid === pod.metadata.uid)
        const others = records.filter(({ podUid }) => podUid !== pod.metadata.uid)
        if (added.length + others.length !== records.length) await keep([...others, ...added])
        return ok(undefined)
      }),
    prepareStart: (pod, container) => prepareStart(resources, records, pod, container),
    release(podUid) {
      const left = records.filter((record) => record.podUid !== podUid)
      if (left.length < records.length) void keep(left)
    },
    health: (podUid, container) =>
      records
        .filter((record) => record.podUid === podUid && record.container === container)
        .map((record) => healthOf(record, resources.get(record.resource))),
    async stop() {
      table.stop()
      await listener.stop()
    },
  }
}

function deviceHandler(
  resources: ReadonlyMap<string, DeviceResource>,
  connect: (name: string, endpoint: string) => Promise<string | undefined>,
): PluginHandler {
  return {
    validate({ name, versions }: Plugin) {
      if (!versions.includes(supportedVersion))
        return `manager version, ${supportedVersion}, is not among plugin supported versions [${versions.join(' ')}]`
      if (isExtended(name)) return undefined
      return `invalid name of device plugin socket: the ResourceName ${JSON.stringify(name)} is invalid`
    },
    register: ({ name, endpoint }) => connect(name, endpoint),
    deregister: ({ name }) => resources.get(name)?.plugin?.close(),
  }
}

function holders(records: readonly DeviceRecord[], resource: string, ids: readonly string[]): readonly string[] {
  return records
    .filter((record) => record.resource === resource && record.devices.some((id) => ids.includes(id)))
    .map(({ podUid }) => podUid)
}

function healthOf({ resource: name, devices }: DeviceRecord, resource: DeviceResource | undefined): ResourceStatus {
  return {
    name,
    resources: devices.map((resourceID) => ({
      resourceID,
      health: isDeviceHealthy(resource, resourceID) ? 'Healthy' : 'Unhealthy',
    })),
  }
}
