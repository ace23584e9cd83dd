import { describe, expect, it } from 'vitest'
import { simClock } from '../host/sim/clock.ts'
import { makeWorkQueue, type WorkOutcome } from './work-queue.ts'

function queueOf(process: (key: string) => Promise<WorkOutcome>, concurrency = 2, clock = simClock()) {
  return { clock, queue: makeWorkQueue({ clock, concurrency, process }) }
}
const done: WorkOutcome = { type: 'done' }

describe('a work queue', () => {
  it('works once on a key that was added many times, and not within add()', async () => {
    const seen: string[] = []
    const { clock, queue } = queueOf(async (key) => {
      seen.push(key)
      return done
    })
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key)
    expect(seen).toEqual([])
    await clock.runUntil(clock.nowMs())
    expect(seen).toEqual(['a', 'b'])
  })

  it('lets others in before it works again on a key that is due at once', async () => {
    let rounds = 0
    const { clock, queue } = queueOf(async () => {
      rounds += 1
      return rounds < 1000 ? { type: 'again', afterMs: 0 } : done
    })
    queue.add('a')
    await clock.runUntil(clock.nowMs() + 10)
    expect(rounds).toBe(11)
  })

  it('never works on one key twice at once, but once more when it was added meanwhile', async () => {
    const clock = simClock()
    const started: number[] = []
    let running = 0
    const { queue } = queueOf(
      async () => {
        expect(++running).toBe(1)
        started.push(clock.monotonicMs())
        await clock.sleep(100)
        running -= 1
        return done
      },
      5,
      clock,
    )
    queue.add('a')
    await clock.runUntil(clock.nowMs() + 50)
    queue.add('a')
    queue.add('a')
    await clock.runUntil(clock.nowMs() + 1000)
    expect(started).toEqual([0, 100])
  })

  it('bounds what is under way', async () => {
    const clock = simClock()
    let running = 0
    let most = 0
    const { queue } = queueOf(
      async () => {
        most = Math.max(most, ++running)
        await clock.sleep(10)
        running -= 1
        return done
      },
      3,
      clock,
    )
    for (let at = 0; at < 20; at++) queue.add(String(at))
    await clock.runUntil(clock.nowMs() + 1000)
    expect([most, running, queue.length()]).toEqual([3, 0, 0])
  })

  it('waits twice as long after each failure, 1000 s at most, and forgets failures after a success', async () => {
    const clock = simClock()
    const started: number[] = []
    let fails = true
    const { queue } = queueOf(
      async () => {
        started.push(clock.monotonicMs())
        return fails ? { type: 'retry' } : done
      },
      1,
      clock,
    )
    queue.add('a')
    await clock.runUntil(clock.nowMs() + 100)
    expect(started).toEqual([0, 5, 15, 35, 75])
    await clock.runUntil(clock.nowMs() + 10_000_000)
    const gaps = started.map((at, index) => at - (started[index - 1] ?? 0))
    expect(Math.max(...gaps)).toBe(1_000_000)
    fails = false
    await clock.runUntil(clock.nowMs() + 1_000_000)
    fails = true
    started.length = 0
    queue.add('a')
    await clock.runUntil(clock.nowMs() + 5)
    expect(started.length).toBe(2)
  })

  it('keeps the earliest of several delayed adds', async () => {
    const clock = simClock()
    const started: number[] = []
    const { queue } = queueOf(
      async () => {
        started.push(clock.monotonicMs())
        return started.length === 1 ? { type: 'again', afterMs: 500 } : done
      },
      1,
      clock,
    )
    queue.addAfter('a', 300)
    queue.addAfter('a', 100)
    queue.addAfter('a', 200)
    await clock.runUntil(clock.nowMs() + 10_000)
    expect(started).toEqual([100, 600])
  })

  it('does nothing after stop()', async () => {
    const seen: string[] = []
    const { clock, queue } = queueOf(async (key) => {
      seen.push(key)
      return done
    })
    queue.add('a')
    queue.addAfter('b', 10)
    queue.stop()
    queue.add('c')
    await clock.runUntil(clock.nowMs() + 1000)
    expect(seen).toEqual([])
  })
})
