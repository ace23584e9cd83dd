import { concat } from '../../api/bytes.ts'
import { type Compression, compressionOfBlob } from './compression.ts'
import { parseJsonObject, string } from './image-config.ts'
import type { ImageStore } from './image-store.ts'
import type { StoredImage, StoredLayer } from './stored-image.ts'

export type ImageManifest = Readonly<{ mediaType: string; digest: string; content: Uint8Array }>

const oci = 'application/vnd.oci.image'
const manifestType = `${oci}.manifest.v1+json`
export const layerTypes: Readonly<Record<Compression, string>> = {
  none: `${oci}.layer.v1.tar`,
  gzip: `${oci}.layer.v1.tar+gzip`,
  zstd: `${oci}.layer.v1.tar+zstd`,
}

/** The manifest that the image came with; one of our own, kept as a blob, where it came without. */
export async function manifestOf(store: ImageStore, image: StoredImage): Promise<ImageManifest> {
  const [known] = image.blobs
  if (known === undefined) return madeManifest(store, image)
  const parts: Uint8Array[] = []
  for await (const part of store.readBlob(known)) parts.push(part)
  const content = concat(parts)
  const { mediaType } = parseJsonObject(new TextDecoder().decode(content)) ?? {}
  return { mediaType: string(mediaType) || manifestType, digest: known, content }
}

async function madeManifest(store: ImageStore, { id, layers }: StoredImage): Promise<ImageManifest> {
  const described = async (mediaType: string, digest: string) => ({
    mediaType,
    digest,
    size: await store.blobSizeBytes(digest),
  })
  const layerOf = async ({ digest }: StoredLayer) =>
    described(layerTypes[await compressionOfBlob(store.readBlob(digest))], digest)
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: await described(`${oci}.config.v1+json`, id),
    layers: await Promise.all(layers.map(layerOf)),
  }
  const content = new TextEncoder().encode(JSON.stringify(manifest))
  const { digest } = await store.writeBlob(once(content))
  return { mediaType: manifestType, digest, content }
}

async function* once(content: Uint8Array): AsyncIterable<Uint8Array> {
  yield content
}
