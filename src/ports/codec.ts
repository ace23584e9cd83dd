/** Thrown while reading: the compressed bytes are damaged, or end too early. */
export class CodecError extends Error {
  readonly code = 'Corrupt'
  constructor(message: string) {
    super(message)
    this.name = 'CodecError'
  }
}

export interface Digest {
  update(chunk: Uint8Array): void
  /** Call once, last: 64 hexadecimal digits. */
  hex(): string
}

/** Computation over streams of bytes that is too heavy, or too well done elsewhere, to be our own. */
export interface Codec {
  sha256(): Digest
  /** Equal content gives equal bytes: no time, no name. */
  gzip(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
  /** Throws CodecError from the iteration. */
  gunzip(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
  /** Of Zstandard frames (RFC 8878). Throws CodecError from the iteration. */
  unzstd(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
}
