import type { Status } from '../api/kinds.generated.ts'
import { apiVersionOf, type Kind } from '../api/kinds.ts'
import type { Stored } from '../api/object.ts'
import type { ByteSink } from '../ports/streams.ts'
import { failure, isRecord, parseJson } from './answer.ts'
import { boundedQueue, sinkOf } from './byte-queue.ts'
import type { WatchEvent } from './client.ts'
import { lineSplitter } from './line-splitter.ts'

/** What a watch is made of: lines of JSON or, from a server in this process, what they would say. */
export type WatchItem = Uint8Array | readonly object[]

export type WatchQueue = Readonly<{ sink: ByteSink; items: AsyncIterable<WatchItem>; close(): void }>

export function watchQueue(highWaterBytes: number): WatchQueue {
  const { put, items, close, ...queue } = boundedQueue<WatchItem>(highWaterBytes)
  return { sink: { ...sinkOf({ put, ...queue }), pass: put }, items, close }
}

/**
 * Watch events of a stream, in order. Ends with the stream, or after an ERROR. A line that was cut off by the stream's end is not an
 * event: the next watch repeats it.
 */
export async function* watchEvents<T>(
  kind: Kind<T>,
  items: AsyncIterable<WatchItem>,
  onEnd: () => void,
): AsyncGenerator<WatchEvent<T>> {
  const split = lineSplitter()
  try {
    for await (const item of items) {
      const values = item instanceof Uint8Array ? split(item).filter((line) => line !== '') : item
      for (const value of values) {
        const event = typeof value === 'string' ? readEvent(kind, parseJson(value), value) : readEvent(kind, value)
        yield event
        if (event.type === 'ERROR') return
      }
    }
  } finally {
    onEnd()
  }
}

function readEvent<T>(kind: Kind<T>, event: unknown, line = ''): WatchEvent<T> {
  if (!isRecord(event) || !isRecord(event.object)) return broken(line)
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type: event.type, object: event.object as unknown as Stored<T> }
    case 'BOOKMARK':
      return bookmark(kind, event.object)
    case 'ERROR':
      return { type: 'ERROR', status: event.object as Status }
    default:
      return broken(line)
  }
}

function bookmark<T>(kind: Kind<T>, object: Readonly<Record<string, unknown>>): WatchEvent<T> {
  const meta = object.metadata
  if (!isRecord(meta) || typeof meta.resourceVersion !== 'string')
    return broken(`a bookmark of ${apiVersionOf(kind)} ${kind.kind} without a resourceVersion`)
  const { resourceVersion, annotations } = meta
  const endsInitial = isRecord(annotations) && annotations['k8s.io/initial-events-end'] === 'true'
  return { type: 'BOOKMARK', resourceVersion, ...(endsInitial ? { endsInitial } : {}) }
}

function broken(line: string): Readonly<{ type: 'ERROR'; status: Status }> {
  return { type: 'ERROR', status: failure(500, `not a watch event: ${line.slice(0, 256)}`) }
}
