import type { MetricRegistry } from '../../client/metric-registry.ts'

export type RejectReason = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled'

/** What becomes of the requests of one FlowSchema in one priority level. */
export interface FlowMeter {
  entered(seats: number): void
  started(seats: number, waitedSeconds: number): void
  ended(seats: number, seconds: number, isWatch: boolean): void
  rejected(seats: number, waitedSeconds: number, reason: RejectReason): void
}

export interface FlowMeters {
  of(schema: string, level: string): FlowMeter
}

const secondBounds = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30]
const seatBounds = [1, 2, 4, 8, 16, 32, 64, 100]
const labels = ['flow_schema', 'priority_level']

type Now = { waiting: number; waitingSeats: number; executing: number; seats: number }

/** Kubernetes: apiserver/pkg/util/flowcontrol/metrics. */
export function flowMeters(metrics: MetricRegistry): FlowMeters {
  const states = new Map<string, Readonly<{ values: readonly string[]; now: Now; meter: FlowMeter }>>()
  const series = registerSeries(metrics)
  const gauge = (rest: string, help: string, read: (now: Now) => number): void =>
    metrics.gauge(`${prefix}${rest}`, help, labels, () =>
      [...states.values()].map(({ values, now }) => [values, read(now)]),
    )
  gauge('current_inqueue_requests', '[BETA] Number of requests that wait', (now) => now.waiting)
  gauge('current_inqueue_seats', '[ALPHA] Number of seats that are waited for', (now) => now.waitingSeats)
  gauge('current_executing_requests', '[BETA] Number of requests at work', (now) => now.executing)
  gauge('current_executing_seats', '[BETA] Number of seats in use', (now) => now.seats)
  return {
    of(schema, level) {
      const values = [schema, level]
      const key = values.join('\n')
      const known = states.get(key)
      if (known !== undefined) return known.meter
      const now: Now = { waiting: 0, waitingSeats: 0, executing: 0, seats: 0 }
      const meter = flowMeter(series, values, now)
      states.set(key, { values, now, meter })
      return meter
    },
  }
}

const prefix = 'apiserver_flowcontrol_'

type Registered = ReturnType<typeof registerSeries>

function registerSeries(metrics: MetricRegistry) {
  return {
    waits: metrics.histogram(
      `${prefix}request_wait_duration_seconds`,
      '[BETA] Length of time a request spent waiting in its queue',
      ['execute', ...labels],
      secondBounds,
    ),
    works: metrics.histogram(
      `${prefix}request_execution_seconds`,
      '[ALPHA] Duration of initial stage (for a WATCH) or any (for a non-WATCH) stage of request execution in the API Priority and Fairness subsystem',
      [...labels, 'type'],
      secondBounds,
    ),
    estimates: metrics.histogram(
      `${prefix}work_estimated_seats`,
      '[ALPHA] Number of estimated seats (maximum of initial and final seats) associated with requests in API Priority and Fairness',
      labels,
      seatBounds,
    ),
    dispatched: metrics.counter(
      `${prefix}dispatched_requests_total`,
      '[BETA] Number of requests executed by API Priority and Fairness subsystem',
      labels,
    ),
    rejected: metrics.counter(
      `${prefix}rejected_requests_total`,
      '[BETA] Number of requests rejected by API Priority and Fairness subsystem',
      [...labels, 'reason'],
    ),
  }
}

function flowMeter(all: Registered, values: readonly string[], now: Now): FlowMeter {
  const [executed, refused] = [all.waits.of(['true', ...values]), all.waits.of(['false', ...values])]
  const [regular, watch] = [all.works.of([...values, 'regular']), all.works.of([...values, 'watch'])]
  const [estimate, started] = [all.estimates.of(values), all.dispatched.of(values)]
  const leave = (seats: number): void => {
    now.waiting -= 1
    now.waitingSeats -= seats
  }
  return {
    entered(seats) {
      estimate.observe(seats)
      now.waiting += 1
      now.waitingSeats += seats
    },
    started(seats, waitedSeconds) {
      leave(seats)
      now.executing += 1
      now.seats += seats
      started.add()
      executed.observe(waitedSeconds)
    },
    ended(seats, seconds, isWatch) {
      now.executing -= 1
      now.seats -= seats
      if (isWatch) watch.observe(seconds)
      else regular.observe(seconds)
    },
    rejected(seats, waitedSeconds, reason) {
      leave(seats)
      refused.observe(waitedSeconds)
      all.rejected.add([...values, reason])
    },
  }
}
