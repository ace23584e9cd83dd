import type { Container, ContainerStats } from '../../runtime/pod-runtime.ts'
import { type MetricFamily, metricText } from './metric-text.ts'
import type { ServerContext } from './server-context.ts'

type Measured = Readonly<{ container: Container; stats: ContainerStats }>

const millisecondsPerSecond = 1000
const nanosecondsPerSecond = 1e9

/** GET /metrics/resource: what a metrics server scrapes. */
export async function resourceMetrics({ deps }: ServerContext): Promise<string> {
  const [stats, machine] = await Promise.all([deps.runtime.stats(), deps.runtime.machineUsage()])
  const containers = new Map(deps.runtime.containers().map((container) => [container.id, container]))
  const measured = stats.flatMap((one): readonly Measured[] => {
    const container = containers.get(one.containerId)
    return container === undefined ? [] : [{ container, stats: one }]
  })
  const atMs = deps.clock.nowMs()
  const ofContainers = (
    name: string,
    type: MetricFamily['type'],
    help: string,
    value: (entry: Measured) => number,
  ): MetricFamily => ({
    name,
    type,
    help: `[STABLE] ${help}`,
    samples: measured.map((entry) => {
      const { name: container, pod } = entry.container
      return { labels: { container, namespace: pod.namespace, pod: pod.name }, value: value(entry), atMs }
    }),
  })
  const ofNode = (name: string, type: MetricFamily['type'], help: string, value: number): MetricFamily => ({
    name,
    type,
    help: `[STABLE] ${help}`,
    samples: [{ value, atMs }],
  })
  return metricText([
    ofContainers(
      'container_cpu_usage_seconds_total',
      'counter',
      'Cumulative cpu time consumed by the container in core-seconds',
      (entry) => entry.stats.cpuUsageNs / nanosecondsPerSecond,
    ),
    ofContainers(
      'container_memory_working_set_bytes',
      'gauge',
      'Current working set of the container in bytes',
      (entry) => entry.stats.memoryWorkingSetBytes,
    ),
    ofContainers(
      'container_start_time_seconds',
      'gauge',
      'Start time of the container since unix epoch in seconds',
      ({ container }) => (container.startedAtMs ?? 0) / millisecondsPerSecond,
    ),
    ofNode(
      'node_cpu_usage_seconds_total',
      'counter',
      'Cumulative cpu time consumed by the node in core-seconds',
      (machine?.cpuUsageNs ?? 0) / nanosecondsPerSecond,
    ),
    ofNode(
      'node_memory_working_set_bytes',
      'gauge',
      'Current working set of the node in bytes',
      (machine?.memoryTotalBytes ?? 0) - (machine?.memoryAvailableBytes ?? 0),
    ),
    ofNode('resource_scrape_error', 'gauge', '1 if there was an error while getting container metrics, 0 otherwise', 0),
  ])
}
