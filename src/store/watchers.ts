import type { StoreEvent } from './store.ts'

type OnEvents = (events: readonly StoreEvent[]) => void
type Watcher = Readonly<{ sinceRevision: number; onEvents: OnEvents }>

/** Who wants to hear of which keys. An event costs by the depth of its key and its hearers, never by the number of watchers. */
export interface Watchers {
  /** Calls back for events after the revision; returns the function that ends it. */
  add(prefix: string, sinceRevision: number, onEvents: OnEvents): () => void
  /** Tells everybody concerned, in the order of their prefixes' first events, each in one call. */
  deliver(events: readonly StoreEvent[]): void
  clear(): void
}

/**
 * Watchers by prefix. A prefix that is a folder ('/pods/default/') is looked up at each '/' of the key; others (a single object, or
 * everything) at each length that somebody uses.
 */
export function watcherIndex(): Watchers {
  const byPrefix = new Map<string, Set<Watcher>>()
  /** Length of the watched prefixes that are no folders → how many prefixes have it. */
  const lengths = new Map<number, number>()

  const countLength = (prefix: string, change: number): void => {
    if (prefix.endsWith('/')) return
    const count = (lengths.get(prefix.length) ?? 0) + change
    if (count === 0) lengths.delete(prefix.length)
    else lengths.set(prefix.length, count)
  }
  const watchedPrefixes = function* (key: string): Iterable<string> {
    for (let at = key.indexOf('/'); at >= 0; at = key.indexOf('/', at + 1)) yield key.slice(0, at + 1)
    for (const length of lengths.keys()) {
      if (length <= key.length && !key.slice(0, length).endsWith('/')) yield key.slice(0, length)
    }
  }
  return {
    add(prefix, sinceRevision, onEvents) {
      const watcher: Watcher = { sinceRevision, onEvents }
      const watchers = byPrefix.get(prefix) ?? new Set()
      if (watchers.size === 0) {
        byPrefix.set(prefix, watchers)
        countLength(prefix, 1)
      }
      watchers.add(watcher)
      return () => {
        if (!watchers.delete(watcher) || watchers.size > 0 || byPrefix.get(prefix) !== watchers) return
        byPrefix.delete(prefix)
        countLength(prefix, -1)
      }
    },
    deliver(events) {
      const batches = new Map<Set<Watcher>, StoreEvent[]>()
      for (const event of events) {
        for (const prefix of watchedPrefixes(event.entry.key)) {
          const watchers = byPrefix.get(prefix)
          if (watchers === undefined) continue
          const batch = batches.get(watchers)
          if (batch === undefined) batches.set(watchers, [event])
          else batch.push(event)
        }
      }
      for (const [watchers, batch] of batches) tell(watchers, batch)
    },
    clear() {
      byPrefix.clear()
      lengths.clear()
    },
  }
}

/** One that comes while the batch is told has seen it in its replay already. */
function tell(watchers: ReadonlySet<Watcher>, batch: readonly StoreEvent[]): void {
  const lastRevision = batch[batch.length - 1]?.revision ?? 0
  for (const watcher of watchers) {
    if (watcher.sinceRevision < lastRevision) watcher.onEvents(batch)
  }
}
