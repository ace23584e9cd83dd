import type { Codec } from '../../ports/codec.ts'
import { byteReader } from './byte-reader.ts'

export type Compression = 'none' | 'gzip' | 'zstd'

/** How a stream is compressed, by the magic number it begins with: media types of images are not to be relied on. */
export function compressionOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  return head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd ? 'zstd' : 'none'
}

const magicBytes = 4

/** The content, whichever way it is compressed. Throws CodecError from the iteration. */
export async function* decompressed(codec: Codec, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const reader = byteReader(chunks)
  const head = (await reader.read(magicBytes)) ?? new Uint8Array(0)
  async function* whole(): AsyncIterable<Uint8Array> {
    yield head
    yield* reader.take(Number.MAX_SAFE_INTEGER)
  }
  switch (compressionOf(head)) {
    case 'gzip':
      return yield* codec.gunzip(whole())
    case 'zstd':
      return yield* codec.unzstd(whole())
    case 'none':
      return yield* whole()
  }
}

/** How a blob is compressed. Reads no more than its beginning. */
export async function compressionOfBlob(blob: AsyncIterable<Uint8Array>): Promise<Compression> {
  for await (const chunk of blob) if (chunk.length > 0) return compressionOf(chunk)
  return 'none'
}
