import type { Result } from '../../api/result.ts'
import type { Codec } from '../../ports/codec.ts'
import type { Disk } from '../../ports/disk.ts'
import type { Image } from '../pod-runtime.ts'
import { decompressed } from './compression.ts'
import { type ImageConfig, parseImageConfig } from './image-config.ts'
import { formatImageReference, parseImageReference } from './image-reference.ts'
import { parseImageRecords, type StoredImage, type StoredLayer } from './stored-image.ts'
import { type UnpackLimits, unpackLayer } from './unpack-layer.ts'

/** An image's content is not what its digest says. */
export class DigestError extends Error {
  constructor(wanted: string, found: string) {
    super(`the content has the digest ${found}, not ${wanted}`)
    this.name = 'DigestError'
  }
}

export type Blob = Readonly<{ digest: string; sizeBytes: number }>
export type LayerToUnpack = Readonly<{ digest: string; diffId: string }>

/** Images by their content: blobs as they came, layers unpacked once and shared by all images and containers. */
export interface ImageStore {
  readonly layerFolder: string
  hasBlob(digest: string): Promise<boolean>
  /** Throws DigestError when `wanted` is given and the content differs; nothing is kept then. */
  writeBlob(chunks: AsyncIterable<Uint8Array>, wanted?: string): Promise<Blob>
  readBlob(digest: string): AsyncIterable<Uint8Array>
  blobSizeBytes(digest: string): Promise<number>
  readConfig(id: string): Promise<Result<ImageConfig, string>>
  /** As it is written, with what we have no use for. */
  readConfigBytes(id: string): Promise<Uint8Array>
  /** Unpacks the layer's blob if no image has needed it before. Throws TarError, CodecError, DigestError, DiskError. */
  ensureLayer(layer: LayerToUnpack): Promise<Readonly<{ sizeBytes: number }>>
  /** Adds the image, or its tags and digests to the one that is there. Tags move to it from other images. */
  add(image: StoredImage): Promise<void>
  /** By tag, digest reference or id. */
  find(reference: string): StoredImage | undefined
  list(): readonly StoredImage[]
  /** Removes the tag or digest named, or the image when it is named by id or has no name left. Layers of `inUse` stay. */
  remove(reference: string, inUse: ReadonlySet<string>): Promise<boolean>
  /** What comes in during `work` is safe from collect() until it ends. */
  ingest<T>(work: () => Promise<T>): Promise<T>
  /** Removes layers and blobs that neither an image nor `inUse` (diff ids) needs. Resolves with the bytes that this gave back. */
  collect(inUse: ReadonlySet<string>): Promise<number>
}

export type ImageStoreOptions = Readonly<{
  disk: Disk
  codec: Codec
  directory: string
  limits: UnpackLimits
  /** Layers that are to stay with their blobs, though no image has them. */
  keptLayers?: () => readonly StoredLayer[]
}>

/** A folder without anything in it, for images without layers. */
export const emptyLayerName = 'empty'

/** Name of a layer's folder: short, for the names of all layers of an image must fit into the options of one mount. */
export function layerName(diffId: string): string {
  return diffId.slice('sha256:'.length, 'sha256:'.length + 12)
}

export async function makeImageStore(options: ImageStoreOptions): Promise<ImageStore> {
  const { disk, directory } = options
  const folders = { blobs: `${directory}/blobs`, layers: `${directory}/layers`, drafts: `${directory}/drafts` }
  // What was being written when we were last ended is worth nothing.
  await disk.remove(folders.drafts)
  for (const folder of Object.values(folders)) await disk.makeDirectory(folder, 0o700)
  const indexPath = `${directory}/images.json`
  const images = (await disk.exists(indexPath)) ? parseImageRecords(await readText(disk, indexPath)) : []
  return imageStore(options, folders, new Map(images.map((image) => [image.id, image])))
}

type Folders = Readonly<{ blobs: string; layers: string; drafts: string }>

