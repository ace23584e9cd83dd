/** Reads a stream of chunks by exact amounts, without copying more than it must. */
export interface ByteReader {
  /** Exactly so many bytes; undefined at the end of the stream; fewer when it ends within them. */
  read(count: number): Promise<Uint8Array | undefined>
  /** The next `count` bytes as they come; fewer when the stream ends. */
  take(count: number): AsyncIterable<Uint8Array>
}

export function byteReader(chunks: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = chunks[Symbol.asyncIterator]()
  let held: Uint8Array = new Uint8Array(0)
  let ended = false
  const more = async (): Promise<boolean> => {
    while (!ended && held.length === 0) {
      const next = await iterator.next()
      if (next.done === true) ended = true
      else held = next.value
    }
    return held.length > 0
  }
  const next = async (limit: number): Promise<Uint8Array | undefined> => {
    if (!(await more())) return undefined
    const part = held.subarray(0, limit)
    held = held.subarray(part.length)
    return part
  }
  return {
    async read(count) {
      const first = await next(count)
      if (first === undefined || first.length === count) return first
      const whole = new Uint8Array(count)
      whole.set(first)
      let filled = first.length
      while (filled < count) {
        const part = await next(count - filled)
        if (part === undefined) return whole.subarray(0, filled)
        whole.set(part, filled)
        filled += part.length
      }
      return whole
    },
    async *take(count) {
      for (let left = count; left > 0; ) {
        const part = await next(left)
        if (part === undefined) return
        left -= part.length
        yield part
      }
    },
  }
}
