import { concat } from '../../api/bytes.ts'
import type { Codec } from '../../ports/codec.ts'
import { jsonBytes } from './image-format.ts'
import { type TarItem, writeTar } from './tar-writer.ts'

export type ImageRecipe = Readonly<{
  name: string
  /** Each layer's entries, the lowest first. */
  layers: readonly (readonly TarItem[])[]
  architecture?: 'amd64' | 'arm64'
  /** 'config' of the image's configuration: Entrypoint, Cmd, Env, User … */
  config?: Readonly<Record<string, unknown>>
  /** gzip; absent: layers are not packed. */
  compress?: (tar: Uint8Array) => Uint8Array
}>

export type BuiltImage = Readonly<{
  name: string
  manifestDigest: string
  /** By digest: manifest, configuration and layers. */
  blobs: ReadonlyMap<string, Uint8Array>
}>

const oci = 'application/vnd.oci.image'

/** Puts an image together from a recipe: for small ones, in memory. */
export async function buildImage(codec: Codec, recipe: ImageRecipe): Promise<BuiltImage> {
  const blobs = new Map<string, Uint8Array>()
  const digestOf = (content: Uint8Array): string => {
    const hash = codec.sha256()
    hash.update(content)
    return `sha256:${hash.hex()}`
  }
  const add = (content: Uint8Array): Readonly<{ digest: string; size: number }> => {
    const digest = digestOf(content)
    blobs.set(digest, content)
    return { digest, size: content.length }
  }
  const { compress } = recipe
  const layers: Readonly<{ digest: string; size: number; diffId: string }>[] = []
  for (const items of recipe.layers) {
    const tar = await collect(writeTar(items))
    layers.push({ ...add(compress?.(tar) ?? tar), diffId: digestOf(tar) })
  }
  const config = add(
    jsonBytes({
      architecture: recipe.architecture ?? 'amd64',
      os: 'linux',
      config: recipe.config ?? {},
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    }),
  )
  const manifest = add(
    jsonBytes({
      schemaVersion: 2,
      mediaType: `${oci}.manifest.v1+json`,
      config: { mediaType: `${oci}.config.v1+json`, ...config },
      layers: layers.map(({ digest, size }) => ({
        mediaType: `${oci}.layer.v1.tar${compress === undefined ? '' : '+gzip'}`,
        digest,
        size,
      })),
    }),
  )
  return { name: recipe.name, manifestDigest: manifest.digest, blobs }
}

/** The image as the tar of an OCI layout, as loadImage takes it. */
export function imageArchive({ name, manifestDigest, blobs }: BuiltImage): AsyncIterable<Uint8Array> {
  const descriptor = {
    mediaType: `${oci}.manifest.v1+json`,
    digest: manifestDigest,
    size: blobs.get(manifestDigest)?.length ?? 0,
    annotations: { 'io.containerd.image.name': name },
  }
  return writeTar([
    { path: 'oci-layout', content: jsonBytes({ imageLayoutVersion: '1.0.0' }) },
    ...[...blobs].map(([digest, content]) => ({ path: `blobs/${digest.replace(':', '/')}`, content })),
    { path: 'index.json', content: jsonBytes({ schemaVersion: 2, manifests: [descriptor] }) },
  ])
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return concat(parts)
}
