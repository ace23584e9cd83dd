import type { ApiObject } from '../../api/object.ts'
import type { FrameType } from '../../api/protobuf/envelope.ts'
import type { Entry, StoreEvent } from '../../store/store.ts'

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED'

/** Turns events into the bytes of one format. The same event is encoded once, however many watch. */
export interface WatchEncoder {
  readonly contentType: string
  /** Its lines are the JSON of the objects themselves: whoever is in this process can have the objects. */
  readonly isPlain: boolean
  event(type: WatchEventType, entry: Entry): Uint8Array
  bookmark(resourceVersion: string, initialEventsEnd: boolean): Uint8Array
  error(status: object): Uint8Array
  /** All events of a batch, for watchers that leave nothing out. */
  batch(events: readonly StoreEvent[]): Uint8Array
}

/** One format: how objects are written, and what stands around them. */
export type WatchFormat = Readonly<{
  contentType: string
  isPlain: boolean
  object(entry: Entry): Uint8Array
  frame(type: FrameType, object: Uint8Array): Uint8Array
  bookmark(resourceVersion: string, initialEventsEnd: boolean): Uint8Array
  status(status: object): Uint8Array
}>

const encoder = new TextEncoder()

export function watchEncoder(format: WatchFormat): WatchEncoder {
  const events = new WeakMap<Entry, Partial<Record<WatchEventType, Uint8Array>>>()
  const batches = new WeakMap<readonly StoreEvent[], Uint8Array>()
  const event = (type: WatchEventType, entry: Entry): Uint8Array => {
    const known = events.get(entry)
    const bytes = known?.[type]
    if (bytes !== undefined) return bytes
    const made = format.frame(type, format.object(entry))
    if (known === undefined) events.set(entry, { [type]: made })
    else known[type] = made
    return made
  }
  return {
    contentType: format.contentType,
    isPlain: format.isPlain,
    event,
    bookmark: (version, isEnd) => format.frame('BOOKMARK', format.bookmark(version, isEnd)),
    error: (status) => format.frame('ERROR', format.status(status)),
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

/** For one watcher: its first object is written by `first`, all others as everybody's. A table has its columns once. */
export function firstOnce(first: WatchEncoder, others: WatchEncoder): WatchEncoder {
  let isFirst = true
  const next = (): WatchEncoder => {
    const encoder = isFirst ? first : others
    isFirst = false
    return encoder
  }
  return {
    ...others,
    event: (type, entry) => next().event(type, entry),
    batch(events) {
      const [head, ...rest] = events
      if (!isFirst || head === undefined) return others.batch(events)
      return joined([
        next().event(typeOf(head), head.entry),
        ...rest.map((one) => others.event(typeOf(one), one.entry)),
      ])
    },
  }
}

export function typeOf({ type, previous }: StoreEvent): WatchEventType {
  if (type === 'delete') return 'DELETED'
  return previous === undefined ? 'ADDED' : 'MODIFIED'
}

const frameHeads = new Map<FrameType, Uint8Array>()
const frameTail = encoder.encode('}\n')

/** An event as a line of JSON. */
export function jsonFrame(type: FrameType, object: Uint8Array): Uint8Array {
  const head = frameHeads.get(type) ?? encoder.encode(`{"type":"${type}","object":`)
  frameHeads.set(type, head)
  return joined([head, object, frameTail])
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

/** An object that left the selection: its state before, under the revision of the change. */
export function asOf(previous: Entry, revision: number): Entry {
  const before = previous.object
  const object: ApiObject = { ...before, metadata: { ...before.metadata, resourceVersion: String(revision) } }
  const json = encoder.encode(JSON.stringify(object))
  return { key: previous.key, object, json, revision, createRevision: previous.createRevision }
}
