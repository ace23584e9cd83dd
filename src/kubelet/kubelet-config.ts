import type { NodeAddress, Taint } from '../api/kinds.generated.ts'
import { canonicalQuantity, quantityOfUnits } from '../api/quantity.ts'
import type { Client } from '../client/client.ts'
import type { EventRecorder } from '../client/event-recorder.ts'
import type { Clock } from '../ports/clock.ts'
import type { Deflate } from '../ports/deflate.ts'
import type { Disk } from '../ports/disk.ts'
import type { Grpc } from '../ports/grpc.ts'
import type { Http } from '../ports/http.ts'
import type { LinkCounters } from '../ports/links.ts'
import type { Log } from '../ports/log.ts'
import type { Mounts } from '../ports/mounts.ts'
import type { Random } from '../ports/random.ts'
import type { Streams } from '../ports/streams.ts'
import type { PodRuntime } from '../runtime/pod-runtime.ts'
import type { KubeletConfiguration } from './configuration/kubelet-configuration.ts'
import type { CpuTopology } from './topology/cpu-topology.ts'

export type NodeCapacity = Readonly<{
  cpus: number
  memoryBytes: number
  ephemeralStorageBytes: number
  pods: number
  /** And threads: how many the kernel lets there be. */
  processes: number
}>

export type KubeletConfig = Readonly<{
  nodeName: string
  /** The InternalIPs are the pods' hostIPs. */
  addresses: readonly NodeAddress[]
  capacity: NodeCapacity
  /** Whether the kernel holds processes to profiles of AppArmor. Default: it does not. */
  appArmor?: boolean
  /** How its processors lie to each other. Default: all alike. */
  topology?: CpuTopology
  /** What a KubeletConfiguration says. */
  configuration: KubeletConfiguration
  /** A folder of the kubelet's own: pods' volumes and logs. Made where it is missing. */
  rootDirectory: string
  /**
   * The name by which drivers know rootDirectory: the original's /var/lib/kubelet, which they have as a hostPath, where that is a link to
   * it. Default: rootDirectory.
   */
  driverRoot?: string
  clusterDnsIp: string
  /** 'cluster.local' */
  clusterDomain: string
  /** Added to the labels that every node has. */
  labels?: Readonly<Record<string, string>>
  /** Of the node when it is first registered. */
  taints?: readonly Taint[]
  podCidr?: string
  architecture: string
  osImage: string
  kernelVersion: string
  machineId: string
  bootId: string
  systemUuid: string
  /** The node's files that pods are given their own versions of. Default: those in /etc. */
  hostFiles?: Readonly<{ resolvConf: string; hosts: string }>
}>

export type KubeletDeps = Readonly<{
  client: Client
  runtime: PodRuntime
  clock: Clock
  random: Random
  disk: Disk
  http: Http
  grpc: Grpc
  streams: Streams
  mounts: Mounts
  deflate: Deflate
  log: Log
  config: KubeletConfig
  /** What each pod has received and sent, by its sandbox. */
  networkUsage(): Promise<ReadonlyMap<string, LinkCounters>>
}>

/** What the kubelet's parts share. */
export type KubeletContext = KubeletDeps & Readonly<{ events: EventRecorder }>

/** Addresses by which the node is reached from the cluster. */
export function hostIps({ addresses }: KubeletConfig): readonly string[] {
  return addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address)
}

/** Amounts as status.capacity and the downward API show them: as the API server would write them, so that what is read back is equal. */
export function capacityAmounts({ capacity }: KubeletConfig): Readonly<Record<string, string>> {
  return {
    cpu: Number.isInteger(capacity.cpus) ? String(capacity.cpus) : `${Math.floor(capacity.cpus * 1000)}m`,
    'ephemeral-storage': wholeKibibytes(capacity.ephemeralStorageBytes),
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: wholeKibibytes(capacity.memoryBytes),
    pods: String(capacity.pods),
  }
}

function wholeKibibytes(bytes: number): string {
  return canonicalQuantity(quantityOfUnits(Math.floor(bytes / 1024) * 1024, 'BinarySI'))
}
