/** Bytes from a writer to one reader, a bounded number at a time: push waits while the reader is behind. */
export interface ByteChannel {
  readonly chunks: AsyncIterable<Uint8Array>
  /** Resolves when there is room for more; at once when nobody reads any more. */
  push(chunk: Uint8Array): Promise<void>
  /** The reader gets what is there, then the end. */
  end(): void
  /** Nobody reads any more: what is there, and what comes, is dropped. */
  abandon(): void
}

const limitBytes = 256 * 1024

export function byteChannel(): ByteChannel {
  const waiting: Uint8Array[] = []
  let heldBytes = 0
  let ended = false
  let abandoned = false
  let wakeReader: () => void = () => {}
  let wakeWriter: () => void = () => {}
  const abandon = (): void => {
    abandoned = true
    waiting.length = 0
    heldBytes = 0
    wakeReader()
    wakeWriter()
  }
  return {
    chunks: read(),
    async push(chunk) {
      if (ended || abandoned || chunk.length === 0) return
      waiting.push(chunk)
      heldBytes += chunk.length
      wakeReader()
      while (heldBytes > limitBytes && !abandoned) await new Promise<void>((resolve) => (wakeWriter = resolve))
    },
    end() {
      ended = true
      wakeReader()
    },
    abandon,
  }

  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      while (!abandoned) {
        const chunk = waiting.shift()
        if (chunk !== undefined) {
          heldBytes -= chunk.length
          wakeWriter()
          yield chunk
        } else if (ended) return
        else await new Promise<void>((resolve) => (wakeReader = resolve))
      }
    } finally {
      abandon()
    }
  }
}
