import type { Clock, Timer } from '../../ports/clock.ts'

export type LookLoop = Readonly<{
  /** Now, or once more when it is under way: something may have changed. */
  look(): void
  stop(): void
}>

/** Looks at once, and from then on after each period; never twice at a time. Resolves after the first look. */
export async function startLookLoop(clock: Clock, periodMs: number, look: () => Promise<void>): Promise<LookLoop> {
  let timer: Timer | undefined
  let isLooking = false
  let isAsked = false
  let stopped = false
  const run = async (): Promise<void> => {
    timer?.cancel()
    isLooking = true
    do {
      isAsked = false
      await look()
    } while (isAsked && !stopped)
    isLooking = false
    if (!stopped) timer = clock.after(periodMs, () => void run())
  }
  await run()
  return {
    look() {
      isAsked = true
      if (!isLooking && !stopped) void run()
    },
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}
