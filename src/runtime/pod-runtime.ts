import type { Ending } from '../api/ending.ts'
import type { Result } from '../api/result.ts'
import type { DiskSpace, DiskUsage } from '../ports/disk.ts'
import type { IdRange } from '../ports/namespaces.ts'
import type { Duplex } from '../ports/streams.ts'

/**
 * What a kubelet needs of a container runtime, in the shape of the CRI (sandboxes, containers, images), so that our own engine and
 * any CRI runtime can stand behind it. Ids are the runtime's; labels and annotations are kept and returned as given.
 */

export type RuntimeError = Readonly<{
  code:
    | 'NotFound'
    | 'AlreadyExists'
    | 'ImageNotFound'
    | 'InvalidImageName'
    | 'ErrImagePull'
    | 'InvalidArgument'
    | 'Failed'
    | 'NoSpace'
  message: string
}>

export type PodMeta = Readonly<{ name: string; namespace: string; uid: string }>

export type SandboxSpec = Readonly<{
  pod: PodMeta
  /** Raised when a pod's sandbox has to be made anew. */
  attempt: number
  hostname: string
  hostNetwork: boolean
  hostIpc?: boolean
  /** Of the pod's runtime class; absent: the runtime's default. */
  handler?: string
  /** Some container of it may do anything on the node. */
  privileged?: boolean
  /** Folder of the logs of its containers. */
  logDirectory: string
  /** Its network is its own loopback, and nothing else. */
  isIsolated?: boolean
  /** Not a pod's, but of an image that is being built: nobody else sees it, and it does not outlive this process. */
  isBuild?: boolean
  /** Whose processes its containers see; absent: each its own. */
  processes?: 'pod' | 'node'
  /** Whom its users are on the node; absent: the very same. With users of its own it shares no namespace with the node. */
  users?: IdRange
  /** cgroup path below which the pod's containers live: 'kubepods/burstable/podUID'. */
  cgroupParent: string
  sysctls: Readonly<Record<string, string>>
  labels?: Readonly<Record<string, string>>
  annotations?: Readonly<Record<string, string>>
  /** Texts of files that its containers see in /etc ('hosts', 'resolv.conf'), where they mount nothing of their own there. */
  files?: Readonly<Record<string, string>>
  portMappings: readonly Readonly<{
    hostPort: number
    containerPort: number
    protocol: 'TCP' | 'UDP' | 'SCTP'
    hostIp?: string
  }>[]
}>

export type Sandbox = Readonly<{
  id: string
  pod: PodMeta
  attempt: number
  state: 'ready' | 'not-ready'
  createdAtMs: number
  /** The pod's addresses; empty with host network. */
  ips: readonly string[]
  hostNetwork: boolean
}>

export type Mount = Readonly<{
  hostPath: string
  containerPath: string
  readOnly: boolean
  propagation: 'private' | 'host-to-container' | 'bidirectional'
  /** Also what is mounted below it. */
  recursiveReadOnly?: boolean
}>

/** What an image holds, to be read by a container beside its own. */
export type ImageMount = Readonly<{
  image: string
  containerPath: string
  /** Within the image; '' is all of it. */
  subPath: string
}>

/** A device file of the machine, or all in a folder of them. */
export type ContainerDevice = Readonly<{
  hostPath: string
  containerPath: string
  /** Of 'rwm': read, write, make; '' is all. */
  permissions: string
}>

export type LinuxSecurity = Readonly<{
  runAsUser?: number
  runAsGroup?: number
  runAsUserName?: string
  supplementalGroups: readonly number[]
  /** Without the groups that the image gives the user (supplementalGroupsPolicy Strict). */
  onlyGivenGroups?: boolean
  privileged: boolean
  readOnlyRootFilesystem: boolean
  allowPrivilegeEscalation: boolean
  addCapabilities: readonly string[]
  dropCapabilities: readonly string[]
  seccomp: 'RuntimeDefault' | 'Unconfined' | Readonly<{ localhostProfile: string }>
  /** Shows all of /proc and /sys, whatever the two lists say. */
  unmasked: boolean
  /** Paths that are hidden, and that are only read. Absent: those that runtimes agree on. */
  maskedPaths?: readonly string[]
  readonlyPaths?: readonly string[]
  /** Absent: none. By name: a profile that the machine has loaded. */
  appArmor?: 'RuntimeDefault' | Readonly<{ localhostProfile: string }>
}>

