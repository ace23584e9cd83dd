import type { DiskSpace, DiskUsage } from '../../ports/disk.ts'
import type { ContainerRecord } from '../engine/engine-record.ts'
import type { UsageDetail } from '../engine/engine-stats.ts'

/** What is known of a container that runs. */
export type Observed = Readonly<{
  record: ContainerRecord
  usage: UsageDetail
  /** What it has written to its own layer, and the file system that this lies on. */
  layer: DiskUsage
  space: DiskSpace
  device: string
  nowMs: number
}>

export type Value = Readonly<{ labels?: readonly string[]; value: number }>

export type Metric = Readonly<{
  name: string
  help: string
  type: 'COUNTER' | 'GAUGE'
  /** Beside those that all have: id and name. */
  labels?: readonly string[]
  values: (observed: Observed) => readonly Value[]
}>

type Read = (observed: Observed) => number

const of = (type: Metric['type'], name: string, help: string, read: Read, labels: readonly string[] = []): Metric => ({
  ...{ name: `container_${name}`, help, type, labels },
  values: (observed) => [{ value: read(observed) }],
})
const counter = (name: string, help: string, read: Read): Metric => of('COUNTER', name, help, read)
const gauge = (name: string, help: string, read: Read): Metric => of('GAUGE', name, help, read)
const onDisk = (name: string, help: string, read: Read): Metric => ({
  ...gauge(`fs_${name}`, help, read),
  labels: ['device'],
  values: (observed) => [{ labels: [observed.device], value: read(observed) }],
})

const seconds = (ns: number): number => Math.floor(ns / 1e9)
const limit = (value = 0): number => Math.max(0, value)

const processors: readonly Metric[] = [
  counter('cpu_user_seconds_total', 'User CPU time consumed.', ({ usage }) => seconds(usage.cpuUserNs)),
  counter('cpu_system_seconds_total', 'System CPU time consumed.', ({ usage }) => seconds(usage.cpuSystemNs)),
  counter('cpu_usage_seconds_total', 'CPU time consumed.', ({ usage }) => seconds(usage.cpuUsageNs)),
  counter('cpu_cfs_periods_total', 'Periods of the CPU quota that have passed.', ({ usage }) => usage.periods),
  counter(
    'cpu_cfs_throttled_periods_total',
    'Periods in which the quota was used up.',
    ({ usage }) => usage.throttledPeriods,
  ),
  counter('cpu_cfs_throttled_seconds_total', 'Time spent waiting for quota.', ({ usage }) =>
    seconds(usage.throttledNs),
  ),
]

const memory: readonly Metric[] = [
  gauge('memory_cache', 'Bytes of page cache.', ({ usage }) => usage.memoryCacheBytes),
  gauge('memory_rss', 'Bytes of anonymous memory.', ({ usage }) => usage.memoryRssBytes),
  gauge(
    'memory_kernel_usage',
    'Bytes that the kernel holds for the container.',
    ({ usage }) => usage.memoryKernelBytes,
  ),
  gauge('memory_mapped_file', 'Bytes of mapped files.', ({ usage }) => usage.memoryMappedBytes),
  gauge('memory_swap', 'Bytes of swap.', ({ usage }) => usage.memorySwapBytes),
  counter('memory_failcnt', 'Times that the memory limit was reached.', ({ usage }) => usage.memoryLimitHits),
  gauge('memory_usage_bytes', 'Bytes of memory, with the page cache.', ({ usage }) => usage.memoryUsageBytes),
  gauge('memory_max_usage_bytes', 'Most bytes of memory so far.', ({ usage }) => usage.memoryMostBytes),
  gauge('memory_working_set_bytes', 'Bytes of the working set.', ({ usage }) => usage.memoryWorkingSetBytes),
  {
    ...{ name: 'container_memory_failures_total', help: 'Page faults.', type: 'COUNTER' },
    labels: ['failure_type', 'scope'],
    values: ({ usage }) => [
      { labels: ['pgfault', 'container'], value: usage.pageFaults },
      { labels: ['pgmajfault', 'container'], value: usage.majorPageFaults },
    ],
  },
  counter('oom_events_total', 'Processes killed for want of memory.', ({ usage }) => usage.oomKills),
]

type Block = UsageDetail['blockDevices'][number]
const block = (name: string, help: string, read: (device: Block) => number): Metric => ({
  ...{ name: `container_fs_${name}`, help, type: 'COUNTER', labels: ['device'] },
  values: ({ usage }) =>
    usage.blockDevices.map((device) => ({ labels: [`${device.major}:${device.minor}`], value: read(device) })),
})

