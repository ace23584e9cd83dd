import type { Writable } from 'node:stream'
import type { Ender } from '../../api/ending.ts'
import type { ByteSink } from '../../ports/streams.ts'

/**
 * A ByteSink over a Node stream. What is written within one turn of the event loop goes out as one chunk: a hundred watch events
 * that become visible together cost one system call and one TLS record, not a hundred.
 */
export function byteSink(writable: Writable, closed: Ender): ByteSink {
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  let ended = false
  const flush = (): void => {
    if (pendingBytes === 0 || writable.destroyed) return
    const chunk = pending.length === 1 ? pending[0] : Buffer.concat(pending, pendingBytes)
    pending = []
    pendingBytes = 0
    writable.write(chunk)
  }
  const bufferedBytes = (): number => pendingBytes + writable.writableLength
  return {
    closed: closed.signal,
    bufferedBytes,
    write(chunk) {
      if (ended || closed.signal.aborted) return false
      if (pendingBytes === 0) setImmediate(flush)
      pending.push(chunk)
      pendingBytes += chunk.length
      return bufferedBytes() < writable.writableHighWaterMark
    },
    drained: () => {
      flush()
      return closed.signal.aborted || !writable.writableNeedDrain ? Promise.resolve() : roomIn(writable)
    },
    end() {
      if (ended) return
      ended = true
      flush()
      writable.end()
    },
  }
}

/** Any number of streams may share one connection, and wait for it at a time: one listener serves them all. */
const waiting = new WeakMap<Writable, Promise<void>>()

/** Resolves when the stream takes more, or has closed. */
export function roomIn(writable: Writable): Promise<void> {
  const known = waiting.get(writable)
  if (known !== undefined) return known
  const room = nextRoom(writable)
  waiting.set(writable, room)
  return room
}

function nextRoom(writable: Writable): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      waiting.delete(writable)
      writable.off('drain', settle)
      writable.off('close', settle)
      resolve()
    }
    writable.on('drain', settle)
    writable.on('close', settle)
  })
}