/** What is absent is left as it is. */
export type CgroupResources = Readonly<{
  cpuShares?: number
  /** Microseconds of CPU per cpuPeriodUs; -1 is no limit. */
  cpuQuotaUs?: number
  cpuPeriodUs?: number
  /** -1 is no limit. */
  memoryLimitBytes?: number
  pidsLimit?: number
  /** '0-2,4' */
  cpusetCpus?: string
  cpusetMems?: string
}>

export type LinuxResources = CgroupResources &
  Readonly<{
    oomScoreAdj: number
    /** Memory and swap together; -1 is no limit. Absent: as much as memory alone. */
    memorySwapLimitBytes?: number
    hugepageLimits?: readonly Readonly<{ pageSize: string; limitBytes: number }>[]
    /** Files of cgroup v2 with their content: 'memory.high'. */
    unified?: Readonly<Record<string, string>>
  }>

export type ContainerSpec = Readonly<{
  name: string
  /** Restart count: part of the identity within the pod. */
  attempt: number
  image: string
  /** Overrides the image's entrypoint. */
  command?: readonly string[]
  args?: readonly string[]
  workingDir?: string
  env: readonly Readonly<{ name: string; value: string }>[]
  mounts: readonly Mount[]
  imageMounts?: readonly ImageMount[]
  devices?: readonly ContainerDevice[]
  /** By their names of the Container Device Interface: 'vendor.com/class=name'. */
  cdiDevices?: readonly string[]
  /** Whose processes it sees; absent: as its sandbox says. */
  processes?: 'own' | 'pod' | 'node'
  /** A running container whose processes this one sees beside its own. */
  targetId?: string
  /** 'SIGUSR1'; absent: the image's. */
  stopSignal?: string
  security: LinuxSecurity
  resources: LinuxResources
  /** Absolute path of the log file, in CRI format; empty: what is written is not kept. */
  logPath: string
  stdin: boolean
  stdinOnce: boolean
  tty: boolean
  labels: Readonly<Record<string, string>>
  annotations?: Readonly<Record<string, string>>
}>

export type Container = Readonly<{
  id: string
  sandboxId: string
  pod: PodMeta
  name: string
  attempt: number
  /** As the pod named it. */
  image: string
  /** Digest reference or id of the image that is running. */
  imageId: string
  state: 'created' | 'running' | 'exited' | 'unknown'
  createdAtMs: number
  startedAtMs?: number
  finishedAtMs?: number
  exitCode?: number
  /** Number of the signal that ended it, if one did. */
  signal?: number
  /** 'OOMKilled', 'Completed', 'Error', 'ContainerCannotRun', 'StartError' … */
  reason?: string
  message?: string
  logPath: string
  tty: boolean
  stdin: boolean
  labels: Readonly<Record<string, string>>
}>

export type Image = Readonly<{
  /** Digest of the image's configuration: 'sha256:…'. */
  id: string
  tags: readonly string[]
  digests: readonly string[]
  sizeBytes: number
  /** 'user' of the image's configuration, as written there. */
  user: string
  createdAtMs?: number
  /** The runtime, or somebody beside this kubelet, needs it: it is not to be removed. */
  pinned?: boolean
}>

export type RegistryAuth = Readonly<{ username: string; password: string } | { identityToken: string }>

/** stdin, stdout and stderr of a running exec or attach. With a tty, all output comes as stdout. */
export type IoStreams = Readonly<{
  /** Absent: stdin is closed from the start. */
  stdin?: AsyncIterable<Uint8Array>
  stdout(chunk: Uint8Array): Promise<void>
  stderr(chunk: Uint8Array): Promise<void>
  /** Window sizes as they change; ignored without a tty. */
  resizes?: AsyncIterable<Readonly<{ columns: number; rows: number }>>
  closed: Ending
}>

export type ContainerStats = Readonly<{
  containerId: string
  cpuUsageNs: number
  /** With the page cache. */
  memoryUsageBytes: number
  memoryWorkingSetBytes: number
  memoryRssBytes: number
  pids: number
  atMs: number
}>

/** What a cgroup uses together with all below it. */
export type CgroupUsage = Omit<ContainerStats, 'containerId'>

