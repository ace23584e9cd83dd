import type { Clock, Timer } from '../ports/clock.ts'
import type { QueueMetrics } from './work-queue-metrics.ts'

/** What became of a key: done; to be tried again after its back-off; or again after a time, without having failed. */
export type WorkOutcome =
  | Readonly<{ type: 'done' }>
  | Readonly<{ type: 'retry' }>
  | Readonly<{ type: 'again'; afterMs: number }>

export type WorkQueueDeps = Readonly<{
  clock: Clock
  /** Keys under way at once; never the same key twice. */
  concurrency: number
  /** Must not reject: what is expected to fail is an outcome. */
  process: (key: string) => Promise<WorkOutcome>
  metrics?: QueueMetrics
}>

/**
 * Keys that want work, level-triggered: a key added many times is worked on once, and once more if it is added meanwhile. Holds at most
 * one entry for each key, so it is bounded by the number of objects.
 */
export type WorkQueue = Readonly<{
  add(key: string): void
  /** Adds it later; of several times for one key the earliest counts. */
  addAfter(key: string, delayMs: number): void
  /** Keys waiting to be worked on, those under way not included. */
  length(): number
  /** Takes no more keys; what is under way ends by itself. */
  stop(): void
}>

/** client-go's per-item exponential back-off: 5 ms, doubled for each failure in a row, at most 1000 s. */
const firstRetryMs = 5
const leastAgainMs = 1
const largestRetryMs = 1_000_000

export function makeWorkQueue({ clock, concurrency, process, metrics }: WorkQueueDeps): WorkQueue {
  /** Since when each key waits, and is worked on. */
  const waiting = new Map<string, number>()
  const underWay = new Map<string, number>()
  const secondsSince = (ms: number): number => (clock.monotonicMs() - ms) / 1000
  const retries = retryDelays()
  let pumpIsDue = false
  let stopped = false

  const add = (key: string): void => {
    if (stopped) return
    if (!waiting.has(key)) {
      waiting.set(key, clock.monotonicMs())
      metrics?.added()
    }
    duePump()
  }
  metrics?.follow(() => ({ length: waiting.size, underWaySeconds: [...underWay.values()].map(secondsSince) }))
  const delayed = delayedAdds(clock, add)
  const addAfter = (key: string, delayMs: number): void => {
    metrics?.retried()
    if (delayMs <= 0) add(key)
    else if (!stopped) delayed.add(key, delayMs)
  }
  /** Work never starts inside add(): whoever adds a key finishes first. */
  const duePump = (): void => {
    if (pumpIsDue) return
    pumpIsDue = true
    void Promise.resolve().then(pump)
  }
  const pump = (): void => {
    pumpIsDue = false
    for (const [key, sinceMs] of waiting) {
      if (stopped || underWay.size >= concurrency) return
      if (underWay.has(key)) continue
      metrics?.waited(secondsSince(sinceMs))
      waiting.delete(key)
      underWay.set(key, clock.monotonicMs())
      void work(key)
    }
  }
  const work = async (key: string): Promise<void> => {
    const outcome = await process(key)
    metrics?.worked(secondsSince(underWay.get(key) ?? 0))
    underWay.delete(key)
    settle(key, outcome)
    duePump()
  }
  const settle = (key: string, outcome: WorkOutcome): void => {
    if (outcome.type === 'retry') {
      addAfter(key, retries.nextMs(key))
      return
    }
    retries.forget(key)
    // At least a moment later, by the clock: work that finds nothing new would else never let in what it waits for.
    if (outcome.type === 'again') addAfter(key, Math.max(leastAgainMs, outcome.afterMs))
  }
  return {
    add,
    addAfter,
    length: () => waiting.size,
    stop() {
      stopped = true
      waiting.clear()
      delayed.clear()
    },
  }
}

function retryDelays(): Readonly<{ nextMs(key: string): number; forget(key: string): void }> {
  const failures = new Map<string, number>()
  return {
    nextMs(key) {
      const count = failures.get(key) ?? 0
      failures.set(key, count + 1)
      return Math.min(largestRetryMs, firstRetryMs * 2 ** Math.min(count, 30))
    },
    forget: (key) => void failures.delete(key),
  }
}

type Delayed = Readonly<{ atMs: number; timer: Timer }>

function delayedAdds(clock: Clock, add: (key: string) => void) {
  const delayed = new Map<string, Delayed>()
  return {
    add(key: string, delayMs: number): void {
      const atMs = clock.monotonicMs() + delayMs
      const known = delayed.get(key)
      if (known !== undefined && known.atMs <= atMs) return
      known?.timer.cancel()
      const timer = clock.after(delayMs, () => {
        delayed.delete(key)
        add(key)
      })
      delayed.set(key, { atMs, timer })
    },
    clear(): void {
      for (const { timer } of delayed.values()) timer.cancel()
      delayed.clear()
    },
  }
}
