import type { MetricRegistry, Sample } from './metric-registry.ts'

/** What a work queue tells of itself. */
export interface QueueMetrics {
  added(): void
  /** A key is to be worked on later. */
  retried(): void
  waited(seconds: number): void
  worked(seconds: number): void
  /** How it is now, read when somebody asks. */
  follow(state: () => QueueState): void
}

export type QueueState = Readonly<{
  length: number
  /** How long each key under way has been so. */
  underWaySeconds: readonly number[]
}>

/** The work queues of this process, by the names that client-go's have. */
export interface WorkQueueMetrics {
  of(name: string): QueueMetrics
}

/** 10 ns to 10 s. */
const bounds = Array.from({ length: 10 }, (_, at) => Number(`1e${at - 8}`))

/** Kubernetes: component-base/metrics/prometheus/workqueue. */
export function workQueueMetrics(metrics: MetricRegistry): WorkQueueMetrics {
  const states = new Map<string, (() => QueueState)[]>()
  const adds = metrics.counter('workqueue_adds_total', '[BETA] Total number of adds handled by workqueue', ['name'])
  const retries = metrics.counter('workqueue_retries_total', '[BETA] Total number of retries handled by workqueue', [
    'name',
  ])
  const waits = metrics.histogram(
    'workqueue_queue_duration_seconds',
    '[BETA] How long in seconds an item stays in workqueue before being requested.',
    ['name'],
    bounds,
  )
  const works = metrics.histogram(
    'workqueue_work_duration_seconds',
    '[BETA] How long in seconds processing an item from workqueue takes.',
    ['name'],
    bounds,
  )
  const gauge = (name: string, help: string, read: (all: readonly QueueState[]) => number): void =>
    metrics.gauge(name, `[BETA] ${help}`, ['name'], () =>
      [...states].map(([queue, reads]): Sample => [[queue], read(reads.map((state) => state()))]),
    )
  const running = (all: readonly QueueState[]): readonly number[] => all.flatMap((state) => state.underWaySeconds)
  gauge('workqueue_depth', 'Current depth of workqueue', (all) => all.reduce((sum, { length }) => sum + length, 0))
  gauge(
    'workqueue_unfinished_work_seconds',
    'How many seconds of work is in progress and has not been observed by work_duration. Large values are stuck work.',
    (all) => running(all).reduce((sum, seconds) => sum + seconds, 0),
  )
  gauge(
    'workqueue_longest_running_processor_seconds',
    'How many seconds has the longest running processor for workqueue been running.',
    (all) => Math.max(0, ...running(all)),
  )
  return {
    of(name) {
      const labels = [name]
      const reads = states.get(name) ?? []
      states.set(name, reads)
      const [added, retried, waited, worked] = [adds.of(labels), retries.of(labels), waits.of(labels), works.of(labels)]
      return {
        added: () => added.add(),
        retried: () => retried.add(),
        waited: (seconds) => waited.observe(seconds),
        worked: (seconds) => worked.observe(seconds),
        follow: (state) => void reads.push(state),
      }
    },
  }
}
