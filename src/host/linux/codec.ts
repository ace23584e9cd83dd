import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Decompress } from 'fzstd'
import { type Codec, CodecError, type Digest } from '../../ports/codec.ts'

const chunkBytes = 65_536

export function linuxCodec(): Codec {
  return { sha256, gunzip, unzstd }
}

function sha256(): Digest {
  const hash = createHash('sha256')
  return { update: (chunk) => void hash.update(chunk), hex: () => hash.digest('hex') }
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const source = Readable.from(chunks, { objectMode: false })
  const gunzip = createGunzip({ chunkSize: chunkBytes })
  let sourceError: Error | undefined
  source.once('error', (error) => {
    sourceError = error
    gunzip.destroy(error)
  })
  source.pipe(gunzip)
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array
  } catch (error) {
    if (sourceError !== undefined) throw sourceError
    throw new CodecError((error as Error).message)
  } finally {
    source.destroy()
    gunzip.destroy()
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