/** What all of the machine uses, pods or not. */
export type MachineUsage = Readonly<{
  cpuUsageNs: number
  memoryTotalBytes: number
  memoryAvailableBytes: number
  processes: number
  mostProcesses: number
  atMs: number
}>

export type RuntimeEvent = Readonly<{
  type: 'container-changed' | 'sandbox-changed'
  sandboxId: string
  containerId?: string
}>

/** What a runtime is, and how it is. */
export type RuntimeStatus = Readonly<{
  version: string
  /** Why it cannot run pods now, in the words of the original kubelet; absent when it can. */
  fault?: string
  handlers: readonly Readonly<{ name: string; recursiveReadOnlyMounts: boolean; userNamespaces: boolean }>[]
  supplementalGroupsPolicy: boolean
}>

export interface PodRuntime {
  /** 'coracle', 'containerd': what the ids of its containers are prefixed with for clients. */
  readonly name: string
  status(): Promise<RuntimeStatus>
  runSandbox(spec: SandboxSpec): Promise<Result<Sandbox, RuntimeError>>
  /** Kills what still runs in it and gives back network and namespaces; the sandbox stays listed as not ready. No error when it is gone. */
  stopSandbox(id: string): Promise<Result<void, RuntimeError>>
  /** Removes the sandbox and its containers with everything they hold. No error when it is gone. */
  removeSandbox(id: string): Promise<Result<void, RuntimeError>>
  createContainer(sandboxId: string, spec: ContainerSpec): Promise<Result<Container, RuntimeError>>
  startContainer(id: string): Promise<Result<void, RuntimeError>>
  /** The image's stop signal (SIGTERM), then SIGKILL after graceSeconds. Resolves when the container has ended. */
  stopContainer(id: string, graceSeconds: number): Promise<Result<void, RuntimeError>>
  removeContainer(id: string): Promise<Result<void, RuntimeError>>
  updateResources(id: string, resources: LinuxResources): Promise<Result<void, RuntimeError>>
  /** Bounds what is below a cgroup, by the path that sandboxes name theirs by ('kubepods/burstable'); makes it where it is missing. */
  limitCgroup(path: string, resources: CgroupResources): Promise<Result<void, RuntimeError>>
  /** Undefined: there is no such cgroup. */
  cgroupUsage(path: string): Promise<CgroupUsage | undefined>
  /** Undefined: the machine does not tell. */
  machineUsage(): Promise<MachineUsage | undefined>
  /** The runtime's own knowledge, kept current by what it observes: cheap enough to call on every sync. */
  sandboxes(): readonly Sandbox[]
  containers(): readonly Container[]
  onEvent(listener: (event: RuntimeEvent) => void): void
  /** Runs a command to its end; the output is cut at limitBytes. */
  execSync(
    id: string,
    command: readonly string[],
    timeoutMs: number,
    limitBytes: number,
  ): Promise<
    Result<Readonly<{ exitCode: number; stdout: Uint8Array; stderr: Uint8Array; timedOut: boolean }>, RuntimeError>
  >
  exec(
    id: string,
    command: readonly string[],
    tty: boolean,
    io: IoStreams,
  ): Promise<Result<Readonly<{ exitCode: number }>, RuntimeError>>
  /** Resolves when the container ends or io.closed is aborted. */
  attach(id: string, io: IoStreams): Promise<Result<void, RuntimeError>>
  /** Goes on in a new file at the container's log path: the old one has been renamed. */
  reopenLog(id: string): Promise<Result<void, RuntimeError>>
  /** A connection to localhost:port inside the sandbox. */
  portForward(sandboxId: string, port: number): Promise<Result<Duplex, RuntimeError>>
  stats(): Promise<readonly ContainerStats[]>
  /** What the container has written to its own layer; undefined where it is not known. */
  writableLayer(id: string): Promise<DiskUsage | undefined>
  /** Where images and writable layers lie. */
  imageFileSystem(): Promise<DiskSpace>
  imageStatus(reference: string): Promise<Image | undefined>
  listImages(): Promise<readonly Image[]>
  /** auths: credentials to try in order; none is tried first. */
  pullImage(reference: string, auths: readonly RegistryAuth[]): Promise<Result<Image, RuntimeError>>
  removeImage(reference: string): Promise<Result<void, RuntimeError>>
}