function imageStore(
  { disk, codec, directory, limits, keptLayers = () => [] }: ImageStoreOptions,
  folders: Folders,
  images: Map<string, StoredImage>,
): ImageStore {
  const unpacking = new Map<string, Promise<Readonly<{ sizeBytes: number }>>>()
  const blobPath = (digest: string): string => `${folders.blobs}/${digest.slice('sha256:'.length)}`
  const draft = draftNames(folders.drafts)
  const save = serialized(async () => {
    const text = JSON.stringify({ version: 1, images: [...images.values()] })
    await disk.writeFile(`${directory}/images.json`, new TextEncoder().encode(text), { durable: true })
  })
  const writeBlob: ImageStore['writeBlob'] = (chunks, wanted) =>
    writeVerified(disk, codec, draft(), blobPath, chunks, wanted)
  const ensureLayer: ImageStore['ensureLayer'] = (layer) => {
    const busy = unpacking.get(layer.diffId)
    if (busy !== undefined) return busy
    const work = unpackOnce(disk, codec, folders, draft, limits, layer, () => disk.readChunks(blobPath(layer.digest)))
    unpacking.set(layer.diffId, work)
    const done = (): void => void unpacking.delete(layer.diffId)
    work.then(done, done)
    return work
  }
  let ingesting = 0
  // Blobs come before the image that needs them; the end of the last ingestion collects.
  const collect = async (inUse: ReadonlySet<string>): Promise<number> =>
    ingesting === 0 ? removeUnused(disk, folders, [...images.values()], keptLayers(), inUse) : 0
  return {
    layerFolder: folders.layers,
    hasBlob: (digest) => disk.exists(blobPath(digest)),
    writeBlob,
    readBlob: (digest) => disk.readChunks(blobPath(digest)),
    blobSizeBytes: async (digest) => (await disk.stat(blobPath(digest))).sizeBytes,
    readConfigBytes: (id) => disk.readFile(blobPath(id)),
    readConfig: async (id) => parseImageConfig(await readText(disk, blobPath(id))),
    ensureLayer,
    async add(image) {
      addImage(images, image)
      await save()
    },
    find: (reference) => findImage(images, reference),
    list: () => [...images.values()],
    async remove(reference, inUse) {
      const changed = removeName(images, reference)
      if (!changed) return false
      await save()
      await collect(inUse)
      return true
    },
    async ingest(work) {
      ingesting += 1
      try {
        return await work()
      } finally {
        ingesting -= 1
      }
    },
    collect,
  }
}

async function writeVerified(
  disk: Disk,
  codec: Codec,
  draft: string,
  pathOf: (digest: string) => string,
  chunks: AsyncIterable<Uint8Array>,
  wanted: string | undefined,
): Promise<Blob> {
  const { digest, sizeBytes } = await writeHashed(disk, codec, draft, chunks)
  if (wanted !== undefined && wanted !== digest) {
    await disk.remove(draft)
    throw new DigestError(wanted, digest)
  }
  await disk.rename(draft, pathOf(digest), { durable: true })
  return { digest, sizeBytes }
}

async function removeUnused(
  disk: Disk,
  folders: Folders,
  images: readonly StoredImage[],
  kept: readonly StoredLayer[],
  inUse: ReadonlySet<string>,
): Promise<number> {
  const all = [...kept, ...images.flatMap(({ layers }) => layers)]
  const diffIds = [...inUse, ...all.map(({ diffId }) => diffId)]
  const names = new Set([emptyLayerName, ...diffIds.map(layerName)])
  const blobs = new Set([...images.flatMap(({ id, blobs }) => [id, ...blobs]), ...all.map(({ digest }) => digest)])
  let freedBytes = 0
  for (const name of await disk.list(folders.layers)) {
    if (names.has(name.replace(/\.json$/, ''))) continue
    if (name.endsWith('.json')) freedBytes += (await layerRecord(disk, `${folders.layers}/${name}`)).sizeBytes
    await disk.remove(`${folders.layers}/${name}`)
  }
  for (const name of await disk.list(folders.blobs)) {
    if (blobs.has(`sha256:${name}`)) continue
    freedBytes += (await disk.stat(`${folders.blobs}/${name}`)).sizeBytes
    await disk.remove(`${folders.blobs}/${name}`)
  }
  return freedBytes
}

async function layerRecord(disk: Disk, path: string): Promise<Readonly<{ diffId: string; sizeBytes: number }>> {
  return JSON.parse(await readText(disk, path)) as { diffId: string; sizeBytes: number }
}

function draftNames(folder: string): () => string {
  let count = 0
  return () => {
    count += 1
    return `${folder}/${count}`
  }
}

/** One run at a time; a call during a run is answered by the next, which all such calls share. */
function serialized(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  const run = (): Promise<void> => {
    if (next !== undefined) return next
    const begin = async (): Promise<void> => {
      await running?.catch(() => {})
      running = next
      next = undefined
      await work()
    }
    next = begin()
    return next
  }
  return run
}

async function writeHashed(disk: Disk, codec: Codec, path: string, chunks: AsyncIterable<Uint8Array>): Promise<Blob> {
  const digest = codec.sha256()
  let sizeBytes = 0
  async function* through(): AsyncIterable<Uint8Array> {
    for await (const chunk of chunks) {
      digest.update(chunk)
      sizeBytes += chunk.length
      yield chunk
    }
  }
  try {
    // An image names its blobs for good: they must outlive a loss of power as its record does.
    await disk.writeChunks(path, through(), { mode: 0o600, durable: true })
  } catch (error) {
    await disk.remove(path)
    throw error
  }
  return { digest: `sha256:${digest.hex()}`, sizeBytes }
}

