import { assert } from '../api/assert.ts'
import { fail, ok, type Result } from '../api/result.ts'
import { afterKey, endOfPrefix, type IsBefore, keyIndex, startOfPrefix } from './key-index.ts'
import type { Entry, RangeAnswer, RangeQuery, RevisionError, StoreEvent } from './store.ts'

export type HistoryLimits = Readonly<{ events: number; bytes: number }>

/**
 * What is visible: the newest version of every key, and the events since the oldest retained revision. An older state is the newest
 * with the events after it undone, so history costs no more than its events. Purely synchronous and in memory.
 */
export interface Keyspace {
  revision(): number
  oldestRevision(): number
  get(key: string): Entry | undefined
  range(query: RangeQuery): Result<RangeAnswer, RevisionError>
  count(prefix: string): number
  /** All visible entries, in no order that matters. */
  entries(): readonly Entry[]
  /** JSON bytes of all visible entries. */
  sizeBytes(): number
  /** Makes an event visible: it must be the one after revision(). */
  apply(event: StoreEvent, timeMs: number): void
  /** Puts an entry of a snapshot in place, before any event. */
  restore(entry: Entry): void
  /** Declares the restored state to be that of the revision. */
  restored(revision: number): void
  /** Retained events after the revision with the prefix, in order. */
  eventsAfter(revision: number, prefix: string): Result<readonly StoreEvent[], RevisionError>
  compact(revision: number): void
  /** The newest revision that was made before the time; undefined when all retained events are younger. */
  newestBefore(timeMs: number): number | undefined
  /** When the oldest retained event happened; undefined when none is retained. */
  oldestEventMs(): number | undefined
}

type Retained = Readonly<{ event: StoreEvent; timeMs: number }>

