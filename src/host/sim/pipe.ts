import { makeEnder } from '../../api/ending.ts'
import type { ByteSink, Duplex } from '../../ports/streams.ts'

export type Pipe = Readonly<{ sink: ByteSink; chunks: AsyncIterable<Uint8Array>; abort(): void }>

/** A bounded byte stream in memory: what goes into the sink comes out of chunks, in order. */
export function pipe(highWaterBytes = 65_536): Pipe {
  const queue: Uint8Array[] = []
  const closed = makeEnder()
  let queuedBytes = 0
  let ended = false
  let wakeReader = (): void => {}
  let wakeWriters: (() => void)[] = []
  const room = (): void => {
    const waiting = wakeWriters
    wakeWriters = []
    for (const wake of waiting) wake()
  }
  const close = (): void => {
    ended = true
    closed.abort()
    wakeReader()
    room()
  }
  const sink: ByteSink = {
    closed: closed.signal,
    bufferedBytes: () => queuedBytes,
    write(chunk) {
      if (ended) return false
      queue.push(chunk)
      queuedBytes += chunk.length
      wakeReader()
      return queuedBytes < highWaterBytes
    },
    drained: () =>
      ended || queuedBytes < highWaterBytes ? Promise.resolve() : new Promise((resolve) => wakeWriters.push(resolve)),
    end() {
      ended = true
      wakeReader()
    },
  }
  async function* read(): AsyncIterable<Uint8Array> {
    try {
      for (;;) {
        const chunk = queue.shift()
        if (chunk !== undefined) {
          queuedBytes -= chunk.length
          if (queuedBytes < highWaterBytes) room()
          yield chunk
        } else if (ended) return
        else await new Promise<void>((resolve) => (wakeReader = resolve))
      }
    } finally {
      close()
    }
  }
  return { sink, chunks: read(), abort: close }
}

/** Both ends of one connection. */
export function connection(): readonly [Duplex, Duplex] {
  const [there, back] = [pipe(), pipe()]
  return [duplex(back, there), duplex(there, back)]
}

function duplex(incoming: Pipe, outgoing: Pipe): Duplex {
  return {
    readable: incoming.chunks,
    async write(chunk) {
      if (!outgoing.sink.write(chunk)) await outgoing.sink.drained()
    },
    async end() {
      outgoing.sink.end()
    },
    destroy() {
      incoming.abort()
      outgoing.abort()
    },
  }
}
