import type { Clock } from '../../ports/clock.ts'

// setTimeout fires at once for anything longer than this.
const longestDelayMs = 2 ** 31 - 1

export function linuxClock(): Clock {
  const after: Clock['after'] = (delayMs, run) => {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), longestDelayMs))
    return { cancel: () => clearTimeout(timer) }
  }
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    after,
    sleep: (delayMs) => new Promise((resolve) => after(delayMs, resolve)),
  }
}
