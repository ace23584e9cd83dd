import type { Node, NodeCondition, NodeStatus } from '../../api/kinds.generated.ts'
import { kubernetesVersion } from '../../api/kubernetes-version.ts'
import { isExtended } from '../../api/validation/resources.ts'
import type { Image, RuntimeStatus } from '../../runtime/pod-runtime.ts'
import type { ResourceCounts } from '../devices/device-resources.ts'
import type { PressureCondition } from '../eviction/threshold.ts'
import { capacityAmounts, type KubeletConfig } from '../kubelet-config.ts'
import { allocatableAmounts } from './node-allocatable.ts'

/** Kubernetes: how many names of each image a node's status has. */
const mostNames = 5

export type NodeStatusInput = Readonly<{
  config: KubeletConfig
  before: NodeStatus
  images: readonly Image[]
  runtime: Readonly<{ name: string; status: RuntimeStatus }>
  /** What the node lacks. */
  pressure: ReadonlySet<PressureCondition>
  devices: ResourceCounts
  /** Names of attached volumes that must not be detached. */
  volumesInUse: readonly string[]
  /** metav1.Time of now. */
  now: string
}>

/** The labels that every node has, and this one's own. */
export function nodeLabels({ nodeName, architecture, labels = {} }: KubeletConfig): Readonly<Record<string, string>> {
  return {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': 'linux',
    ...labels,
  }
}

export function newNode(config: KubeletConfig): Node & Readonly<{ metadata: Readonly<{ name: string }> }> {
  const { podCidr, taints } = config
  return {
    metadata: { name: config.nodeName, labels: nodeLabels(config) },
    spec: {
      ...(podCidr === undefined ? {} : { podCIDR: podCidr, podCIDRs: [podCidr] }),
      ...(taints === undefined ? {} : { taints }),
    },
  }
}

export function nodeStatus(input: NodeStatusInput): NodeStatus {
  const { config, runtime, devices, volumesInUse } = input
  const { volumesInUse: _, ...before } = input.before
  return {
    ...before,
    ...(volumesInUse.length === 0 ? {} : { volumesInUse }),
    capacity: { ...extendedOf(before.capacity), ...capacityAmounts(config), ...devices.capacity },
    allocatable: {
      ...extendedOf(before.capacity),
      ...extendedOf(before.allocatable),
      ...allocatableAmounts(config),
      ...devices.allocatable,
    },
    addresses: config.addresses,
    daemonEndpoints: { kubeletEndpoint: { Port: config.configuration.port } },
    nodeInfo: {
      machineID: config.machineId,
      systemUUID: config.systemUuid,
      bootID: config.bootId,
      kernelVersion: config.kernelVersion,
      osImage: config.osImage,
      containerRuntimeVersion: `${runtime.name}://${runtime.status.version}`,
      kubeletVersion: kubernetesVersion,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: config.architecture,
    },
    images: nodeImages(input.images, config.configuration.nodeStatusMaxImages),
    conditions: conditions(input),
    runtimeHandlers: runtime.status.handlers.map(({ name, ...features }) => ({ name, features })),
    features: { supplementalGroupsPolicy: runtime.status.supplementalGroupsPolicy },
  }
}

/** Amounts of resources that somebody else has written: they are theirs to change. */
function extendedOf(amounts: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => isExtended(name)))
}

/** The largest first; -1 is all of them. */
function nodeImages(images: readonly Image[], most: number) {
  return [...images]
    .sort((a, b) => b.sizeBytes - a.sizeBytes || (a.id < b.id ? -1 : 1))
    .slice(0, most < 0 ? images.length : most)
    .map(({ digests, tags, sizeBytes }) => ({ names: [...digests, ...tags].slice(0, mostNames), sizeBytes }))
}

/** Conditions of others stay; each of the kubelet's keeps its transition time while its status does. */
function conditions({ before, pressure, runtime, now }: NodeStatusInput): readonly NodeCondition[] {
  const { fault } = runtime.status
  const own: readonly Omit<NodeCondition, 'lastHeartbeatTime' | 'lastTransitionTime'>[] = [
    pressure.has('MemoryPressure')
      ? condition('MemoryPressure', true, 'KubeletHasInsufficientMemory', 'kubelet has insufficient memory available')
      : condition('MemoryPressure', false, 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    pressure.has('DiskPressure')
      ? condition('DiskPressure', true, 'KubeletHasDiskPressure', 'kubelet has disk pressure')
      : condition('DiskPressure', false, 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    pressure.has('PIDPressure')
      ? condition('PIDPressure', true, 'KubeletHasInsufficientPID', 'kubelet has insufficient PID available')
      : condition('PIDPressure', false, 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    fault === undefined
      ? condition('Ready', true, 'KubeletReady', 'kubelet is posting ready status')
      : condition('Ready', false, 'KubeletNotReady', fault),
  ]
  const foreign = (before.conditions ?? []).filter(({ type }) => !own.some((mine) => mine.type === type))
  return [
    ...foreign,
    ...own.map((mine) => {
      const known = before.conditions?.find(({ type }) => type === mine.type)
      const since = known?.status === mine.status ? known.lastTransitionTime : now
      return { ...mine, lastHeartbeatTime: now, lastTransitionTime: since ?? now }
    }),
  ]
}

function condition(type: string, holds: boolean, reason: string, message: string) {
  return { type, status: holds ? 'True' : 'False', reason, message }
}

/** The status without what changes with every heartbeat: differs when there is something to tell. Empty lists are not stored. */
export function withoutHeartbeats({ images = [], runtimeHandlers = [], ...status }: NodeStatus): NodeStatus {
  return {
    ...status,
    ...(images.length === 0 ? {} : { images }),
    ...(runtimeHandlers.length === 0 ? {} : { runtimeHandlers }),
    conditions: (status.conditions ?? []).map(({ type, status: holds, reason, message }) => ({
      type,
      status: holds,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    })),
  }
}
