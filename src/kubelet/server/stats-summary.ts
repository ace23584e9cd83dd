import { timestampOf } from '../../api/wire-time.ts'
import type { Container, ContainerStats } from '../../runtime/pod-runtime.ts'
import type { ServerContext } from './server-context.ts'

type Measured = Readonly<{ container: Container; stats: ContainerStats }>

const millisecondsPerSecond = 1000
const nanosecondsPerSecond = 1e9

/** GET /stats/summary: what the node's pods use now. */
export async function statsSummary({ deps }: ServerContext): Promise<unknown> {
  const { nodeName } = deps.config
  const measured = await measure(deps.runtime)
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
      ...usage(
        measured.map(({ stats }) => stats),
        time,
      ),
      systemContainers: [],
    },
    pods: [...byPod.values()].map((entries) => {
      const { name, namespace, uid } = entries[0]?.container.pod ?? { name: '', namespace: '', uid: '' }
      return {
        podRef: { name, namespace, uid },
        startTime: timestampOf(Math.min(...entries.map(({ container }) => container.startedAtMs ?? 0))),
        containers: entries.map(({ container, stats }) => ({
          name: container.name,
          startTime: timestampOf(container.startedAtMs ?? 0),
          ...usage([stats], time),
        })),
        ...usage(
          entries.map(({ stats }) => stats),
          time,
        ),
        process_stats: { process_count: entries.reduce((sum, { stats }) => sum + stats.pids, 0) },
      }
    }),
  }
}

async function measure(runtime: ServerContext['deps']['runtime']): Promise<readonly Measured[]> {
  const containers = new Map(runtime.containers().map((container) => [container.id, container]))
  return (await runtime.stats()).flatMap((stats) => {
    const container = containers.get(stats.containerId)
    return container === undefined ? [] : [{ container, stats }]
  })
}

function usage(all: readonly ContainerStats[], time: string) {
  const sum = (of: (stats: ContainerStats) => number): number => all.reduce((total, stats) => total + of(stats), 0)
  return {
    cpu: { time, usageCoreNanoSeconds: sum(({ cpuUsageNs }) => cpuUsageNs) },
    memory: {
      time,
      workingSetBytes: sum(({ memoryWorkingSetBytes }) => memoryWorkingSetBytes),
      rssBytes: sum(({ memoryRssBytes }) => memoryRssBytes),
    },
  }
}

/** GET /metrics/resource: what a metrics server scrapes. */
export async function resourceMetrics({ deps }: ServerContext): Promise<string> {
  const measured = await measure(deps.runtime)
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
  const sum = (of: (entry: Measured) => number): number => measured.reduce((total, entry) => total + of(entry), 0)
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
      sum(cpu),
    ),
    ...node('node_memory_working_set_bytes', 'gauge', 'Current working set of the node in bytes', sum(memory)),
    ...node(
      'resource_scrape_error',
      'gauge',
      '1 if there was an error while getting container metrics, 0 otherwise',
      0,
    ),
  ].join('\n')}\n`
}
