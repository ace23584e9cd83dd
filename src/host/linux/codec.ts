import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { createGunzip, createGzip, type Gunzip, type Gzip } from 'node:zlib'
import { Decompress } from 'fzstd'
import { type Codec, CodecError, type Digest } from '../../ports/codec.ts'

const chunkBytes = 65_536

export function linuxCodec(): Codec {
  return {
    sha256,
    gzip: (chunks) => through(createGzip({ chunkSize: chunkBytes }), chunks),
    gunzip: (chunks) => through(createGunzip({ chunkSize: chunkBytes }), chunks),
    unzstd,
  }
}

function sha256(): Digest {
  const hash = createHash('sha256')
  return { update: (chunk) => void hash.update(chunk), hex: () => hash.digest('hex') }
}

async function* through(stream: Gzip | Gunzip, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const source = Readable.from(chunks, { objectMode: false })
  let sourceError: Error | undefined
  source.once('error', (error) => {
    sourceError = error
    stream.destroy(error)
  })
  source.pipe(stream)
  try {
    for await (const chunk of stream) yield chunk as Uint8Array
  } catch (error) {
    if (sourceError !== undefined) throw sourceError
    throw new CodecError((error as Error).message)
  } finally {
    source.destroy()
    stream.destroy()
  }
}

/** Synchronous by chunks: a chunk of the source makes what it makes before the next is read. */
async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let made: Uint8Array[] = []
  const decompress = new Decompress((chunk) => void made.push(chunk))
  const push = (chunk: Uint8Array, isLast: boolean): readonly Uint8Array[] => {
    made = []
    try {
      decompress.push(chunk, isLast)
    } catch (error) {
      throw new CodecError((error as Error).message)
    }
    return made
  }
  for await (const chunk of chunks) yield* push(chunk, false)
  yield* push(new Uint8Array(0), true)
}
