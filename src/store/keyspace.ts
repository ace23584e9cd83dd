import { fail, ok, type Result } from '../api/result.ts'
import { eventHistory, type HistoryLimits } from './history.ts'
import { afterKey, endOfPrefix, type IsBefore, type KeyIndex, keyIndex, startOfPrefix } from './key-index.ts'
import type { Entry, RangeAnswer, RangeQuery, RevisionError, StoreEvent } from './store.ts'

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

export function keyspace(limits: HistoryLimits): Keyspace {
  const live: Live = { entries: new Map(), index: keyIndex() }
  const history = eventHistory(limits)
  let liveBytes = 0

  const check = (revision: number): RevisionError | undefined => {
    const [oldest, newest] = [history.oldest(), history.newest()]
    if (revision < oldest) return { reason: 'Compacted', oldest, newest }
    return revision > newest ? { reason: 'Future', oldest, newest } : undefined
  }
  const replace = ({ type, entry }: StoreEvent): void => {
    const before = live.entries.get(entry.key)
    if (before !== undefined) liveBytes -= before.json.length
    if (type === 'delete') {
      live.entries.delete(entry.key)
      live.index.delete(entry.key)
      return
    }
    live.entries.set(entry.key, entry)
    liveBytes += entry.json.length
    if (before === undefined) live.index.add(entry.key)
  }
  return {
    revision: history.newest,
    oldestRevision: history.oldest,
    get: (key) => live.entries.get(key),
    count: (prefix) =>
      prefix === '' ? live.index.size : live.index.rank(endOfPrefix(prefix)) - live.index.rank(startOfPrefix(prefix)),
    entries: () => [...live.entries.values()],
    sizeBytes: () => liveBytes,
    range(query) {
      const { prefix, after, revision = history.newest() } = query
      const error = check(revision)
      if (error !== undefined) return fail(error)
      const start = after !== undefined && after >= prefix ? afterKey(after) : startOfPrefix(prefix)
      if (revision === history.newest()) return ok({ ...rangeNow(live, query, start), revision })
      return ok({ ...rangeThen(live, query, start, history.undone(revision, prefix)), revision })
    },
    apply(event, timeMs) {
      history.push(event, timeMs)
      replace(event)
    },
    restore: (entry) => replace({ type: 'put', revision: entry.revision, entry }),
    restored: history.beginAt,
    eventsAfter(revision, prefix) {
      const error = check(revision)
      return error === undefined ? ok(history.after(revision, prefix)) : fail(error)
    },
    compact: history.forget,
    newestBefore: history.newestBefore,
    oldestEventMs: history.oldestMs,
  }
}

type Live = Readonly<{ entries: Map<string, Entry>; index: KeyIndex }>
type Page = Pick<RangeAnswer, 'entries' | 'remaining'>

function rangeNow({ entries, index }: Live, query: RangeQuery, start: IsBefore): Page {
  const { prefix, limit } = query
  const page: Entry[] = []
  index.scan(start, (key) => {
    if (page.length === limit || !key.startsWith(prefix)) return false
    page.push(entries.get(key) as Entry)
    return true
  })
  if (limit === undefined) return { entries: page, remaining: 0 }
  const last = page[page.length - 1]?.key
  return {
    entries: page,
    remaining: index.rank(endOfPrefix(prefix)) - index.rank(last === undefined ? start : afterKey(last)),
  }
}

/** `then`: how the state differed. Keys that are gone by now are merged in; what remains is counted without being visited. */
function rangeThen(
  { entries, index }: Live,
  { prefix, limit = Number.POSITIVE_INFINITY }: RangeQuery,
  start: IsBefore,
  then: ReadonlyMap<string, Entry | undefined>,
): Page {
  const gone = [...then]
    .flatMap(([key, entry]) => (entry !== undefined && !entries.has(key) && !start(key) ? [entry] : []))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  const page: Entry[] = []
  let nextGone = 0
  const takeGoneBefore = (key: string | undefined): void => {
    for (let entry = gone[nextGone]; entry !== undefined && page.length < limit; entry = gone[++nextGone]) {
      if (key !== undefined && entry.key > key) return
      page.push(entry)
    }
  }
  index.scan(start, (key) => {
    if (!key.startsWith(prefix)) return false
    takeGoneBefore(key)
    if (page.length >= limit) return false
    const entry = then.has(key) ? then.get(key) : entries.get(key)
    if (entry !== undefined) page.push(entry)
    return true
  })
  takeGoneBefore(undefined)
  const last = page[page.length - 1]?.key
  const rest = last === undefined ? start : afterKey(last)
  let remaining = index.rank(endOfPrefix(prefix)) - index.rank(rest)
  for (const [key, entry] of then) {
    if (!rest(key)) remaining += (entry === undefined ? 0 : 1) - (entries.has(key) ? 1 : 0)
  }
  return { entries: page, remaining }
}
