import { jsonBytes, layoutBlobPath } from './image-format.ts'
import { manifestOf } from './image-manifest.ts'
import type { ImageStore } from './image-store.ts'
import type { StoredImage } from './stored-image.ts'
import { type TarItem, writeTar } from './tar-writer.ts'

/**
 * The images as one tar that is an OCI layout and a docker-archive at once, as `docker save` writes it: containerd, podman, skopeo,
 * docker and we ourselves can load it. Blobs stand in it as they came.
 */
export function saveArchive(store: ImageStore, images: readonly StoredImage[]): AsyncIterable<Uint8Array> {
  return writeTar(itemsOf(store, images))
}

async function* itemsOf(store: ImageStore, images: readonly StoredImage[]): AsyncIterable<TarItem> {
  yield { path: 'oci-layout', content: jsonBytes({ imageLayoutVersion: '1.0.0' }) }
  const digests = new Set(images.flatMap(({ id, layers }) => [id, ...layers.map(({ digest }) => digest)]))
  for (const digest of digests) yield await blobItem(store, digest)
  const descriptors: object[] = []
  for (const { tags, ...image } of images) {
    const { mediaType, digest, content } = await manifestOf(store, { ...image, tags })
    yield { path: layoutBlobPath(digest), content }
    const descriptor = { mediaType, digest, size: content.length }
    if (tags.length === 0) descriptors.push(descriptor)
    for (const tag of tags) descriptors.push({ ...descriptor, annotations: { 'io.containerd.image.name': tag } })
  }
  const docker = images.map(({ id, tags, layers }) => ({
    Config: layoutBlobPath(id),
    RepoTags: tags,
    Layers: layers.map(({ digest }) => layoutBlobPath(digest)),
  }))
  yield { path: 'manifest.json', content: jsonBytes(docker) }
  yield { path: 'index.json', content: jsonBytes({ schemaVersion: 2, manifests: descriptors }) }
}

async function blobItem(store: ImageStore, digest: string): Promise<TarItem> {
  const sizeBytes = await store.blobSizeBytes(digest)
  return { path: layoutBlobPath(digest), content: { sizeBytes, chunks: store.readBlob(digest) } }
}
