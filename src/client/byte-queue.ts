import { type Ending, makeEnder } from '../api/ending.ts'
import type { ByteSink } from '../ports/streams.ts'

export type Queue<T> = Readonly<{
  /** Adds an item of this size; false from the high-water mark on, and when the queue is closed. */
  put(item: T, sizeBytes: number): boolean
  bufferedBytes(): number
  /** Resolves when there is room again, or the queue is closed. */
  drained(): Promise<void>
  /** Nothing more comes: the reader gets what is there, and then the end. */
  end(): void
  closed: Ending
  /** For the one reader; leaving the loop closes the queue. */
  items: AsyncIterable<T>
  /** Ends both sides; what is buffered is dropped. */
  close(): void
}>

export type ByteQueue = Readonly<{
  /** For the writer. */
  sink: ByteSink
  /** For the one reader; leaving the loop closes the queue. */
  chunks: AsyncIterable<Uint8Array>
  /** Ends both sides; what is buffered is dropped. */
  close(): void
}>

/** A byte stream inside the process, bounded as every queue. */
export function byteQueue(highWaterBytes: number, limitBytes = highWaterBytes * 4): ByteQueue {
  const { items, close, ...queue } = boundedQueue<Uint8Array>(highWaterBytes, limitBytes)
  return { sink: sinkOf(queue), chunks: items, close }
}

/** The writing end for bytes. */
export function sinkOf({
  put,
  bufferedBytes,
  drained,
  end,
  closed,
}: Pick<Queue<Uint8Array>, 'put' | 'bufferedBytes' | 'drained' | 'end' | 'closed'>): ByteSink {
  return { write: (chunk) => put(chunk, chunk.length), bufferedBytes, drained, end, closed }
}

/**
 * A queue between two parts of the process. put() says false from highWaterBytes on; a writer that goes on regardless and reaches
 * limitBytes loses the stream, so the buffer is bounded whatever the writer does.
 */
export function boundedQueue<T>(highWaterBytes: number, limitBytes = highWaterBytes * 4): Queue<T> {
  const closed = makeEnder()
  const buffer: { item: T; sizeBytes: number }[] = []
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
  const put = (item: T, sizeBytes: number): boolean => {
    if (closed.signal.aborted) return false
    if (sizeBytes === 0) return bufferedBytes < highWaterBytes
    bufferedBytes += sizeBytes
    if (bufferedBytes > limitBytes) {
      close()
      return false
    }
    buffer.push({ item, sizeBytes })
    wakeReader?.()
    return bufferedBytes < highWaterBytes
  }
  const drained = (): Promise<void> =>
    closed.signal.aborted || bufferedBytes < highWaterBytes
      ? Promise.resolve()
      : new Promise((resolve) => wakeWriters.push(resolve))
  const next = async (): Promise<IteratorResult<T>> => {
    for (;;) {
      const first = buffer.shift()
      if (first !== undefined) {
        bufferedBytes -= first.sizeBytes
        if (bufferedBytes <= highWaterBytes / 2) releaseWriters()
        return { done: false, value: first.item }
      }
      if (closed.signal.aborted) return { done: true, value: undefined }
      await new Promise<void>((resolve) => {
        wakeReader = resolve
      })
      wakeReader = undefined
    }
  }
  const finish = async (): Promise<IteratorResult<T>> => {
    close()
    return { done: true, value: undefined }
  }
  const items = { [Symbol.asyncIterator]: () => ({ next, return: finish }) }
  return { put, bufferedBytes: () => bufferedBytes, drained, end, closed: closed.signal, items, close }
}
