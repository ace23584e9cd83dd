import type { LinkCounters } from '../../ports/links.ts'
import type { CgroupUsage, Container, ContainerStats } from '../../runtime/pod-runtime.ts'
import { containerAmounts } from '../container-amounts.ts'
import { cpuPeriodUs, leastShares, quotaOf, sharesOf } from '../cpu-shares.ts'
import { podCgroup } from '../pod-cgroup.ts'
import { containerNamed, type KubeletPod } from '../pod-containers.ts'
import { fileSystemFamilies } from './file-system-metrics.ts'
import { type MetricFamily, metricText, type Sample } from './metric-text.ts'
import type { ServerContext } from './server-context.ts'

type Usage = CgroupUsage | ContainerStats
type Labels = Readonly<Record<string, string>>
/** One line of each family: a container, a pod as a whole, or the machine. */
type Row = Readonly<{ labels: Labels; usage: Usage; startedAtMs?: number; limits?: Limits }>
type Limits = Readonly<{ shares: number; quotaUs: number | undefined; memoryBytes: number }>

const nanosecondsPerSecond = 1e9

/** GET /metrics/cadvisor: what containers, pods and the machine use, by the names and labels of cAdvisor. */
export async function cadvisorMetrics(context: ServerContext): Promise<string> {
  const { deps } = context
  const [stats, machine, links] = await Promise.all([
    deps.runtime.stats(),
    deps.runtime.machineUsage(),
    deps.networkUsage(),
  ])
  const containers = containerRows(context, stats)
  const rows = [...(await podRows(context)), ...containers]
  const layers = containers.map(({ labels }) => ({ labels, containerId: labels.name ?? '' }))
  const { capacity, bootId, machineId, systemUuid, kernelVersion, osImage } = deps.config
  const identity = { boot_id: bootId, machine_id: machineId, system_uuid: systemUuid }
  const root: readonly Row[] =
    machine === undefined ? [] : [{ labels: rootLabels, usage: { ...machineRow(machine), atMs: machine.atMs } }]
  return metricText([
    {
      name: 'cadvisor_version_info',
      type: 'gauge',
      help: "A metric with a constant '1' value labeled by kernel version, OS version and cadvisor version.",
      samples: [{ labels: { cadvisorVersion: '', kernelVersion, osVersion: osImage }, value: 1 }],
    },
    ...usageFamilies([...root, ...rows]),
    ...(await fileSystemFamilies(context, rootLabels, layers)),
    ...networkFamilies(context, links),
    scalar('machine_cpu_cores', 'Number of logical CPU cores.', identity, capacity.cpus),
    scalar('machine_memory_bytes', 'Amount of memory installed on the machine.', identity, capacity.memoryBytes),
    scalar('container_scrape_error', '1 if there was an error while getting container metrics, 0 otherwise', {}, 0),
  ])
}

const rootLabels = rowLabels('/', '', '', '', '')

type Machine = NonNullable<Awaited<ReturnType<ServerContext['deps']['runtime']['machineUsage']>>>

function machineRow({ cpuUsageNs, memoryTotalBytes, memoryAvailableBytes, processes }: Machine) {
  const usedBytes = memoryTotalBytes - memoryAvailableBytes
  return {
    cpuUsageNs,
    memoryUsageBytes: usedBytes,
    memoryWorkingSetBytes: usedBytes,
    memoryRssBytes: 0,
    pids: processes,
  }
}

function rowLabels(id: string, name: string, container: string, image: string, namespace: string, pod = ''): Labels {
  return { container, id, image, name, namespace, pod }
}

async function podRows({ deps, pods }: ServerContext): Promise<readonly Row[]> {
  const rows = await Promise.all(
    pods.pods().map(async (pod): Promise<readonly Row[]> => {
      const { name, namespace = '' } = pod.metadata
      const usage = await deps.runtime.cgroupUsage(podCgroup(pod))
      return usage === undefined
        ? []
        : [{ labels: rowLabels(`/${podCgroup(pod)}`, '', '', '', namespace, name), usage }]
    }),
  )
  return rows.flat()
}

function containerRows({ deps, pods }: ServerContext, stats: readonly ContainerStats[]): readonly Row[] {
  const containers = new Map(deps.runtime.containers().map((container) => [container.id, container]))
  return stats.flatMap((usage): readonly Row[] => {
    const container = containers.get(usage.containerId)
    if (container === undefined) return []
    const pod = pods.pod(container.pod.namespace, container.pod.name)
    return [
      {
        labels: containerLabels(pod, container),
        usage,
        ...(container.startedAtMs === undefined ? {} : { startedAtMs: container.startedAtMs }),
        limits: limitsOf(pod, container),
      },
    ]
  })
}

function containerLabels(pod: KubeletPod | undefined, { id, name, image, pod: of }: Container): Labels {
  const parent = pod === undefined ? `kubepods/pod${of.uid}` : podCgroup(pod)
  return rowLabels(`/${parent}/${id}`, id, name, image, of.namespace, of.name)
}

