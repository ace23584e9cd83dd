/** Thrown when the other side's compressed bytes make no sense. */
export class DeflateError extends Error {
  readonly code = 'Corrupt'
  constructor(message: string) {
    super(message)
    this.name = 'DeflateError'
  }
}

/** One end of a zlib stream (RFC 1950) that lasts as long as its connection: each call goes on where the last one ended. */
export interface DeflateStream {
  /** The bytes in compressed form, or back, complete up to here (Z_SYNC_FLUSH). Calls are answered in order. Throws DeflateError. */
  run(bytes: Uint8Array): Promise<Uint8Array>
  /** Gives back what it holds. */
  close(): void
}

/** Streaming zlib with a dictionary that both sides know, as SPDY compresses headers. */
export interface Deflate {
  compressor(dictionary: Uint8Array): DeflateStream
  /** Refuses to make more than limitBytes of one call's bytes. */
  decompressor(dictionary: Uint8Array, limitBytes: number): DeflateStream
}
