import { assert } from '../api/assert.ts'
import type { Entry, StoreEvent } from './store.ts'

export type HistoryLimits = Readonly<{ events: number; bytes: number }>

/** The events since the oldest retained revision. Bounded in number and bytes: the oldest go. */
export interface History {
  oldest(): number
  newest(): number
  /** The event must be the one after newest(). */
  push(event: StoreEvent, timeMs: number): void
  /** Begins at the revision, with no events. Once only, before any event. */
  beginAt(revision: number): void
  /** Events after the revision, which must be retained, in order. */
  after(revision: number, prefix: string): readonly StoreEvent[]
  /** What keys with the prefix were at the revision, where that differs from now: undefined for those that were not there. */
  undone(revision: number, prefix: string): ReadonlyMap<string, Entry | undefined>
  /** Forgets the events up to the revision. */
  forget(revision: number): void
  newestBefore(timeMs: number): number | undefined
  oldestMs(): number | undefined
}

type Retained = Readonly<{ event: StoreEvent; timeMs: number }>

export function eventHistory(limits: HistoryLimits): History {
  // Every revision has exactly one event, so the event of a revision is found by subtraction. Those before `first` are forgotten.
  let events: (Retained | undefined)[] = []
  let first = 0
  let bytes = 0
  let oldest = 0
  let newest = 0

  const at = (revision: number): Retained => {
    const retained = events[first + revision - oldest - 1]
    assert(retained !== undefined, `revision ${revision} is retained`)
    return retained
  }
  const forgetOldest = (): void => {
    bytes -= at(oldest + 1).event.entry.json.length
    events[first] = undefined
    first += 1
    oldest += 1
    if (first > 1024 && first * 2 > events.length) {
      events = events.slice(first)
      first = 0
    }
  }
  return {
    oldest: () => oldest,
    newest: () => newest,
    push(event, timeMs) {
      assert(event.revision === newest + 1, `revision ${event.revision} follows ${newest}`)
      newest = event.revision
      events.push({ event, timeMs })
      bytes += event.entry.json.length
      while (newest - oldest > limits.events || (bytes > limits.bytes && newest > oldest)) forgetOldest()
    },
    beginAt(revision) {
      assert(newest === 0, 'history begins once, before any event')
      newest = revision
      oldest = revision
    },
    after(revision, prefix) {
      const found: StoreEvent[] = []
      for (let next = revision + 1; next <= newest; next++) {
        const { event } = at(next)
        if (event.entry.key.startsWith(prefix)) found.push(event)
      }
      return found
    },
    undone(revision, prefix) {
      const then = new Map<string, Entry | undefined>()
      for (let last = newest; last > revision; last--) {
        const { entry, previous } = at(last).event
        if (entry.key.startsWith(prefix)) then.set(entry.key, previous)
      }
      return then
    },
    forget(revision) {
      while (oldest < Math.min(revision, newest)) forgetOldest()
    },
    newestBefore(timeMs) {
      let found: number | undefined
      for (let next = oldest + 1; next <= newest && at(next).timeMs < timeMs; next++) found = next
      return found
    },
    oldestMs: () => (newest > oldest ? at(oldest + 1).timeMs : undefined),
  }
}
