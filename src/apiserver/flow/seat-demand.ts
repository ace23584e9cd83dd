/** How many seats a level has wanted over a while: apiserver's integrator, and its smoothing. */
export interface SeatDemand {
  /** From now on so many are in use or waited for. */
  set(seats: number): void
  /** Ends the period: the highest demand in it, and demand smoothed over the periods. */
  next(): Readonly<{ high: number; smoothed: number }>
}

/** Halves what is remembered in five minutes, at a period of ten seconds. */
const memory = 0.977

export function seatDemand(nowMs: () => number): SeatDemand {
  let seats = 0
  let sinceMs = nowMs()
  let startedMs = sinceMs
  let [sum, sumOfSquares, high, smoothed] = [0, 0, 0, 0]
  const note = (): void => {
    const ms = nowMs()
    sum += seats * (ms - sinceMs)
    sumOfSquares += seats * seats * (ms - sinceMs)
    sinceMs = ms
  }
  return {
    set(next) {
      note()
      seats = next
      high = Math.max(high, next)
    },
    next() {
      note()
      const lengthMs = Math.max(1, sinceMs - startedMs)
      const average = sum / lengthMs
      const deviation = Math.sqrt(Math.max(0, sumOfSquares / lengthMs - average * average))
      const envelope = Math.min(high, average + deviation)
      smoothed = Math.max(envelope, memory * smoothed + (1 - memory) * envelope)
      const seen = { high, smoothed }
      startedMs = sinceMs
      ;[sum, sumOfSquares, high] = [0, 0, seats]
      return seen
    },
  }
}
