import type { Result } from '../api/result.ts'

export type CgroupError = Readonly<{
  /** Busy: processes are still inside. */
  code: 'NotFound' | 'Busy' | 'PermissionDenied' | 'Unsupported' | 'Other'
  message: string
}>

/** What is absent is left as it is; -1 is no limit. */
export type CgroupLimits = Readonly<{
  /** Relative weight as cgroup v1 counts it, 2 to 262144. */
  cpuShares?: number
  cpuQuotaUs?: number
  cpuPeriodUs?: number
  memoryLimitBytes?: number
  pidsLimit?: number
  /** '0-2,4'; empty is all that the parent has. */
  cpusetCpus?: string
  cpusetMems?: string
}>

export type CgroupStats = Readonly<{
  cpuUsageNs: number
  memoryUsageBytes: number
  /** Usage without the page cache that can be dropped at once, as kubelets count it. */
  memoryWorkingSetBytes: number
  memoryRssBytes: number
  pids: number
  /** Processes that the kernel killed here for want of memory. */
  oomKills: number
}>

export type InterfaceCounters = Readonly<{
  name: string
  receivedBytes: number
  receivedPackets: number
  receiveErrors: number
  receiveDrops: number
  sentBytes: number
  sentPackets: number
  sendErrors: number
  sendDrops: number
}>

export type BlockDeviceCounters = Readonly<{
  major: number
  minor: number
  readBytes: number
  writtenBytes: number
  reads: number
  writes: number
}>

/** What dashboards ask for beyond that. What this kernel does not count is 0. */
export type CgroupDetail = Readonly<{
  cpuUserNs: number
  cpuSystemNs: number
  /** Of the quota: how many there were, in how many it was used up, and for how long processes waited then. */
  periods: number
  throttledPeriods: number
  throttledNs: number
  memoryCacheBytes: number
  memoryKernelBytes: number
  memoryMappedBytes: number
  memorySwapBytes: number
  memoryMostBytes: number
  /** How often the limit was reached. */
  memoryLimitHits: number
  pageFaults: number
  majorPageFaults: number
  processes: number
  threads: number
  /** 0: no limit. */
  mostThreads: number
  openFiles: number
  openSockets: number
  blockDevices: readonly BlockDeviceCounters[]
  /** Those that its first process sees. */
  interfaces: readonly InterfaceCounters[]
}>

/** What all of the machine uses, in groups or not. */
export type MachineUsage = Readonly<{
  /** Of all processors together. */
  cpuUsageNs: number
  memoryTotalBytes: number
  /** What could be had without swapping. */
  memoryAvailableBytes: number
  /** Threads count, as they do for the limit. */
  processes: number
  mostProcesses: number
}>

/** Control groups. Paths are like '/coracle-a/kubepods/pod1' and mean the same in every hierarchy. */
export interface Cgroups {
  /** Makes the path with its parents, or sets limits of an existing one. */
  ensure(path: string, limits: CgroupLimits): Promise<Result<void, CgroupError>>
  stats(path: string): Promise<Result<CgroupStats, CgroupError>>
  /** Costs more the more processes there are. */
  detail(path: string): Promise<Result<CgroupDetail, CgroupError>>
  machine(): Promise<Result<MachineUsage, CgroupError>>
  /** SIGKILL to every process in it and below; resolves when it is empty. No error when there is none. */
  killAll(path: string): Promise<Result<void, CgroupError>>
  /** The path and everything below it. No error when there is none. */
  remove(path: string): Promise<Result<void, CgroupError>>
  /** Names directly below the path, sorted; empty when there is none. */
  list(path: string): Promise<readonly string[]>
}
