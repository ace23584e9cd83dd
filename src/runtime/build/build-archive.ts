import { CodecError } from '../../ports/codec.ts'
import type { EngineContext } from '../engine/engine-context.ts'
import { byteReader } from '../images/byte-reader.ts'
import { decompressed } from '../images/compression.ts'
import { parseTarHeader, TarError } from '../images/tar-header.ts'
import { unpackLayer } from '../images/unpack-layer.ts'
import { BuildError } from './build-error.ts'

const limits = { totalBytes: 64 * 2 ** 30, entries: 2_000_000 }
const blockBytes = 512

/** A context that a client sends, as a tar: into an empty folder. Throws TarError, DiskError. */
export async function unpackContext(
  { disk }: EngineContext,
  folder: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  await unpackLayer(disk, folder, chunks, limits, 'archive')
}

/** Whether a file is a tar, compressed or not: by its first block, as docker tells. */
export async function isArchive({ disk, codec }: EngineContext, file: string): Promise<boolean> {
  try {
    const head = await byteReader(decompressed(codec, disk.readChunks(file))).read(blockBytes)
    if (head === undefined || head.length < blockBytes || head.every((byte) => byte === 0)) return false
    parseTarHeader(head)
    return true
  } catch (error) {
    if (error instanceof TarError || error instanceof CodecError) return foreign(await firstBytes(disk, file))
    throw error
  }
}

async function firstBytes(disk: EngineContext['disk'], file: string): Promise<Uint8Array> {
  return (await byteReader(disk.readChunks(file)).read(6)) ?? new Uint8Array(0)
}

/** Refuses what docker would unpack, and we cannot: it must not end up as it is. */
function foreign(head: Uint8Array): false {
  const begins = (...magic: readonly number[]): boolean => magic.every((byte, at) => head[at] === byte)
  const kind = begins(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0) ? 'xz' : begins(0x42, 0x5a, 0x68) ? 'bzip2' : undefined
  if (kind === undefined) return false
  throw new BuildError(`archives compressed by ${kind} are not unpacked: compress it by gzip or Zstandard, or say COPY`)
}

export async function unpackArchive(context: EngineContext, file: string, folder: string): Promise<void> {
  const { disk, codec } = context
  await disk.makeDirectory(folder)
  try {
    await unpackLayer(disk, folder, decompressed(codec, disk.readChunks(file)), limits, 'archive')
  } catch (error) {
    if (error instanceof TarError || error instanceof CodecError) throw new BuildError(error.message)
    throw error
  }
}
