import type { ImageStore } from './image-store.ts'
import type { StoredImage, StoredLayer } from './stored-image.ts'
import { concat, type TarItem, writeTar } from './tar-writer.ts'

const oci = 'application/vnd.oci.image'

/** Blobs as they came; a manifest of our own where the image came without one. */
export function saveArchive(store: ImageStore, image: StoredImage): AsyncIterable<Uint8Array> {
  return writeTar(itemsOf(store, image))
}

async function* itemsOf(store: ImageStore, image: StoredImage): AsyncIterable<TarItem> {
  yield { path: 'oci-layout', content: json({ imageLayoutVersion: '1.0.0' }) }
  const digests = [image.id, ...new Set(image.layers.map(({ digest }) => digest))]
  const sizes = new Map<string, number>()
  for (const digest of digests) {
    const sizeBytes = await sizeOf(store, digest)
    sizes.set(digest, sizeBytes)
    yield { path: pathOf(digest), content: { sizeBytes, chunks: store.readBlob(digest) } }
  }
  const manifest = await manifestOf(store, image, sizes)
  const { digest } = manifest.known ?? (await store.writeBlob(once(manifest.content)))
  yield { path: pathOf(digest), content: manifest.content }
  const descriptor = { mediaType: `${oci}.manifest.v1+json`, digest, size: manifest.content.length }
  const names = image.tags.length === 0 ? [undefined] : image.tags
  const manifests = names.map((name) => ({
    ...descriptor,
    ...(name === undefined ? {} : { annotations: { 'io.containerd.image.name': name } }),
  }))
  yield { path: 'index.json', content: json({ schemaVersion: 2, manifests }) }
}

async function manifestOf(
  store: ImageStore,
  { id, layers, blobs }: StoredImage,
  sizes: ReadonlyMap<string, number>,
): Promise<Readonly<{ content: Uint8Array; known?: Readonly<{ digest: string }> }>> {
  const [digest] = blobs
  if (digest !== undefined) return { content: await readWhole(store, digest), known: { digest } }
  const described = (mediaType: string, of: string) => ({ mediaType, digest: of, size: sizes.get(of) ?? 0 })
  const layerType = async ({ digest: layer }: StoredLayer) => {
    for await (const [first, second] of store.readBlob(layer))
      return first === 0x1f && second === 0x8b ? `${oci}.layer.v1.tar+gzip` : `${oci}.layer.v1.tar`
    return `${oci}.layer.v1.tar`
  }
  const content = json({
    schemaVersion: 2,
    mediaType: `${oci}.manifest.v1+json`,
    config: described(`${oci}.config.v1+json`, id),
    layers: await Promise.all(layers.map(async (layer) => described(await layerType(layer), layer.digest))),
  })
  return { content }
}

async function sizeOf(store: ImageStore, digest: string): Promise<number> {
  let sizeBytes = 0
  for await (const chunk of store.readBlob(digest)) sizeBytes += chunk.length
  return sizeBytes
}

async function readWhole(store: ImageStore, digest: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of store.readBlob(digest)) parts.push(chunk)
  return concat(parts)
}

async function* once(content: Uint8Array): AsyncIterable<Uint8Array> {
  yield content
}

function pathOf(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}
