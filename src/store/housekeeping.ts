import type { Clock, Timer } from '../ports/clock.ts'
import type { Expiry } from './expiry.ts'
import type { Keyspace } from './keyspace.ts'

/** What the store does by itself as time passes: it forgets old history and deletes what has expired. */
export interface Housekeeping {
  /** To be called when there is something new to wait for. */
  wake(): void
  stop(): void
}

export type HousekeepingParts = Readonly<{
  clock: Clock
  keyspace: Keyspace
  expiry: Expiry
  /** How long history is kept. */
  historyMs: number
  /** Deletes the keys that are still due; resolves when that is durable or has failed. */
  expire(keys: readonly string[]): Promise<void>
}>

const leastWaitMs = 1000
const historyStepMs = 10_000
const expireAtOnce = 500

/** Waits for the next thing that is due, so that an idle store sets no timers. */
export function housekeeping(parts: HousekeepingParts): Housekeeping {
  const { clock, keyspace, expiry, historyMs } = parts
  let timer: Timer | undefined
  let timerAtMs = 0
  let stopped = false
  let expiring = false

  const wake = (): void => {
    const history = keyspace.oldestEventMs()
    const dueMs = Math.min(
      history === undefined ? Number.POSITIVE_INFINITY : history + historyMs + historyStepMs,
      expiry.nextMs() ?? Number.POSITIVE_INFINITY,
    )
    if (stopped || expiring || dueMs === Number.POSITIVE_INFINITY) return
    const atMs = Math.max(dueMs, clock.nowMs() + leastWaitMs)
    if (timer !== undefined && timerAtMs <= atMs) return
    timer?.cancel()
    timerAtMs = atMs
    timer = clock.after(atMs - clock.nowMs(), () => {
      timer = undefined
      void run()
    })
  }
  const run = async (): Promise<void> => {
    const old = keyspace.newestBefore(clock.nowMs() - historyMs)
    if (old !== undefined) keyspace.compact(old)
    expiring = true
    for (;;) {
      const due = stopped ? [] : expiry.due(clock.nowMs(), expireAtOnce)
      if (due.length === 0) break
      await parts.expire(due)
      // Still due: a write is under way, or the disk is full. Later, then.
      if (expiry.due(clock.nowMs(), 1)[0] === due[0]) break
    }
    expiring = false
    wake()
  }
  return {
    wake,
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}
