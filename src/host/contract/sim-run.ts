import type { SimClock } from '../sim/clock.ts'

/** Lets virtual time pass until the promise settles, an hour at the most. */
export function simRun(clock: SimClock): <T>(promise: Promise<T>) => Promise<T> {
  return async (promise) => {
    let settled = false
    const settle = (): void => {
      settled = true
    }
    promise.then(settle, settle)
    await clock.runUntilTrue(() => settled, clock.nowMs() + 3_600_000)
    if (!settled) throw new Error('still pending after an hour of virtual time')
    return promise
  }
}
