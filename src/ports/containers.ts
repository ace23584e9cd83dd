import type { Ending } from '../api/ending.ts'
import type { Result } from '../api/result.ts'
import type { CgroupLimits } from './cgroups.ts'

export type ContainerError = Readonly<{
  /** CannotRun: the runtime refused, most often because the program is not in the image. NotRunning: it has ended. */
  code: 'NotFound' | 'Exists' | 'NotRunning' | 'CannotRun' | 'Unavailable' | 'TimedOut' | 'Other'
  message: string
}>

/** A device file that privileged containers see. */
export type HostDevice = Readonly<{
  path: string
  type: 'b' | 'c'
  major: number
  minor: number
  fileMode: number
  uid: number
  gid: number
}>

/** What this machine can give a container at the most. */
export type HostFacts = Readonly<{
  architecture: 'amd64' | 'arm64'
  cgroups: 'v1' | 'v2'
  /** The bounding set: 'CAP_CHOWN' … */
  capabilities: readonly string[]
  /** Hard limit of open files, which nobody here may raise. */
  openFilesLimit: number
  /** The lowest value that we may give a process. */
  lowestOomScoreAdj: number
  /** Whether there is a controller that can bound huge pages. */
  boundsHugePages: boolean
  /** Whether the runtime can show a volume with the owners that a user namespace has for it. */
  mapsOwners: boolean
}>

/** What plan-container makes: https://github.com/opencontainers/runtime-spec, as far as we use it. */
export type OciProcess = Readonly<{
  args: readonly string[]
  env: readonly string[]
  cwd: string
  terminal: boolean
}> &
  Readonly<Record<string, unknown>>
export type OciConfig = Readonly<{
  process: OciProcess
  root: Readonly<{ path: string; readonly: boolean }>
  annotations: Readonly<Record<string, string>>
  linux: Readonly<{ cgroupsPath: string }> & Readonly<Record<string, unknown>>
}> &
  Readonly<Record<string, unknown>>

export type ContainerStart = Readonly<{
  id: string
  config: OciConfig
  /** Grows in CRI format: time, stream, P or F, text. Its folder exists. Empty: what the program writes is not kept. */
  logPath: string
  /** once: closed when the first who attached leaves. */
  stdin: 'closed' | 'open' | 'once'
}>

export type ContainerStatus = Readonly<
  /** pid: 0 when it has just ended, and its monitor has yet to say how. */
  | { state: 'running'; pid: number; startedAtMs: number }
  /** signal: known only where the runtime tells it apart from an exit code above 128. */
  | { state: 'exited'; exitCode: number; oomKilled: boolean; startedAtMs: number; finishedAtMs: number }
  /** Neither running nor with a known end: the machine restarted, or its monitor was killed. */
  | { state: 'lost' }
>

export type ExecOptions = Readonly<{
  process: OciProcess
  /** Set: killed after this time. */
  timeoutMs?: number
}>

/** Window sizes travel only with a terminal. */
export interface ContainerStreams {
  readonly stdin?: AsyncIterable<Uint8Array>
  /** Resolve when there is room for more. */
  stdout(chunk: Uint8Array): Promise<void>
  stderr(chunk: Uint8Array): Promise<void>
  readonly resizes?: AsyncIterable<Readonly<{ columns: number; rows: number }>>
  /** Aborted by a caller that no longer wants it. */
  readonly closed: Ending
}

/** Containers in the sense of OCI, each under a monitor of its own: they outlive this process. */
export interface Containers {
  readonly host: HostFacts
  /** At the path, and below it where that is a folder. Default: all below /dev that are not each container's own. */
  hostDevices(path?: string): Promise<readonly HostDevice[]>
  /** Makes and starts it. Resolves when its program runs, or with CannotRun; then nothing of it is left. */
  start(start: ContainerStart): Promise<Result<Readonly<{ pid: number }>, ContainerError>>
  /** NotFound also when it has ended. The number of the signal. */
  kill(id: string, signal: number): Promise<Result<void, ContainerError>>
  /** Kills what still runs, and removes all traces. No error when there is none. */
  remove(id: string): Promise<Result<void, ContainerError>>
  /** Every container there is, also those that were started before this process was. */
  list(): Promise<ReadonlyMap<string, ContainerStatus>>
  /** Told once for each end, after the exit code is known. Ends before this call are found by list(). */
  onExit(listener: (id: string, status: ContainerStatus) => void): void
  updateLimits(id: string, limits: CgroupLimits): Promise<Result<void, ContainerError>>
  /** Runs a program in the container. With a terminal, all output comes as stdout. */
  exec(
    id: string,
    options: ExecOptions,
    streams: ContainerStreams,
  ): Promise<Result<Readonly<{ exitCode: number; timedOut: boolean }>, ContainerError>>
  /** Joins the container's own streams until it ends, or streams.closed is aborted. */
  attach(id: string, streams: ContainerStreams, terminal: boolean): Promise<Result<void, ContainerError>>
  /** Goes on in a new file at the container's log path, which is there when this resolves: the old one has been renamed. */
  reopenLog(id: string, logPath: string): Promise<Result<void, ContainerError>>
  /** Stops watching. Containers go on. */
  close(): void
}
