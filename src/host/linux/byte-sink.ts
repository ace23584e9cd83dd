import type { Writable } from 'node:stream'
import type { ByteSink } from '../../ports/streams.ts'

/**
 * A ByteSink over a Node stream. What is written within one turn of the event loop goes out as one chunk: a hundred watch events
 * that become visible together cost one system call and one TLS record, not a hundred.
 */
export function byteSink(writable: Writable, closed: AbortController): ByteSink {
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
      if (closed.signal.aborted || !writable.writableNeedDrain) return Promise.resolve()
      return new Promise((resolve) => {
        writable.once('drain', resolve)
        writable.once('close', resolve)
      })
    },
    end() {
      if (ended) return
      ended = true
      flush()
      writable.end()
    },
  }
}
