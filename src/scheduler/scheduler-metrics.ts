import type { MetricRegistry } from '../client/metric-registry.ts'
import type { ClusterCache } from './cluster-cache.ts'
import type { Decision } from './decide.ts'
import type { Joined, SchedulingQueue } from './scheduling-queue.ts'

export type AttemptResult = 'scheduled' | 'unschedulable' | 'error'

/** What the scheduler counts of itself, under kube-scheduler's names (pkg/scheduler/metrics). */
export interface SchedulerMetrics {
  /** A decision was made in so many seconds. */
  decided(decision: Decision, seconds: number): void
  /** A try has ended, binding and all. */
  attempted(result: AttemptResult, seconds: number): void
  /** The pod has its node, at the nth try, so many seconds after it came. */
  scheduled(attempts: number, seconds: number): void
}

export type SchedulerState = Readonly<{
  profile: string
  queue: Pick<SchedulingQueue, 'lengths' | 'rejections'>
  cache: Pick<ClusterCache, 'sizes'>
  /** Pods that are not to be scheduled yet. */
  gated: () => number
}>

/** `count` bounds from `first` on, each twice the one before. */
function doubling(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => first * 2 ** at)
}

/** Pods that join a line, by line and reason. */
export function queueMetrics(metrics: MetricRegistry): Joined {
  const incoming = metrics.counter(
    'scheduler_queue_incoming_pods_total',
    '[STABLE] Number of pods added to scheduling queues by event and queue type.',
    ['event', 'queue'],
  )
  return (queue, event) => incoming.add([event, queue])
}

export function schedulerMetrics(metrics: MetricRegistry, state: SchedulerState): SchedulerMetrics {
  const { profile } = state
  const byResult = ['profile', 'result']
  const attempts = metrics.counter(
    'scheduler_schedule_attempts_total',
    "[STABLE] Number of attempts to schedule pods, by the result. 'unschedulable' means a pod could not be scheduled, while 'error' means an internal scheduler problem.",
    byResult,
  )
  const durations = metrics.histogram(
    'scheduler_scheduling_attempt_duration_seconds',
    '[STABLE] Scheduling attempt latency in seconds (scheduling algorithm + binding)',
    byResult,
    doubling(0.001, 15),
  )
  const algorithm = metrics.histogram(
    'scheduler_scheduling_algorithm_duration_seconds',
    '[ALPHA] Scheduling algorithm latency in seconds',
    [],
    doubling(0.001, 15),
  )
  const tries = metrics.histogram(
    'scheduler_pod_scheduling_attempts',
    '[STABLE] Number of attempts to successfully schedule a pod.',
    [],
    doubling(1, 5),
  )
  const whole = metrics.histogram(
    'scheduler_pod_scheduling_sli_duration_seconds',
    '[BETA] E2e latency for a pod being scheduled, from the time the pod enters the scheduling queue and might involve multiple scheduling attempts.',
    ['attempts'],
    doubling(0.01, 20),
  )
  const preemptions = metrics.counter(
    'scheduler_preemption_attempts_total',
    '[STABLE] Total preemption attempts in the cluster till now',
    [],
  )
  const victims = metrics.histogram(
    'scheduler_preemption_victims',
    '[STABLE] Number of selected preemption victims',
    [],
    doubling(1, 7),
  )
  registerState(metrics, state)
  return {
    decided(decision, seconds) {
      algorithm.observe([], seconds)
      if (decision.type !== 'unschedulable') return
      preemptions.add([])
      if (decision.preemption !== undefined) victims.observe([], decision.preemption.victims.length)
    },
    attempted(result, seconds) {
      attempts.add([profile, result])
      durations.observe([profile, result], seconds)
    },
    scheduled(count, seconds) {
      tries.observe([], count)
      whole.observe([count >= 15 ? '15+' : String(count)], seconds)
    },
  }
}

function registerState(metrics: MetricRegistry, { profile, queue, cache, gated }: SchedulerState): void {
  metrics.gauge(
    'scheduler_pending_pods',
    "[STABLE] Number of pending pods, by the queue type. 'active' means next in line; 'backoff' waiting for a back-off to end; 'unschedulable' tried without success; 'gated' not to be tried yet.",
    ['queue'],
    () => {
      const { active, backOff, unschedulable } = queue.lengths()
      return [
        [['active'], active],
        [['backoff'], backOff],
        [['gated'], gated()],
        [['unschedulable'], unschedulable],
      ]
    },
  )
  metrics.gauge(
    'scheduler_unschedulable_pods',
    '[BETA] The number of unschedulable pods broken down by plugin name. A pod counts for each plugin that caused it to not schedule.',
    ['plugin', 'profile'],
    () => [...queue.rejections()].map(([plugin, count]) => [[plugin, profile], count] as const),
  )
  metrics.gauge(
    'scheduler_cache_size',
    '[ALPHA] Number of nodes, pods, and assumed (bound) pods in the scheduler cache.',
    ['type'],
    () => Object.entries(cache.sizes()).map(([type, count]) => [[type], count] as const),
  )
}
