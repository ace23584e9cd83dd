import type { Duplex as NodeDuplex } from 'node:stream'
import type { Duplex } from '../../ports/streams.ts'
import { roomIn } from './byte-sink.ts'

/** Bytes both ways over a socket or the pipes of a child. `head` are bytes that were read from it already. */
export function duplexOf(stream: NodeDuplex, head?: Uint8Array): Duplex {
  // A peer that resets the connection ends the reading side; there is nobody else to tell.
  stream.on('error', () => stream.destroy())
  return {
    readable: readAll(stream, head),
    async write(chunk) {
      if (!stream.destroyed && !stream.writableEnded && !stream.write(chunk)) await roomIn(stream)
    },
    end: () => new Promise((resolve) => (stream.destroyed ? resolve() : stream.end(() => resolve()))),
    destroy: () => void stream.destroy(),
  }
}

async function* readAll(stream: NodeDuplex, head: Uint8Array | undefined): AsyncIterable<Uint8Array> {
  if (head !== undefined && head.length > 0) yield head
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array
  } catch {
    // Reset or destroyed: for the reader that is the end.
  }
}
