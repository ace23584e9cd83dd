import { groupResource, type Kind } from '../../api/kinds.ts'
import { versionInfo } from '../../api/kubernetes-version.ts'
import { storedKind } from '../../api/versioning.ts'
import type { MetricRegistry, Sample } from '../../client/metric-registry.ts'
import type { Store } from '../../store/store.ts'
import type { FlowControl } from '../flow/flow-control.ts'
import type { PriorityLevel } from '../flow/priority-level.ts'
import { kindPrefix } from '../resource.ts'

/** What the operating system says of the process. */
export type ProcessFacts = Readonly<{
  cpuSeconds: number
  residentBytes: number
  virtualBytes: number
  openFiles: number
  mostOpenFiles: number
  /** Since the epoch. */
  startedSeconds: number
}>

/** Gauges that are read from the parts of the server when somebody asks, under kube-apiserver's names. */
export function registerServerMetrics(
  metrics: MetricRegistry,
  store: Store,
  kinds: () => readonly Kind[],
  flow: Pick<FlowControl, 'levels'>,
): void {
  const stored = (): readonly Kind[] => [...new Set(kinds().map(storedKind))]
  metrics.gauge('apiserver_storage_objects', '[STABLE] Number of stored objects, by kind.', ['resource'], () =>
    stored().map((kind) => [[groupResource(kind)], store.count(kindPrefix(kind))] as const),
  )
  metrics.gauge('apiserver_resource_objects', '[ALPHA] Number of stored objects, by kind.', ['group', 'resource'], () =>
    stored().map((kind) => [[kind.group, kind.plural], store.count(kindPrefix(kind))] as const),
  )
  metrics.gauge('apiserver_storage_revision', 'Newest visible revision of the store.', [], () => [
    [[], store.revision()],
  ])
  metrics.gauge('kubernetes_build_info', buildInfoHelp, buildInfoLabels, () => [[buildInfo, 1]])
  registerFlowMetrics(metrics, flow)
}

const buildInfoHelp =
  "[BETA] A metric with a constant '1' value labeled by what this was built from and for, as far as it is known."
const buildInfoLabels = [
  'build_date',
  'compiler',
  'git_commit',
  'git_tree_state',
  'git_version',
  'go_version',
  'major',
  'minor',
  'platform',
]
const buildInfo = [
  versionInfo.buildDate,
  versionInfo.compiler,
  versionInfo.gitCommit,
  versionInfo.gitTreeState,
  versionInfo.gitVersion,
  versionInfo.goVersion,
  versionInfo.major,
  versionInfo.minor,
  versionInfo.platform,
]

const levelGauges: readonly (readonly [name: string, help: string, read: (level: PriorityLevel) => number])[] = [
  [
    'nominal_limit_seats',
    '[BETA] Nominal number of execution seats of each priority level',
    (level) => level.limits.nominal,
  ],
  [
    'lower_limit_seats',
    '[ALPHA] Least number of execution seats of each priority level',
    (level) => level.limits.least,
  ],
  [
    'upper_limit_seats',
    '[ALPHA] Greatest number of execution seats of each priority level',
    (level) => level.limits.most,
  ],
  [
    'current_limit_seats',
    '[ALPHA] Number of execution seats of each priority level now',
    (level) => level.currentLimit,
  ],
]

function registerFlowMetrics(metrics: MetricRegistry, { levels }: Pick<FlowControl, 'levels'>): void {
  const by = (read: (level: PriorityLevel) => number): readonly Sample[] =>
    levels().map((level) => [[level.config.name], read(level)])
  for (const [name, help, read] of levelGauges) {
    metrics.gauge(`apiserver_flowcontrol_${name}`, help, ['priority_level'], () => by(read))
  }
}

export function registerProcessMetrics(metrics: MetricRegistry, facts: () => ProcessFacts): void {
  const gauge = (name: string, help: string, read: (now: ProcessFacts) => number): void =>
    metrics.gauge(name, help, [], () => [[[], read(facts())]])
  metrics.total('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', [], () => [
    [[], facts().cpuSeconds],
  ])
  gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', (now) => now.residentBytes)
  gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.', (now) => now.virtualBytes)
  gauge('process_open_fds', 'Number of open file descriptors.', (now) => now.openFiles)
  gauge('process_max_fds', 'Maximum number of open file descriptors.', (now) => now.mostOpenFiles)
  gauge(
    'process_start_time_seconds',
    'Start time of the process since unix epoch in seconds.',
    (now) => now.startedSeconds,
  )
}
