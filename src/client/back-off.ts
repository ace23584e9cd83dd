import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'

/** The waits between tries that fail, as client-go's reflectors take them: 0.8 s doubling to 30 s, each up to doubled by chance. */
export type BackOff = Readonly<{
  /** The next wait, milliseconds. A quiet time of two minutes starts over. */
  nextMs(): number
  reset(): void
}>

const initialMs = 800
const largestMs = 30_000
const resetAfterMs = 120_000

export function makeBackOff(clock: Clock, random: Random): BackOff {
  let stepMs = initialMs
  let lastMs = clock.monotonicMs()
  return {
    nextMs() {
      const nowMs = clock.monotonicMs()
      if (nowMs - lastMs > resetAfterMs) stepMs = initialMs
      lastMs = nowMs
      const waitMs = stepMs + random.below(stepMs)
      stepMs = Math.min(largestMs, stepMs * 2)
      return waitMs
    },
    reset() {
      stepMs = initialMs
    },
  }
}
