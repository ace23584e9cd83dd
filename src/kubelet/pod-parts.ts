import type { PodCondition, Service } from '../api/kinds.generated.ts'
import type { Stored } from '../api/object.ts'
import type { AllocationRecord } from './allocation-record.ts'
import type { BackOffEntry } from './back-off-table.ts'
import type { StartFailure } from './container-statuses.ts'
import type { ImagePuller } from './image-puller.ts'
import type { KubeletDeps } from './kubelet-config.ts'
import type { Limiter } from './limiter.ts'
import type { ObjectWatch } from './object-watch.ts'
import type { NodePlugins } from './plugins/node-plugins.ts'
import { type PodAllocation, withAllocation } from './pod-allocation.ts'
import type { KubeletPod } from './pod-containers.ts'
import type { PodEvents } from './pod-events.ts'
import type { PodStarts } from './pod-starts.ts'
import type { ProbeManager } from './probes/probe-manager.ts'
import { conditionsBefore, type ResizeConditions } from './resize-conditions.ts'
import type { Actuated } from './resize-plan.ts'
import type { StatusWriter } from './status-writer.ts'
import type { CpuManager } from './topology/cpu-manager.ts'
import type { TopologyManager } from './topology/topology-manager.ts'
import type { UserIds } from './user-ids.ts'
import type { MountedVolume } from './volumes/pod-volumes.ts'
import type { TokenSource } from './volumes/service-account-token.ts'

/** What the workers of all pods share. */
export type PodParts = Readonly<{
  deps: KubeletDeps
  events: PodEvents
  objects: ObjectWatch
  tokens: TokenSource
  puller: ImagePuller
  probes: ProbeManager
  statuses: StatusWriter
  podStarts: PodStarts
  /** Bounds how many sandboxes and containers are being started on this node. */
  starts: Limiter
  /** Why the node cannot take the pod; undefined when it can. */
  admit(pod: KubeletPod): Rejection | undefined
  plugins: NodePlugins
  userIds: UserIds
  cpus: CpuManager
  /** Gives pods processors and devices. */
  topology: TopologyManager
  services: Readonly<{ list(): readonly Stored<Service>[]; synced(): boolean }>
  /** A pod has been granted what it needs. */
  roomTaken(): void
  /** What the node's pods take up has become less: who waits for more may get it now. */
  roomMade(): void
}>

/** Worded as the original's: ('OutOfcpu', 'Node didn't have enough resource: …'). */
export type Rejection = Readonly<{ reason: string; message: string }>

/** How the kubelet ends a pod that would go on by itself. */
export type EndOrder = Rejection &
  Readonly<{
    /** What its containers are given. */
    graceSeconds: number
    /** Told by the condition DisruptionTarget: whoever counts failures need not count this one. */
    isDisruption: boolean
  }>

/** What the kubelet remembers of one pod between its syncs. Lost with the kubelet, and found again by looking. */
export type PodMemory = {
  /** With the resources that it was granted, which may lag behind what it asks for. */
  pod: KubeletPod
  /** As the API server has it. */
  wanted: KubeletPod
  /** Undefined before it is admitted. */
  allocation: PodAllocation | undefined
  actuated: Actuated
  resize: ResizeConditions
  /** Why containers cannot start, by name. */
  failures: Map<string, StartFailure>
  /** Waits between the restarts of crashing containers, by backOffKey. */
  crashes: Map<string, BackOffEntry>
  /** By container id. */
  terminationMessages: Map<string, string>
  /** Why the kubelet ended the pod. */
  verdict: Rejection | undefined
  /** That the kubelet has ordered its end, to spare the node or because the node goes down. */
  endOrder: EndOrder | undefined
  /** What the end order says to those that look after the pod. */
  disruption: PodCondition | undefined
  volumes: ReadonlyMap<string, MountedVolume> | undefined
  /** What the volumes show has changed since they were set up. */
  volumesStale: boolean
  /** When the volumes are to be set up again, though nothing may have changed. */
  remountMs: number
  /** How often in a row the volumes could not be set up. */
  volumeFailures: number
  /** The sandbox whose addresses stand in the pod's hosts file. */
  namedSandboxId: string | undefined
}

/** `record`: what an earlier kubelet granted the pod. */
export function newMemory(pod: KubeletPod, record: AllocationRecord | undefined): PodMemory {
  return {
    pod: withAllocation(pod, record?.allocation),
    wanted: pod,
    allocation: record?.allocation,
    actuated: record?.actuated ?? { containers: new Map() },
    resize: conditionsBefore(pod),
    failures: new Map(),
    crashes: new Map(),
    terminationMessages: new Map(),
    verdict: undefined,
    endOrder: undefined,
    disruption: undefined,
    volumes: undefined,
    volumesStale: true,
    remountMs: Number.POSITIVE_INFINITY,
    volumeFailures: 0,
    namedSandboxId: undefined,
  }
}
