import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type Codec, CodecError, type Digest } from '../../ports/codec.ts'

const chunkBytes = 65_536

export function linuxCodec(): Codec {
  return { sha256, gunzip }
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
