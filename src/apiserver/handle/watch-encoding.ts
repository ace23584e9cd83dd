import type { ApiObject } from '../../api/object.ts'
import type { Entry, StoreEvent } from '../../store/store.ts'

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED'

/** Turns events into the bytes of one format. The same event is encoded once, however many watch. */
export interface WatchEncoder {
  readonly contentType: string
  event(type: WatchEventType, entry: Entry): Uint8Array
  /** An object left the selection: its state before, under the revision of the change. */
  left(previous: Entry, revision: number): Uint8Array
  bookmark(resourceVersion: string, initialEventsEnd: boolean): Uint8Array
  error(status: object): Uint8Array
  /** All events of a batch, for watchers that leave nothing out. */
  batch(events: readonly StoreEvent[]): Uint8Array
}

/** How one object is written in this format: its JSON. */
export type ObjectJson = (entry: Entry) => Uint8Array

const encoder = new TextEncoder()

export function watchEncoder(
  contentType: string,
  objectJson: ObjectJson,
  bookmarkJson: (resourceVersion: string, initialEventsEnd: boolean) => string,
): WatchEncoder {
  const events = new WeakMap<Entry, Partial<Record<WatchEventType, Uint8Array>>>()
  const batches = new WeakMap<readonly StoreEvent[], Uint8Array>()
  const event = (type: WatchEventType, entry: Entry): Uint8Array => {
    const known = events.get(entry)
    const bytes = known?.[type]
    if (bytes !== undefined) return bytes
    const made = framed(type, objectJson(entry))
    if (known === undefined) events.set(entry, { [type]: made })
    else known[type] = made
    return made
  }
  return {
    contentType,
    event,
    left: (previous, revision) => framed('DELETED', objectJson(asOf(previous, revision))),
    bookmark: (version, isEnd) => encoder.encode(`{"type":"BOOKMARK","object":${bookmarkJson(version, isEnd)}}\n`),
    error: (status) => encoder.encode(`{"type":"ERROR","object":${JSON.stringify(status)}}\n`),
    batch(list) {
      const [only] = list
      if (list.length === 1 && only !== undefined) return event(typeOf(only), only.entry)
      const known = batches.get(list)
      if (known !== undefined) return known
      const made = joined(list.map((item) => event(typeOf(item), item.entry)))
      batches.set(list, made)
      return made
    },
  }
}

export function typeOf({ type, previous }: StoreEvent): WatchEventType {
  if (type === 'delete') return 'DELETED'
  return previous === undefined ? 'ADDED' : 'MODIFIED'
}

const heads: Readonly<Record<WatchEventType, Uint8Array>> = {
  ADDED: encoder.encode('{"type":"ADDED","object":'),
  MODIFIED: encoder.encode('{"type":"MODIFIED","object":'),
  DELETED: encoder.encode('{"type":"DELETED","object":'),
}
const tail = encoder.encode('}\n')

function framed(type: WatchEventType, json: Uint8Array): Uint8Array {
  return joined([heads[type], json, tail])
}

export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

function asOf(previous: Entry, revision: number): Entry {
  const before = previous.object
  const object: ApiObject = { ...before, metadata: { ...before.metadata, resourceVersion: String(revision) } }
  const json = encoder.encode(JSON.stringify(object))
  return { key: previous.key, object, json, revision, createRevision: previous.createRevision }
}
