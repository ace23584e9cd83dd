import type { Ending } from '../api/ending.ts'
import type { Result } from '../api/result.ts'

/** The writing end of a byte stream with bounded buffering. */
export interface ByteSink {
  /** False once more than the sink's high-water mark is buffered: wait for drained() before writing more. Never throws; a write after closing is dropped. */
  write(chunk: Uint8Array): boolean
  /**
   * Only where the reader is in this very process: takes values in place of the lines of JSON that would say the same, which are about
   * `sizeBytes` long. Neither side changes them. Answers as write().
   */
  pass?(values: readonly object[], sizeBytes: number): boolean
  bufferedBytes(): number
  /** Resolves when there is room again, or the sink is closed. */
  drained(): Promise<void>
  end(): void
  /** Aborted when the other side has gone or the sink was ended. */
  readonly closed: Ending
}

/** Bytes both ways; each direction closes by itself (half-close). */
export interface Duplex {
  readonly readable: AsyncIterable<Uint8Array>
  /** Resolves when the bytes are accepted and there is room for more. */
  write(chunk: Uint8Array): Promise<void>
  /** Closes the writing direction only. */
  end(): Promise<void>
  /** Drops both directions at once. */
  destroy(): void
}

/** Whole messages both ways: a WebSocket. */
export interface MessageSocket {
  /** Resolves when there is room for more. Text goes out as a text frame. */
  send(message: Uint8Array | string): Promise<void>
  /** Each message exactly once, in order; ends when the other side closes. */
  readonly messages: AsyncIterable<Uint8Array>
  close(code: number, reason: string): void
}

export type DialTarget = Readonly<{
  host: string
  port: number
  /** Path of a network namespace to dial from, such as /run/netns/NAME; absent: the host's own. */
  netnsPath?: string
  timeoutMs: number
}>
export type DialError = Readonly<{ code: 'Refused' | 'TimedOut' | 'Unreachable'; message: string }>

/** TCP connections outward, for proxies, probes and port-forward. */
export interface Streams {
  dial(target: DialTarget): Promise<Result<Duplex, DialError>>
}
