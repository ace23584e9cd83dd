import type { Clock } from '../../ports/clock.ts'

/**
 * The time of the event loop. Most requests run to their end at once, so that seats alone would never be short: what is short is the one
 * thread. Within one turn of the loop requests get so much of it; then those that are to come next wait until the loop has turned, and
 * meanwhile others' requests come in, to be chosen from fairly.
 */
export interface LoopTime {
  /** There is some left in this turn. */
  isLeft(): boolean
  /** A request of this width has taken so long. What it costs to send its answer comes later, and is reckoned by its width. */
  spend(ms: number, seats: number): void
}

const turnMs = 5
const answerMsPerSeat = 0.25

export function loopTime(clock: Pick<Clock, 'after'>, onTurn: () => void): LoopTime {
  let spentMs = 0
  let isCounting = false
  const turned = (): void => {
    spentMs = 0
    isCounting = false
    onTurn()
  }
  return {
    isLeft: () => spentMs < turnMs,
    spend(ms, seats) {
      spentMs += Math.max(ms, seats * answerMsPerSeat)
      if (isCounting) return
      isCounting = true
      clock.after(0, turned)
    },
  }
}