/** The folder appears under its name only when it is whole; the record beside it says what it holds. */
async function unpackOnce(
  disk: Disk,
  codec: Codec,
  folders: Folders,
  draft: () => string,
  limits: UnpackLimits,
  { diffId }: LayerToUnpack,
  open: () => AsyncIterable<Uint8Array>,
): Promise<Readonly<{ sizeBytes: number }>> {
  const target = `${folders.layers}/${layerName(diffId)}`
  if (await disk.exists(`${target}.json`)) {
    const record = await layerRecord(disk, `${target}.json`)
    if (record.diffId !== diffId) throw new Error(`two layers share the name ${layerName(diffId)}`)
    return record
  }
  const root = draft()
  const digest = codec.sha256()
  const tapped = tap(decompressed(codec, open()), (chunk) => digest.update(chunk))
  try {
    await disk.makeDirectory(root)
    await disk.setMode(root, 0o755)
    const { sizeBytes } = await unpackLayer(disk, root, tapped, limits)
    // Whatever follows the end of the archive belongs to the digest, too.
    for await (const _ of tapped);
    const found = `sha256:${digest.hex()}`
    if (found !== diffId) throw new DigestError(diffId, found)
    await disk.remove(target)
    await disk.rename(root, target)
    const layer = new TextEncoder().encode(JSON.stringify({ diffId, sizeBytes }))
    await disk.writeFile(`${target}.json`, layer, { durable: true })
    return { sizeBytes }
  } catch (error) {
    await tapped.close()
    await disk.remove(root)
    throw error
  }
}

/** Can be iterated again after a stop: it goes on where it was. */
function tap(
  chunks: AsyncIterable<Uint8Array>,
  see: (chunk: Uint8Array) => void,
): AsyncIterable<Uint8Array> & Readonly<{ close(): Promise<void> }> {
  const iterator = chunks[Symbol.asyncIterator]()
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    const result = await iterator.next()
    if (result.done !== true) see(result.value)
    return result
  }
  return { [Symbol.asyncIterator]: () => ({ next }), close: async () => void (await iterator.return?.()) }
}

async function readText(disk: Disk, path: string): Promise<string> {
  return new TextDecoder().decode(await disk.readFile(path))
}

function addImage(images: Map<string, StoredImage>, image: StoredImage): void {
  for (const other of [...images.values()]) {
    if (other.id === image.id) continue
    const tags = other.tags.filter((tag) => !image.tags.includes(tag))
    if (tags.length < other.tags.length) images.set(other.id, { ...other, tags })
  }
  const known = images.get(image.id)
  const union = (a: readonly string[] = [], b: readonly string[] = []): string[] => [...new Set([...a, ...b])]
  images.set(image.id, {
    ...image,
    tags: union(known?.tags, image.tags),
    digests: union(known?.digests, image.digests),
    blobs: union(known?.blobs, image.blobs),
  })
}

function findImage(images: ReadonlyMap<string, StoredImage>, reference: string): StoredImage | undefined {
  const byId = images.get(reference) ?? images.get(`sha256:${reference}`)
  if (byId !== undefined) return byId
  const parsed = parseImageReference(reference)
  if (!parsed.ok) return undefined
  const { digest } = parsed.value
  const name = formatImageReference(parsed.value)
  for (const image of images.values()) {
    if (image.tags.includes(name) || image.digests.includes(name)) return image
    if (digest !== undefined && image.digests.some((known) => name.replace(/:[^:@/]+@/, '@') === known)) return image
  }
  return undefined
}

/** False when there is no such image. */
function removeName(images: Map<string, StoredImage>, reference: string): boolean {
  const image = findImage(images, reference)
  if (image === undefined) return false
  const parsed = parseImageReference(reference)
  const name = parsed.ok ? formatImageReference(parsed.value) : ''
  const tags = image.tags.filter((tag) => tag !== name)
  const byTag = tags.length < image.tags.length
  if (byTag && tags.length > 0) images.set(image.id, { ...image, tags })
  else images.delete(image.id)
  return true
}

/** As the kubelet sees it. */
export function imageOf(stored: StoredImage): Image {
  const { id, tags, digests, sizeBytes, user, createdAtMs } = stored
  return { id, tags, digests, sizeBytes, user, ...(createdAtMs === undefined ? {} : { createdAtMs }) }
}
