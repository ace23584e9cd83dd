import type { EngineContext } from '../engine/engine-context.ts'
import { manifestOf } from '../images/image-manifest.ts'
import { digestReference, formatImageReference, type ImageReference } from '../images/image-reference.ts'
import type { StoredImage, StoredLayer } from '../images/stored-image.ts'
import { formatImageDocument, type ImageDocument } from './image-document.ts'

export type BuiltImage = Readonly<{
  id: string
  /** Of its manifest. */
  digest: string
  tags: readonly string[]
}>

/** Writes the image's configuration and manifest, and makes it known by its names. */
export async function commitImage(
  { images }: EngineContext,
  parts: Readonly<{
    document: ImageDocument
    layers: readonly StoredLayer[]
    tags: readonly ImageReference[]
    epochMs: number
  }>,
): Promise<BuiltImage> {
  const { document, layers, tags, epochMs } = parts
  const created = new Date(epochMs).toISOString().replace('.000Z', 'Z')
  const config = formatImageDocument(
    document,
    layers.map(({ diffId }) => diffId),
    created,
  )
  const { digest: id } = await images.writeBlob(once(config))
  const names = tags.map(formatImageReference)
  const image: StoredImage = {
    id,
    tags: names,
    digests: [],
    layers,
    blobs: [],
    sizeBytes: layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, config.length),
    user: document.config.User ?? '',
    createdAtMs: epochMs,
  }
  const { digest } = await manifestOf(images, image)
  await images.add({ ...image, digests: tags.map((tag) => digestReference(tag, digest)), blobs: [digest] })
  return { id, digest, tags: names }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
