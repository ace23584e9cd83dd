import { byteReader } from './byte-reader.ts'
import type { ImageStore } from './image-store.ts'
import { TarError } from './tar-header.ts'
import { readTar } from './tar-reader.ts'

export type ArchiveLimits = Readonly<{ totalBytes: number; entries: number }>

/** The files of an image archive: small ones as text, all of them as blobs by the digest they turned out to have. */
export type ArchiveFiles = Readonly<{
  /** By the path in the archive. */
  digests: ReadonlyMap<string, string>
  texts: ReadonlyMap<string, string>
}>

/** Manifests, configurations and indexes are far smaller. */
const largestTextBytes = 4 << 20
const allTextsBytes = 64 << 20

/** Reads the whole archive into the store, by one pass: its manifest may come last. Throws TarError, DiskError. */
export async function readArchive(
  store: ImageStore,
  chunks: AsyncIterable<Uint8Array>,
  limits: ArchiveLimits,
): Promise<ArchiveFiles> {
  const digests = new Map<string, string>()
  const texts = new Map<string, string>()
  const links = new Map<string, string>()
  let entries = 0
  let totalBytes = 0
  let textBytes = 0
  for await (const entry of readTar(chunks)) {
    entries += 1
    totalBytes += entry.sizeBytes
    if (entries > limits.entries || totalBytes > limits.totalBytes) throw new TarError('the archive is too large')
    const path = normalize(entry.path)
    if (entry.type === 'symlink') links.set(path, normalize(`${path}/../${entry.linkPath}`))
    else if (entry.type === 'link') links.set(path, normalize(entry.linkPath))
    if (entry.type !== 'file') continue
    const held: Uint8Array[] = []
    const { digest } = await store.writeBlob(
      holding(entry.content, entry.sizeBytes <= largestTextBytes ? held : undefined),
    )
    digests.set(path, digest)
    const first = held[0]?.[0]
    if (first !== 0x7b /* { */ && first !== 0x5b /* [ */) continue
    textBytes += entry.sizeBytes
    if (textBytes > allTextsBytes) throw new TarError('the archive holds too much JSON')
    texts.set(path, new TextDecoder().decode(await joined(held)))
  }
  // docker save makes a layer that several images share a link.
  for (const [path, target] of links) {
    const digest = digests.get(target)
    if (digest !== undefined) digests.set(path, digest)
  }
  return { digests, texts }
}

async function* holding(chunks: AsyncIterable<Uint8Array>, held: Uint8Array[] | undefined): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    held?.push(chunk)
    yield chunk
  }
}

async function joined(parts: readonly Uint8Array[]): Promise<Uint8Array> {
  async function* all(): AsyncIterable<Uint8Array> {
    yield* parts
  }
  const length = parts.reduce((sum, { length }) => sum + length, 0)
  return (await byteReader(all()).read(length)) ?? new Uint8Array(0)
}

/** Throws TarError for a path that leads out of the archive. */
export function normalize(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..' && parts.pop() === undefined)
      throw new TarError(`${JSON.stringify(path)} leads out of the archive`)
    if (part !== '' && part !== '.' && part !== '..') parts.push(part)
  }
  return parts.join('/')
}
