import { parseJsonObject, record, string, strings } from './image-config.ts'

export type StoredLayer = Readonly<{ digest: string; diffId: string; mediaType: string; sizeBytes: number }>

export type StoredImage = Readonly<{
  /** Digest of the configuration blob. */
  id: string
  tags: readonly string[]
  /** 'docker.io/library/busybox@sha256:…' */
  digests: readonly string[]
  /** Lowest first. */
  layers: readonly StoredLayer[]
  /** Other blobs that belong to it: its manifest. */
  blobs: readonly string[]
  sizeBytes: number
  user: string
  createdAtMs?: number
}>

/** The index as it was written; entries that do not parse are left out. */
export function parseImageRecords(text: string): readonly StoredImage[] {
  const { images } = parseJsonObject(text) ?? {}
  return Array.isArray(images) ? images.flatMap((image) => parseImage(record(image)) ?? []) : []
}

function parseImage(image: Readonly<Record<string, unknown>>): StoredImage | undefined {
  const { id, layers, sizeBytes, createdAtMs } = image
  if (typeof id !== 'string' || !Array.isArray(layers) || typeof sizeBytes !== 'number') return undefined
  return {
    id,
    tags: strings(image.tags),
    digests: strings(image.digests),
    layers: layers.map(record).map((layer) => ({
      digest: string(layer.digest),
      diffId: string(layer.diffId),
      mediaType: string(layer.mediaType),
      sizeBytes: Number(layer.sizeBytes),
    })),
    blobs: strings(image.blobs),
    sizeBytes,
    user: string(image.user),
    ...(typeof createdAtMs === 'number' ? { createdAtMs } : {}),
  }
}
