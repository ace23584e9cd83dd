export type Timer = Readonly<{ cancel(): void }>

/** The only source of time. */
export interface Clock {
  /** Whole milliseconds since the epoch, as a wall clock shows them. */
  nowMs(): number
  /** Milliseconds from some fixed instant, never stepping back: for durations and timeouts. */
  monotonicMs(): number
  after(delayMs: number, run: () => void): Timer
  sleep(delayMs: number): Promise<void>
}
