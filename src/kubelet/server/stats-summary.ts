import { timestampOf } from '../../api/wire-time.ts'
import type { HttpResponse } from '../../ports/http.ts'
import type { Container, ContainerStats } from '../../runtime/pod-runtime.ts'
import { jsonAnswer } from '../../runtime/streaming/plain-answer.ts'
import type { UsageSample } from '../usage-sampler.ts'
import type { ServerContext } from './server-context.ts'

type Measured = Readonly<{ container: Container; stats: ContainerStats; nanoCores: number | undefined }>

const millisecondsPerSecond = 1000
const nanosecondsPerSecond = 1e9

/** GET /stats/summary: what the node and its pods use now. A header tells over which time processors were watched. */
export async function statsSummary(context: ServerContext): Promise<HttpResponse> {
  const sample = await context.usage()
  const answer = jsonAnswer(await summaryOf(context, sample))
  return { ...answer, headers: { ...answer.headers, 'x-window-ms': String(sample.windowMs) } }
}

async function summaryOf({ deps }: ServerContext, sample: UsageSample): Promise<unknown> {
  const { nodeName, rootDirectory } = deps.config
  const measured = measuredOf(deps.runtime, sample)
  const byPod = new Map<string, Measured[]>()
  for (const entry of measured) {
    const { uid } = entry.container.pod
    byPod.set(uid, [...(byPod.get(uid) ?? []), entry])
  }
  const time = timestampOf(deps.clock.nowMs())
  return {
    node: {
      nodeName,
      startTime: time,
      ...machineUsage(sample, time),
      fs: { time, ...(await fileSystem(deps, rootDirectory)) },
      systemContainers: [],
    },
    pods: [...byPod.values()].map((entries) => {
      const { name, namespace, uid } = entries[0]?.container.pod ?? { name: '', namespace: '', uid: '' }
      return {
        podRef: { name, namespace, uid },
        startTime: timestampOf(Math.min(...entries.map(({ container }) => container.startedAtMs ?? 0))),
        containers: entries.map(({ container, stats, nanoCores }) => ({
          name: container.name,
          startTime: timestampOf(container.startedAtMs ?? 0),
          ...usage([{ container, stats, nanoCores }], time),
        })),
        ...usage(entries, time),
        process_stats: { process_count: entries.reduce((sum, { stats }) => sum + stats.pids, 0) },
      }
    }),
  }
}

type Deps = ServerContext['deps']

function measuredOf(runtime: Deps['runtime'], sample: UsageSample): readonly Measured[] {
  const containers = new Map(runtime.containers().map((container) => [container.id, container]))
  return sample.containers.flatMap((stats) => {
    const container = containers.get(stats.containerId)
    return container === undefined ? [] : [{ container, stats, nanoCores: sample.nanoCores.get(stats.containerId) }]
  })
}

function machineUsage({ machine, machineNanoCores }: UsageSample, time: string) {
  if (machine === undefined) return {}
  const { cpuUsageNs, memoryTotalBytes, memoryAvailableBytes, processes, mostProcesses } = machine
  return {
    cpu: { time, usageNanoCores: machineNanoCores, usageCoreNanoSeconds: cpuUsageNs },
    memory: {
      time,
      availableBytes: memoryAvailableBytes,
      usageBytes: memoryTotalBytes - memoryAvailableBytes,
      workingSetBytes: memoryTotalBytes - memoryAvailableBytes,
    },
    rlimit: { time, maxpid: mostProcesses, curproc: processes },
  }
}

async function fileSystem({ disk }: Deps, path: string) {
  const { freeBytes, totalBytes } = await disk.space(path)
  return { availableBytes: freeBytes, capacityBytes: totalBytes, usedBytes: totalBytes - freeBytes }
}

function usage(all: readonly Measured[], time: string) {
  const sum = (of: (stats: ContainerStats) => number): number => all.reduce((total, { stats }) => total + of(stats), 0)
  const rates = all.flatMap(({ nanoCores }) => nanoCores ?? [])
  const usageNanoCores = rates.reduce((total, rate) => total + rate, 0)
  return {
    cpu: {
      time,
      ...(rates.length === 0 ? {} : { usageNanoCores }),
      usageCoreNanoSeconds: sum(({ cpuUsageNs }) => cpuUsageNs),
    },
    memory: {
      time,
      usageBytes: sum(({ memoryUsageBytes }) => memoryUsageBytes),
      workingSetBytes: sum(({ memoryWorkingSetBytes }) => memoryWorkingSetBytes),
      rssBytes: sum(({ memoryRssBytes }) => memoryRssBytes),
    },
  }
}

const nothingSampled = { machine: undefined, windowMs: 0, machineNanoCores: 0, nanoCores: new Map<string, number>() }

/** GET /metrics/resource: what a metrics server scrapes. */
export async function resourceMetrics({ deps }: ServerContext): Promise<string> {
  const [containers, machine] = await Promise.all([deps.runtime.stats(), deps.runtime.machineUsage()])
  const measured = measuredOf(deps.runtime, { ...nothingSampled, containers })
  const nowMs = deps.clock.nowMs()
  const labels = ({ name, pod }: Container): string =>
    `{container="${name}",namespace="${pod.namespace}",pod="${pod.name}"}`
  const lines = (name: string, type: string, help: string, value: (entry: Measured) => number): readonly string[] => [
    `# HELP ${name} [STABLE] ${help}`,
    `# TYPE ${name} ${type}`,
    ...measured.map((entry) => `${name}${labels(entry.container)} ${value(entry)} ${nowMs}`),
  ]
  const node = (name: string, type: string, help: string, value: number): readonly string[] => [
    `# HELP ${name} [STABLE] ${help}`,
    `# TYPE ${name} ${type}`,
    `${name} ${value} ${nowMs}`,
  ]
  const cpu = ({ stats }: Measured): number => stats.cpuUsageNs / nanosecondsPerSecond
  const memory = ({ stats }: Measured): number => stats.memoryWorkingSetBytes
  return `${[
    ...lines(
      'container_cpu_usage_seconds_total',
      'counter',
      'Cumulative cpu time consumed by the container in core-seconds',
      cpu,
    ),
    ...lines('container_memory_working_set_bytes', 'gauge', 'Current working set of the container in bytes', memory),
    ...lines(
      'container_start_time_seconds',
      'gauge',
      'Start time of the container since unix epoch in seconds',
      ({ container }) => (container.startedAtMs ?? 0) / millisecondsPerSecond,
    ),
    ...node(
      'node_cpu_usage_seconds_total',
      'counter',
      'Cumulative cpu time consumed by the node in core-seconds',
      (machine?.cpuUsageNs ?? 0) / nanosecondsPerSecond,
    ),
    ...node(
      'node_memory_working_set_bytes',
      'gauge',
      'Current working set of the node in bytes',
      (machine?.memoryTotalBytes ?? 0) - (machine?.memoryAvailableBytes ?? 0),
    ),
    ...node(
      'resource_scrape_error',
      'gauge',
      '1 if there was an error while getting container metrics, 0 otherwise',
      0,
    ),
  ].join('\n')}\n`
}
