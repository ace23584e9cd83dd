import { boundedMap } from '../../client/bounded-map.ts'
import type { Clock } from '../../ports/clock.ts'

/** Answers that hold for a while. */
export type TimedCache<V> = Readonly<{
  get(key: string): V | undefined
  set(key: string, value: V, forMs: number): void
}>

export function timedCache<V>(clock: Clock, limit: number): TimedCache<V> {
  const entries = boundedMap<Readonly<{ value: V; untilMs: number }>>(limit)
  return {
    get(key) {
      const entry = entries.get(key)
      return entry !== undefined && clock.monotonicMs() < entry.untilMs ? entry.value : undefined
    },
    set(key, value, forMs) {
      if (forMs > 0) entries.set(key, { value, untilMs: clock.monotonicMs() + forMs })
    },
  }
}