const disks: readonly Metric[] = [
  onDisk('inodes_free', 'Free inodes.', ({ space }) => space.freeInodes),
  onDisk('inodes_total', 'Inodes.', ({ space }) => space.totalInodes),
  onDisk('limit_bytes', 'Bytes that there are.', ({ space }) => space.totalBytes),
  onDisk('usage_bytes', 'Bytes that the container has written to its own layer.', ({ layer }) => layer.bytes),
  block('reads_bytes_total', 'Bytes read.', ({ readBytes }) => readBytes),
  block('reads_total', 'Reads.', ({ reads }) => reads),
  block('writes_bytes_total', 'Bytes written.', ({ writtenBytes }) => writtenBytes),
  block('writes_total', 'Writes.', ({ writes }) => writes),
  {
    ...{ name: 'container_blkio_device_usage_total', help: 'Bytes read and written.', type: 'COUNTER' },
    labels: ['device', 'major', 'minor', 'operation'],
    values: ({ usage }) =>
      usage.blockDevices.flatMap(({ major, minor, readBytes, writtenBytes }) => {
        const names = [`${major}:${minor}`, String(major), String(minor)]
        return [
          { labels: [...names, 'Read'], value: readBytes },
          { labels: [...names, 'Write'], value: writtenBytes },
        ]
      }),
  },
]

const processes: readonly Metric[] = [
  gauge('processes', 'Processes.', ({ usage }) => usage.processes),
  gauge('threads', 'Threads.', ({ usage }) => usage.threads),
  gauge('threads_max', 'Most threads there may be; 0 is no limit.', ({ usage }) => usage.mostThreads),
  gauge('file_descriptors', 'Open files.', ({ usage }) => usage.openFiles),
  gauge('sockets', 'Open sockets.', ({ usage }) => usage.openSockets),
  gauge('last_seen', 'When it was last seen, in seconds since the epoch.', ({ nowMs }) => Math.floor(nowMs / 1000)),
  gauge('start_time_seconds', 'When it was started, in seconds since the epoch.', ({ record }) =>
    Math.floor((record.startedAtMs ?? record.createdAtMs) / 1000),
  ),
]

const wishes: readonly Metric[] = [
  gauge('spec_cpu_period', 'Microseconds of a period.', ({ record }) => limit(record.spec.resources.cpuPeriodUs)),
  gauge('spec_cpu_quota', 'Microseconds of CPU in a period; 0 is no limit.', ({ record }) =>
    limit(record.spec.resources.cpuQuotaUs),
  ),
  gauge('spec_cpu_shares', 'CPU shares.', ({ record }) => limit(record.spec.resources.cpuShares)),
  gauge('spec_memory_limit_bytes', 'Memory limit; 0 is none.', ({ record }) =>
    limit(record.spec.resources.memoryLimitBytes),
  ),
  gauge('spec_memory_swap_limit_bytes', 'Limit of memory and swap together; 0 is none said.', ({ record }) =>
    limit(record.spec.resources.memorySwapLimitBytes),
  ),
]

/** Of containers, by the names that kubelets pass on to Prometheus. */
export const containerMetrics: readonly Metric[] = [...processors, ...memory, ...disks, ...processes, ...wishes]

type Interface = UsageDetail['interfaces'][number]
const traffic = (name: string, help: string, read: (counters: Interface) => number): Metric => ({
  ...{ name: `container_network_${name}_total`, help, type: 'COUNTER', labels: ['interface'] },
  values: ({ usage }) => usage.interfaces.map((counters) => ({ labels: [counters.name], value: read(counters) })),
})

/** Of sandboxes, whose network their containers share. */
export const sandboxMetrics: readonly Metric[] = [
  traffic('receive_bytes', 'Bytes received.', ({ receivedBytes }) => receivedBytes),
  traffic('receive_packets', 'Packets received.', ({ receivedPackets }) => receivedPackets),
  traffic('receive_packets_dropped', 'Packets dropped on receipt.', ({ receiveDrops }) => receiveDrops),
  traffic('receive_errors', 'Errors on receipt.', ({ receiveErrors }) => receiveErrors),
  traffic('transmit_bytes', 'Bytes sent.', ({ sentBytes }) => sentBytes),
  traffic('transmit_packets', 'Packets sent.', ({ sentPackets }) => sentPackets),
  traffic('transmit_packets_dropped', 'Packets dropped before they were sent.', ({ sendDrops }) => sendDrops),
  traffic('transmit_errors', 'Errors in sending.', ({ sendErrors }) => sendErrors),
]
