import type { ByteSink } from '../ports/streams.ts'

export type ByteQueue = Readonly<{
  /** For the writer. */
  sink: ByteSink
  /** For the one reader; leaving the loop closes the queue. */
  chunks: AsyncIterable<Uint8Array>
  /** Ends both sides; what is buffered is dropped. */
  close(): void
}>

/**
 * A byte stream inside the process. write() says false from highWaterBytes on; a writer that goes on regardless and reaches
 * limitBytes loses the stream, so the buffer is bounded whatever the writer does.
 */
export function byteQueue(highWaterBytes: number, limitBytes = highWaterBytes * 4): ByteQueue {
  const closed = new AbortController()
  const buffer: Uint8Array[] = []
  let bufferedBytes = 0
  let wakeReader: (() => void) | undefined
  let wakeWriters: (() => void)[] = []

  const releaseWriters = (): void => {
    const waiting = wakeWriters
    wakeWriters = []
    for (const wake of waiting) wake()
  }
  const end = (): void => {
    if (closed.signal.aborted) return
    closed.abort()
    wakeReader?.()
    releaseWriters()
  }
  const close = (): void => {
    buffer.length = 0
    bufferedBytes = 0
    end()
  }
  const write = (chunk: Uint8Array): boolean => {
    if (closed.signal.aborted) return false
    if (chunk.length === 0) return bufferedBytes < highWaterBytes
    bufferedBytes += chunk.length
    if (bufferedBytes > limitBytes) {
      close()
      return false
    }
    buffer.push(chunk)
    wakeReader?.()
    return bufferedBytes < highWaterBytes
  }
  const drained = (): Promise<void> =>
    closed.signal.aborted || bufferedBytes < highWaterBytes
      ? Promise.resolve()
      : new Promise((resolve) => wakeWriters.push(resolve))
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    for (;;) {
      const chunk = buffer.shift()
      if (chunk !== undefined) {
        bufferedBytes -= chunk.length
        if (bufferedBytes <= highWaterBytes / 2) releaseWriters()
        return { done: false, value: chunk }
      }
      if (closed.signal.aborted) return { done: true, value: undefined }
      await new Promise<void>((resolve) => {
        wakeReader = resolve
      })
      wakeReader = undefined
    }
  }
  const finish = async (): Promise<IteratorResult<Uint8Array>> => {
    close()
    return { done: true, value: undefined }
  }
  return {
    sink: { write, bufferedBytes: () => bufferedBytes, drained, end, closed: closed.signal },
    chunks: { [Symbol.asyncIterator]: () => ({ next, return: finish }) },
    close,
  }
}
