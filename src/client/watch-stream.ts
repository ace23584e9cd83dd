import type { Status } from '../api/kinds.generated.ts'
import { apiVersionOf, type Kind } from '../api/kinds.ts'
import type { Stored } from '../api/object.ts'
import { failure, isRecord, parseJson } from './answer.ts'
import type { WatchEvent } from './client.ts'
import { lineSplitter } from './line-splitter.ts'

/**
 * Watch events of a stream of JSON lines, in order. Ends with the stream, or after an ERROR. A line that was cut off by the stream's
 * end is not an event: the next watch repeats it.
 */
export async function* watchEvents<T>(
  kind: Kind<T>,
  chunks: AsyncIterable<Uint8Array>,
  onEnd: () => void,
): AsyncGenerator<WatchEvent<T>> {
  const split = lineSplitter()
  try {
    for await (const chunk of chunks) {
      for (const line of split(chunk)) {
        if (line === '') continue
        const event = parseWatchLine(kind, line)
        yield event
        if (event.type === 'ERROR') return
      }
    }
  } finally {
    onEnd()
  }
}

function parseWatchLine<T>(kind: Kind<T>, line: string): WatchEvent<T> {
  const event = parseJson(line)
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
  return isRecord(meta) && typeof meta.resourceVersion === 'string'
    ? { type: 'BOOKMARK', resourceVersion: meta.resourceVersion }
    : broken(`a bookmark of ${apiVersionOf(kind)} ${kind.kind} without a resourceVersion`)
}

function broken(line: string): Readonly<{ type: 'ERROR'; status: Status }> {
  return { type: 'ERROR', status: failure(500, `not a watch event: ${line.slice(0, 256)}`) }
}
