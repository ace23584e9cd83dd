import { assert } from '../../api/assert.ts'
import type { Clock, Timer } from '../../ports/clock.ts'

type Entry = { atMs: number; sequence: number; run: () => void; cancelled: boolean }

export interface SimClock extends Clock {
  /** Fires timers in (time, sequence) order until none is due by the deadline, then sets the time to it. */
  runUntil(deadlineMs: number): Promise<void>
  /** As runUntil, but returns early, true, as soon as the condition holds after a timer; false at the deadline. */
  runUntilTrue(condition: () => boolean, deadlineMs: number): Promise<boolean>
}

/** Virtual time. One timer fires at a time, and every promise settles before the next one does. Starts at startMs. */
export function simClock(startMs = Date.UTC(2026, 0, 1)): SimClock {
  let nowMs = startMs
  let sequence = 0
  const heap: Entry[] = []

  const after = (delayMs: number, run: () => void): Timer => {
    assert(Number.isFinite(delayMs), `a timer needs a finite delay, not ${delayMs}`)
    const entry: Entry = { atMs: nowMs + Math.max(0, delayMs), sequence: sequence++, run, cancelled: false }
    push(heap, entry)
    return {
      cancel() {
        entry.cancelled = true
      },
    }
  }
  const runUntilTrue = async (condition: () => boolean, deadlineMs: number): Promise<boolean> => {
    await settle(0)
    for (let fired = 1; ; fired++) {
      if (condition()) return true
      const next = heap[0]
      if (next === undefined || next.atMs > deadlineMs) {
        nowMs = Math.max(nowMs, deadlineMs)
        return false
      }
      pop(heap)
      if (next.cancelled) continue
      nowMs = next.atMs
      next.run()
      await settle(fired)
    }
  }
  return {
    nowMs: () => Math.floor(nowMs),
    monotonicMs: () => nowMs - startMs,
    after,
    sleep: (delayMs) => new Promise((resolve) => after(delayMs, resolve)),
    runUntilTrue,
    runUntil: async (deadlineMs) => void (await runUntilTrue(() => false, deadlineMs)),
  }
}

/** How many timers fire before what else the process has to do, such as a signal or a test's timeout, gets its turn. */
const timersInTurn = 256

/** All microtasks run before the next tick does, and before an immediate: after this, every promise that could settle has settled. */
function settle(fired: number): Promise<void> {
  return new Promise((resolve) => (fired % timersInTurn === 0 ? setImmediate(resolve) : process.nextTick(resolve)))
}

function before(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence)
}

function push(heap: Entry[], entry: Entry): void {
  let at = heap.push(entry) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent]
    if (above === undefined || !before(entry, above)) break
    heap[at] = above
    at = parent
  }
  heap[at] = entry
}

function pop(heap: Entry[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    const left = heap[2 * at + 1]
    const right = heap[2 * at + 2]
    const child = right !== undefined && left !== undefined && before(right, left) ? right : left
    if (child === undefined || !before(child, last)) break
    heap[at] = child
    at = child === left ? 2 * at + 1 : 2 * at + 2
  }
  heap[at] = last
}
