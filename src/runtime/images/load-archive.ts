import type { Codec } from '../../ports/codec.ts'
import { type ArchiveFiles, type ArchiveLimits, normalize, readArchive } from './archive-files.ts'
import { decompressed } from './compression.ts'
import { type ImageConfig, parseImageConfig, parseJsonObject, record, string, strings } from './image-config.ts'
import { imageIndexTypes, layoutBlobPath } from './image-format.ts'
import { digestReference, formatImageReference, parseImageReference } from './image-reference.ts'
import { DigestError, type ImageStore } from './image-store.ts'
import type { StoredLayer } from './stored-image.ts'
import { TarError } from './tar-header.ts'

type ArchiveImage = Readonly<{
  configPath: string
  /** Lowest first. */
  layers: readonly Readonly<{ path: string; mediaType: string }>[]
  names: readonly string[]
  manifestDigest?: string
  blobs: readonly string[]
}>

/**
 * Loads the images of a docker-archive (docker save) or an OCI layout, as a tar, compressed by gzip or Zstandard, or not. Every digest is checked
 * before the content is used. Resolves with the names (or ids) of what was loaded. Throws TarError, DigestError, CodecError, DiskError.
 */
export async function loadArchive(
  store: ImageStore,
  codec: Codec,
  chunks: AsyncIterable<Uint8Array>,
  limits: ArchiveLimits,
): Promise<readonly string[]> {
  const files = await readArchive(store, decompressed(codec, chunks), limits)
  // Today's docker save writes both; an OCI index knows the manifest, by whose digest the image has a name.
  const layout = ociImages(files)
  const images = layout.length > 0 ? layout : dockerImages(files)
  if (images.length === 0)
    throw new TarError('the archive holds no image: neither manifest.json nor index.json names one')
  const loaded: string[] = []
  for (const image of images) loaded.push(...(await addImage(store, files, image)))
  return loaded
}

function dockerImages(files: ArchiveFiles): readonly ArchiveImage[] {
  const manifest: unknown = JSON.parse(files.texts.get('manifest.json') ?? '[]')
  if (!Array.isArray(manifest)) throw new TarError('manifest.json is no list')
  return manifest.map(record).map((image) => ({
    configPath: normalize(string(image.Config)),
    layers: strings(image.Layers).map((path) => ({ path: normalize(path), mediaType: '' })),
    names: strings(image.RepoTags),
    blobs: [],
  }))
}

function ociImages(files: ArchiveFiles): readonly ArchiveImage[] {
  const index = parseJsonObject(files.texts.get('index.json') ?? '{}') ?? {}
  return list(index.manifests).flatMap((descriptor) => {
    const annotations = record(descriptor.annotations)
    const name =
      string(annotations['io.containerd.image.name']) || string(annotations['org.opencontainers.image.ref.name'])
    return ociImage(files, descriptor, name === '' ? [] : [name], 0)
  })
}

function ociImage(
  files: ArchiveFiles,
  descriptor: Readonly<Record<string, unknown>>,
  names: readonly string[],
  depth: number,
): readonly ArchiveImage[] {
  const digest = string(descriptor.digest)
  const text = files.texts.get(layoutBlobPath(digest))
  if (text === undefined) return []
  checkDigest(files, digest)
  const parsed = parseJsonObject(text) ?? {}
  if (imageIndexTypes.includes(string(descriptor.mediaType)) || parsed.manifests !== undefined) {
    if (depth > 1) throw new TarError('an image index lies within an image index within another')
    // Of an image for several platforms, an archive holds those it was saved with; the first that is there is taken.
    return list(parsed.manifests)
      .flatMap((inner) => ociImage(files, inner, names, depth + 1))
      .slice(0, 1)
  }
  const config = string(record(parsed.config).digest)
  const layers = list(parsed.layers)
  for (const { digest: layer } of [...layers, { digest: config }]) checkDigest(files, string(layer))
  return [
    {
      configPath: layoutBlobPath(config),
      layers: layers.map((layer) => ({
        path: layoutBlobPath(string(layer.digest)),
        mediaType: string(layer.mediaType),
      })),
      names,
      manifestDigest: digest,
      blobs: [digest],
    },
  ]
}

function list(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(record) : []
}

function checkDigest(files: ArchiveFiles, digest: string): void {
  const found = files.digests.get(layoutBlobPath(digest))
  if (found === undefined) throw new TarError(`the archive lacks ${layoutBlobPath(digest)}`)
  if (found !== digest) throw new DigestError(digest, found)
}

async function addImage(store: ImageStore, files: ArchiveFiles, image: ArchiveImage): Promise<readonly string[]> {
  const id = files.digests.get(image.configPath)
  const text = files.texts.get(image.configPath)
  if (id === undefined || text === undefined) throw new TarError(`the archive lacks ${image.configPath}`)
  const named = /^([0-9a-f]{64})\.json$/.exec(image.configPath)?.[1]
  if (named !== undefined && id !== `sha256:${named}`) throw new DigestError(`sha256:${named}`, id)
  const config = parseImageConfig(text)
  if (!config.ok) throw new TarError(config.error)
  const layers = await addLayers(store, files, image, config.value)
  const references = image.names
    .map((name) => parseImageReference(name))
    .flatMap((parsed) => (parsed.ok ? [parsed.value] : []))
  const tags = references.map(formatImageReference)
  const { manifestDigest } = image
  await store.add({
    id,
    tags,
    digests:
      manifestDigest === undefined ? [] : references.map((reference) => digestReference(reference, manifestDigest)),
    layers,
    blobs: image.blobs,
    sizeBytes: layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, text.length),
    user: config.value.user,
    ...(config.value.createdAtMs === undefined ? {} : { createdAtMs: config.value.createdAtMs }),
  })
  return tags.length === 0 ? [id] : tags
}

async function addLayers(
  store: ImageStore,
  files: ArchiveFiles,
  { layers }: ArchiveImage,
  { diffIds }: ImageConfig,
): Promise<readonly StoredLayer[]> {
  if (layers.length !== diffIds.length)
    throw new TarError(`the image has ${layers.length} layers, but its configuration names ${diffIds.length}`)
  return Promise.all(
    layers.map(async ({ path, mediaType }, at) => {
      const digest = files.digests.get(path)
      if (digest === undefined) throw new TarError(`the archive lacks ${path}`)
      const diffId = diffIds[at] ?? ''
      const { sizeBytes } = await store.ensureLayer({ digest, diffId })
      return { digest, diffId, mediaType, sizeBytes }
    }),
  )
}