export function keyspace(limits: HistoryLimits): Keyspace {
  const live = new Map<string, Entry>()
  const index = keyIndex()
  let liveBytes = 0
  // Every revision has exactly one event, so the event of a revision is found by subtraction. Those before `first` are forgotten.
  let events: (Retained | undefined)[] = []
  let first = 0
  let historyBytes = 0
  let oldest = 0
  let newest = 0

  const eventOf = (revision: number): Retained => {
    const retained = events[first + revision - oldest - 1]
    assert(retained !== undefined, `revision ${revision} is retained`)
    return retained
  }
  const check = (revision: number): RevisionError | undefined => {
    if (revision < oldest) return { reason: 'Compacted', oldest, newest }
    return revision > newest ? { reason: 'Future', oldest, newest } : undefined
  }
  const replace = ({ type, entry }: StoreEvent): void => {
    const before = live.get(entry.key)
    if (before !== undefined) liveBytes -= before.json.length
    if (type === 'delete') {
      live.delete(entry.key)
      index.delete(entry.key)
      return
    }
    live.set(entry.key, entry)
    liveBytes += entry.json.length
    if (before === undefined) index.add(entry.key)
  }
  const forgetOldest = (): void => {
    historyBytes -= eventOf(oldest + 1).event.entry.json.length
    events[first] = undefined
    first += 1
    oldest += 1
    if (first > 1024 && first * 2 > events.length) {
      events = events.slice(first)
      first = 0
    }
  }
  /** What keys with the prefix were at the revision, where that differs from now: undefined for those that were not there. */
  const undone = (revision: number, prefix: string): ReadonlyMap<string, Entry | undefined> => {
    const then = new Map<string, Entry | undefined>()
    for (let at = newest; at > revision; at--) {
      const { entry, previous } = eventOf(at).event
      if (entry.key.startsWith(prefix)) then.set(entry.key, previous)
    }
    return then
  }
  const count = (prefix: string): number =>
    prefix === '' ? index.size : index.rank(endOfPrefix(prefix)) - index.rank(startOfPrefix(prefix))

  const rangeNow = (query: RangeQuery, start: IsBefore): RangeAnswer => {
    const { prefix, limit = Number.POSITIVE_INFINITY } = query
    const entries: Entry[] = []
    let last: string | undefined
    index.scan(start, (key) => {
      if (entries.length >= limit || !key.startsWith(prefix)) return false
      entries.push(live.get(key) as Entry)
      last = key
      return true
    })
    const all = limit === Number.POSITIVE_INFINITY
    const remaining = all
      ? 0
      : index.rank(endOfPrefix(prefix)) - index.rank(last === undefined ? start : afterKey(last))
    return { entries, revision: newest, remaining }
  }
  const rangeThen = (query: RangeQuery, revision: number, start: IsBefore): RangeAnswer => {
    const { prefix, limit = Number.POSITIVE_INFINITY } = query
    const then = undone(revision, prefix)
    const gone = [...then].flatMap(([key, entry]) =>
      entry !== undefined && !live.has(key) && !start(key) ? [key] : [],
    )
    gone.sort((a, b) => (a < b ? -1 : 1))
    const entries: Entry[] = []
    let nextGone = 0
    const takeGoneBefore = (key: string | undefined): void => {
      for (; nextGone < gone.length && entries.length < limit; nextGone++) {
        const goneKey = gone[nextGone] as string
        if (key !== undefined && goneKey > key) return
        entries.push(then.get(goneKey) as Entry)
      }
    }
    index.scan(start, (key) => {
      if (!key.startsWith(prefix)) return false
      takeGoneBefore(key)
      if (entries.length >= limit) return false
      const entry = then.has(key) ? then.get(key) : live.get(key)
      if (entry !== undefined) entries.push(entry)
      return true
    })
    takeGoneBefore(undefined)
    const last = entries[entries.length - 1]?.key
    const rest = last === undefined ? start : afterKey(last)
    let remaining = index.rank(endOfPrefix(prefix)) - index.rank(rest)
    for (const [key, entry] of then) {
      if (!rest(key)) remaining += (entry === undefined ? 0 : 1) - (live.has(key) ? 1 : 0)
    }
    return { entries, revision, remaining }
  }

  return {
    revision: () => newest,
    oldestRevision: () => oldest,
    get: (key) => live.get(key),
    count,
    entries: () => [...live.values()],
    sizeBytes: () => liveBytes,
    range(query) {
      const { prefix, after, revision = newest } = query
      const error = check(revision)
      if (error !== undefined) return fail(error)
      const start = after !== undefined && after >= prefix ? afterKey(after) : startOfPrefix(prefix)
      return ok(revision === newest ? rangeNow(query, start) : rangeThen(query, revision, start))
    },
    apply(event, timeMs) {
      assert(event.revision === newest + 1, `revision ${event.revision} follows ${newest}`)
      newest = event.revision
      replace(event)
      events.push({ event, timeMs })
      historyBytes += event.entry.json.length
      while (newest - oldest > limits.events || (historyBytes > limits.bytes && newest > oldest)) forgetOldest()
    },
    restore: (entry) => replace({ type: 'put', revision: entry.revision, entry }),
    restored(revision) {
      assert(newest === 0, 'a keyspace is restored once, before any event')
      newest = revision
      oldest = revision
    },
    eventsAfter(revision, prefix) {
      const error = check(revision)
      if (error !== undefined) return fail(error)
      const found: StoreEvent[] = []
      for (let at = revision + 1; at <= newest; at++) {
        const { event } = eventOf(at)
        if (event.entry.key.startsWith(prefix)) found.push(event)
      }
      return ok(found)
    },
    compact(revision) {
      while (oldest < Math.min(revision, newest)) forgetOldest()
    },
    newestBefore(timeMs) {
      let found: number | undefined
      for (let at = oldest + 1; at <= newest && eventOf(at).timeMs < timeMs; at++) found = at
      return found
    },
    oldestEventMs: () => (newest > oldest ? eventOf(oldest + 1).timeMs : undefined),
  }
}
