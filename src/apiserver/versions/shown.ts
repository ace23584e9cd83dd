import type { Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { ok, type Result } from '../../api/result.ts'
import type { Conversion } from '../../api/versioning.ts'
import type { Entry, StoreEvent } from '../../store/store.ts'

/** A promise only where a webhook converts. */
export type Shown<T> = Result<T, Refusal> | Promise<Result<T, Refusal>>

/** What stored entries look like as a kind, and which stored entry such a one comes from. */
const known = new WeakMap<Kind, WeakMap<Entry, Entry>>()
const origins = new WeakMap<Entry, Entry>()
const encoder = new TextEncoder()

function knownOf(kind: Kind): WeakMap<Entry, Entry> {
  const found = known.get(kind)
  if (found !== undefined) return found
  const made = new WeakMap<Entry, Entry>()
  known.set(kind, made)
  return made
}

/** The stored entry behind one that is shown. */
export function storedEntry(shown: Entry): Entry {
  return origins.get(shown) ?? shown
}

/** Tells that the entry is in the kind's form already. */
export function asShown(kind: Kind, entry: Entry): Entry {
  if (kind.versioning !== undefined) knownOf(kind).set(entry, entry)
  return entry
}

/** Stored entries in the kind's form: converted once, and the very same ones where they are stored so. */
export function showEntries(kind: Kind, entries: readonly Entry[]): Shown<readonly Entry[]> {
  const { versioning } = kind
  if (versioning === undefined) return ok(entries)
  const cache = knownOf(kind)
  const missing = entries.filter((entry) => !cache.has(entry))
  const all = (): Result<readonly Entry[], Refusal> => ok(entries.map((entry) => cache.get(entry) ?? entry))
  if (missing.length === 0) return all()
  const keep = (converted: Result<readonly ApiObject[], Refusal>): Result<readonly Entry[], Refusal> => {
    if (!converted.ok) return converted
    for (const [at, entry] of missing.entries()) {
      const shown = shownAs(entry, converted.value[at] ?? entry.object)
      cache.set(entry, shown)
      // Who is given one that is shown already gets it back.
      cache.set(shown, shown)
    }
    return all()
  }
  return settled(versioning.fromStored(missing.map(({ object }) => object)), keep)
}

function shownAs(entry: Entry, object: ApiObject): Entry {
  if (object === entry.object) return entry
  const { key, revision, createRevision } = entry
  const shown = { key, object, json: encoder.encode(JSON.stringify(object)), revision, createRevision }
  origins.set(shown, entry)
  return shown
}

/** Goes on at once where there is nothing to wait for. */
export function settled<A, B>(
  value: Result<A, Refusal> | Promise<Result<A, Refusal>>,
  next: (value: Result<A, Refusal>) => Result<B, Refusal>,
): Shown<B> {
  return value instanceof Promise ? value.then(next) : next(value)
}

export function showEntry(kind: Kind, entry: Entry): Shown<Entry> {
  if (kind.versioning === undefined) return ok(entry)
  const seen = known.get(kind)?.get(entry)
  if (seen !== undefined) return ok(seen)
  return settled(showEntries(kind, [entry]), (shown) => (shown.ok ? ok(shown.value[0] ?? entry) : shown))
}

const shownBatches = new WeakMap<Kind, WeakMap<readonly StoreEvent[], readonly StoreEvent[]>>()

/** Events with their entries in the kind's form: all who watch the kind get the same ones for the same batch. */
export function showEvents(kind: Kind, events: readonly StoreEvent[]): Shown<readonly StoreEvent[]> {
  if (kind.versioning === undefined) return ok(events)
  const batches = shownBatches.get(kind) ?? new WeakMap<readonly StoreEvent[], readonly StoreEvent[]>()
  shownBatches.set(kind, batches)
  const before = batches.get(events)
  if (before !== undefined) return ok(before)
  const entries = events.flatMap(({ entry, previous }) => (previous === undefined ? [entry] : [entry, previous]))
  return settled(showEntries(kind, entries), (shown) => {
    if (!shown.ok) return shown
    const byStored = new Map(entries.map((entry, at) => [entry, shown.value[at] ?? entry]))
    const inForm = (entry: Entry): Entry => byStored.get(entry) ?? entry
    const isSame = entries.every((entry) => inForm(entry) === entry)
    const converted = isSame
      ? events
      : events.map((event) => ({
          ...event,
          entry: inForm(event.entry),
          ...(event.previous === undefined ? {} : { previous: inForm(event.previous) }),
        }))
    batches.set(events, converted)
    return ok(converted)
  })
}

/** Entries in the form in which they are selected and judged: as stored, but for custom resources. */
export function judgedForm(kind: Kind, entries: readonly Entry[]): Shown<readonly Entry[]> {
  return kind.versioning?.judgedAs === 'served' ? showEntries(kind, entries) : ok(entries)
}

/** One object by one conversion. */
export function convertOne(
  convert: (objects: readonly ApiObject[]) => Conversion,
  object: ApiObject,
): Shown<ApiObject> {
  return settled(convert([object]), (converted) => (converted.ok ? ok(converted.value[0] ?? object) : converted))
}