function limitsOf(pod: KubeletPod | undefined, { name }: Container): Limits {
  const spec = pod === undefined ? undefined : containerNamed(pod, name)
  const { cpuRequestMilli, cpuLimitMilli, memoryLimitBytes } = containerAmounts(pod?.spec.resources, spec?.resources)
  return {
    shares: cpuRequestMilli === 0 ? leastShares : sharesOf(cpuRequestMilli),
    quotaUs: cpuLimitMilli === 0 ? undefined : quotaOf(cpuLimitMilli),
    memoryBytes: memoryLimitBytes,
  }
}

function usageFamilies(rows: readonly Row[]): readonly MetricFamily[] {
  const gauge = (name: string, help: string, of: (row: Row) => number | undefined, timed = true): MetricFamily => ({
    name,
    type: 'gauge',
    help,
    samples: rows.flatMap((row): readonly Sample[] => {
      const value = of(row)
      if (value === undefined) return []
      return [{ labels: row.labels, value, ...(timed ? { atMs: row.usage.atMs } : {}) }]
    }),
  })
  const cpu: MetricFamily = {
    name: 'container_cpu_usage_seconds_total',
    type: 'counter',
    help: 'Cumulative cpu time consumed in seconds.',
    samples: rows.map(({ labels, usage }) => ({
      labels: { ...labels, cpu: 'total' },
      value: usage.cpuUsageNs / nanosecondsPerSecond,
      atMs: usage.atMs,
    })),
  }
  return [
    cpu,
    gauge('container_last_seen', 'Last time a container was seen by the exporter', ({ usage }) =>
      Math.floor(usage.atMs / 1000),
    ),
    gauge('container_memory_rss', 'Size of RSS in bytes.', ({ usage }) => usage.memoryRssBytes),
    gauge(
      'container_memory_usage_bytes',
      'Current memory usage in bytes, including all memory regardless of when it was accessed',
      ({ usage }) => usage.memoryUsageBytes,
    ),
    gauge(
      'container_memory_working_set_bytes',
      'Current working set in bytes.',
      ({ usage }) => usage.memoryWorkingSetBytes,
    ),
    gauge('container_processes', 'Number of processes running inside the container.', ({ usage }) => usage.pids),
    gauge(
      'container_spec_cpu_period',
      'CPU period of the container.',
      ({ limits }) => limits?.quotaUs && cpuPeriodUs,
      false,
    ),
    gauge('container_spec_cpu_quota', 'CPU quota of the container.', ({ limits }) => limits?.quotaUs, false),
    gauge('container_spec_cpu_shares', 'CPU share of the container.', ({ limits }) => limits?.shares, false),
    gauge(
      'container_spec_memory_limit_bytes',
      'Memory limit for the container.',
      ({ limits }) => limits?.memoryBytes,
      false,
    ),
    gauge(
      'container_start_time_seconds',
      'Start time of the container since unix epoch in seconds.',
      ({ startedAtMs }) => (startedAtMs === undefined ? undefined : Math.floor(startedAtMs / 1000)),
      false,
    ),
  ]
}

const networkMetrics: readonly (readonly [name: string, help: string, of: (counters: LinkCounters) => number])[] = [
  ['receive_bytes', 'Cumulative count of bytes received', ({ receivedBytes }) => receivedBytes],
  ['receive_errors', 'Cumulative count of errors encountered while receiving', ({ receiveErrors }) => receiveErrors],
  [
    'receive_packets_dropped',
    'Cumulative count of packets dropped while receiving',
    ({ receiveDrops }) => receiveDrops,
  ],
  ['receive_packets', 'Cumulative count of packets received', ({ receivedPackets }) => receivedPackets],
  ['transmit_bytes', 'Cumulative count of bytes transmitted', ({ sentBytes }) => sentBytes],
  ['transmit_errors', 'Cumulative count of errors encountered while transmitting', ({ sendErrors }) => sendErrors],
  ['transmit_packets_dropped', 'Cumulative count of packets dropped while transmitting', ({ sendDrops }) => sendDrops],
  ['transmit_packets', 'Cumulative count of packets transmitted', ({ sentPackets }) => sentPackets],
]

/** Of pods with a network of their own; those on the node's have none to tell of. */
function networkFamilies(
  { deps, pods }: ServerContext,
  links: ReadonlyMap<string, LinkCounters>,
): readonly MetricFamily[] {
  const nowMs = deps.clock.nowMs()
  const found = deps.runtime.sandboxes().flatMap(({ id, pod: { namespace, name } }) => {
    const counters = links.get(id)
    const pod = pods.pod(namespace, name)
    if (counters === undefined || pod === undefined) return []
    return [
      { labels: { ...rowLabels(`/${podCgroup(pod)}`, '', '', '', namespace, name), interface: 'eth0' }, counters },
    ]
  })
  return networkMetrics.map(([name, help, of]) => ({
    name: `container_network_${name}_total`,
    type: 'counter',
    help,
    samples: found.map(({ labels, counters }) => ({ labels, value: of(counters), atMs: nowMs })),
  }))
}

function scalar(name: string, help: string, labels: Labels, value: number): MetricFamily {
  return { name, type: 'gauge', help, samples: [{ labels, value }] }
}
