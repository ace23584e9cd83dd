import type { Container } from '../../api/kinds.generated.ts'
import { fail, ok } from '../../api/result.ts'
import type { Sent } from '../../api/rpc/message.ts'
import {
  type containerDevices,
  type containerResources,
  podResourcesLister,
} from '../../api/rpc/pod-resources.generated.ts'
import { rpcMethods } from '../../client/rpc.ts'
import type { GrpcFailure, GrpcMethods } from '../../ports/grpc.ts'
import type { DeviceManager } from '../devices/device-manager.ts'
import type { ClaimManager } from '../dra/claim-manager.ts'
import { isSidecar, type KubeletPod } from '../pod-containers.ts'
import type { CpuManager } from '../topology/cpu-manager.ts'
import { without } from '../topology/cpu-set.ts'
import { allCpus } from '../topology/cpu-topology.ts'

type Devices = Pick<DeviceManager, 'records' | 'healthy'>
type Claims = Pick<ClaimManager, 'devicesOf'>
type Held = Readonly<{ devices: Devices; claims: Claims; cpus: CpuManager }>

/** Which devices and processors the containers of this node's pods have: the original's pod-resources API v1. Memory is shared by all here. */
export function podResourcesMethods(
  { devices, claims, cpus }: Held,
  activePods: () => readonly KubeletPod[],
): GrpcMethods {
  const resourcesOf = (pod: KubeletPod) => ({
    name: pod.metadata.name,
    namespace: pod.metadata.namespace ?? '',
    containers: [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers].map((container) => ({
      ...containerPart(devices, pod.metadata.uid, container),
      cpuIds: cpus.exclusive(pod.metadata.uid, container.name),
      dynamicResources: claims.devicesOf(pod, container).map(dynamicResource),
    })),
  })
  return rpcMethods(podResourcesLister, {
    List: async () => ok({ podResources: activePods().map(resourcesOf) }),
    async Get({ podName, podNamespace }) {
      const pod = activePods().find(
        ({ metadata: { name, namespace } }) => name === podName && namespace === podNamespace,
      )
      if (pod !== undefined) return ok({ podResources: resourcesOf(pod) })
      return fail<GrpcFailure>({ code: 'Unknown', message: `pod ${podName} in namespace ${podNamespace} not found` })
    },
    GetAllocatableResources: async () =>
      ok({
        cpuIds: cpus.rules === undefined ? [] : without(allCpus(cpus.rules.topology), cpus.rules.reserved),
        devices: [...devices.healthy()].flatMap(([resource, list]) =>
          list.map(({ ID, topology }) => oneDevice(resource, ID, topology?.nodes.map((node) => node.ID) ?? [])),
        ),
      }),
  })
}

function containerPart(devices: Devices, podUid: string, { name }: Container): Sent<typeof containerResources> {
  const own = devices.records().filter((record) => record.podUid === podUid && record.container === name)
  return {
    name,
    devices: own.flatMap((record) =>
      record.devices.map((id) => oneDevice(record.resource, id, record.numaNodes[id] ?? [])),
    ),
  }
}

function dynamicResource({ claim, devices }: ReturnType<ClaimManager['devicesOf']>[number]) {
  return {
    claimName: claim.name,
    claimNamespace: claim.namespace,
    claimResources: devices.map(({ driver, pool, device, cdiDevices, shareId }) => ({
      cdiDevices: cdiDevices.map((name) => ({ name })),
      driverName: driver,
      poolName: pool,
      deviceName: device,
      ...(shareId === undefined ? {} : { shareId }),
    })),
  }
}

function oneDevice(resourceName: string, id: string, nodes: readonly number[]): Sent<typeof containerDevices> {
  const topology = nodes.length === 0 ? {} : { topology: { nodes: nodes.map((ID) => ({ ID })) } }
  return { resourceName, deviceIds: [id], ...topology }
}
