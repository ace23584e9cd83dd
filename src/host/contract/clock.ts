import { expect, it } from 'vitest'
import type { Clock } from '../../ports/clock.ts'

/** `run` lets time pass until the promise settles. */
export function clockContract(
  make: () => Readonly<{ clock: Clock; run: <T>(promise: Promise<T>) => Promise<T> }>,
): void {
  it('fires timers in the order of their times, and those of one time in the order they were set', async () => {
    const { clock, run } = make()
    const fired: string[] = []
    clock.after(20, () => fired.push('late'))
    clock.after(1, () => fired.push('first'))
    clock.after(1, () => fired.push('second'))
    await run(clock.sleep(40))
    expect(fired).toEqual(['first', 'second', 'late'])
  })

  it('never fires a timer that was cancelled', async () => {
    const { clock, run } = make()
    let fired = false
    clock.after(5, () => (fired = true)).cancel()
    await run(clock.sleep(20))
    expect(fired).toBe(false)
  })

  it('tells at least the time that was slept, on both faces', async () => {
    const { clock, run } = make()
    await run(clock.sleep(0.3))
    expect(Number.isInteger(clock.nowMs())).toBe(true)
    const [wallMs, monotonicMs] = [clock.nowMs(), clock.monotonicMs()]
    await run(clock.sleep(30))
    // Timers of the real host may fire up to a millisecond early by its wall clock.
    expect(clock.nowMs() - wallMs).toBeGreaterThanOrEqual(28)
    expect(clock.monotonicMs() - monotonicMs).toBeGreaterThanOrEqual(28)
  })
}
