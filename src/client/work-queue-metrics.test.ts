import { expect, it } from 'vitest'
import { simClock } from '../host/sim/clock.ts'
import { metricRegistry } from './metric-registry.ts'
import { makeWorkQueue } from './work-queue.ts'
import { workQueueMetrics } from './work-queue-metrics.ts'

it('a work queue tells of what waits, of what is under way and of what is through', async () => {
  const clock = simClock()
  const metrics = metricRegistry()
  const own = workQueueMetrics(metrics).of('job')
  let tries = 0
  const queue = makeWorkQueue({
    clock,
    concurrency: 1,
    metrics: own,
    async process() {
      await clock.sleep(2000)
      tries += 1
      return { type: tries === 1 ? 'retry' : 'done' }
    },
  })
  const value = (name: string): number =>
    Number(new RegExp(`^workqueue_${name}(?:_count|_sum)?\\{name="job"\\} (.*)$`, 'm').exec(metrics.text())?.[1])
  for (const key of ['a', 'b', 'b']) queue.add(key)
  await clock.runUntil(clock.nowMs() + 1500)
  expect(value('adds_total')).toBe(2)
  expect(value('depth')).toBe(1)
  expect(value('unfinished_work_seconds')).toBe(1.5)
  expect(value('longest_running_processor_seconds')).toBe(1.5)
  await clock.runUntil(clock.nowMs() + 10_000)
  expect(value('adds_total')).toBe(3)
  expect(value('retries_total')).toBe(1)
  expect(value('depth')).toBe(0)
  expect(metrics.text()).toContain('workqueue_work_duration_seconds_bucket{name="job",le="10"} 3\n')
  expect(metrics.text()).toContain('workqueue_queue_duration_seconds_bucket{name="job",le="1e-08"} 1\n')
  expect(metrics.text()).toContain('workqueue_queue_duration_seconds_count{name="job"} 3\n')
})
