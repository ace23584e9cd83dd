import { fail, ok, type Result } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Codec } from '../../ports/codec.ts'
import { DiskError } from '../../ports/disk.ts'
import type { Http } from '../../ports/http.ts'
import type { RegistryAuth } from '../pod-runtime.ts'
import { taskPool } from '../task-pool.ts'
import { digestPattern, parseJsonObject, record, string } from './image-config.ts'
import { digestReference, formatImageReference, type ImageReference } from './image-reference.ts'
import { DigestError, type ImageStore } from './image-store.ts'
import { type RegistryClient, type RegistryError, registryClient } from './registry-client.ts'
import type { StoredImage, StoredLayer } from './stored-image.ts'
import { TarError } from './tar-header.ts'

export type PullParts = Readonly<{
  http: Http
  clock: Clock
  codec: Codec
  store: ImageStore
  architecture: 'amd64' | 'arm64'
}>

type Descriptor = Readonly<{ digest: string; mediaType: string; sizeBytes: number }>
type Manifest = Readonly<{
  digest: string
  config: Descriptor
  layers: readonly Descriptor[]
  blobs: readonly string[]
}>

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]
const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]
const largestManifestBytes = 4 << 20
const layersAtOnce = 3
const blobAttempts = 3
/** A download that brings nothing for so long is given up. */
const idleMs = 60_000

/**
 * Pulls an image by the OCI distribution protocol into the store. The error is worded as containerd words it; failures of the disk are
 * thrown as DiskError.
 */
export async function pullImage(
  parts: PullParts,
  reference: ImageReference,
  auths: readonly RegistryAuth[],
): Promise<Result<StoredImage, RegistryError>> {
  const name = formatImageReference(reference)
  const client = registryClient(parts.http, parts.clock, reference, auths)
  const manifest = await fetchManifest(parts, client, reference.digest ?? reference.tag ?? 'latest', 0)
  if (!manifest.ok) {
    const { code, message } = manifest.error
    const why = code === 'NotFound' ? `${name}: not found` : message
    return fail({
      code,
      message: `failed to pull and unpack image "${name}": failed to resolve reference "${name}": ${why}`,
    })
  }
  const image = await unpackImage(parts, client, reference, manifest.value)
  if (image.ok) await parts.store.add(image.value)
  return image.ok
    ? image
    : fail({ ...image.error, message: `failed to pull and unpack image "${name}": ${image.error.message}` })
}

async function fetchManifest(
  parts: PullParts,
  client: RegistryClient,
  tagOrDigest: string,
  depth: number,
): Promise<Result<Manifest, RegistryError>> {
  const answer = await client.get(`manifests/${tagOrDigest}`, [...manifestTypes, ...indexTypes])
  if (!answer.ok) return answer
  const body = await answer.value.body.bytes(largestManifestBytes)
  if (!body.ok) return corrupt(`the manifest ${body.error === 'TooLarge' ? 'is too large' : 'broke off'}`)
  const hash = parts.codec.sha256()
  hash.update(body.value)
  const digest = `sha256:${hash.hex()}`
  if (digestPattern.test(tagOrDigest) && digest !== tagOrDigest)
    return corrupt(`the manifest has the digest ${digest}, not ${tagOrDigest}`)
  const parsed = parseJsonObject(new TextDecoder().decode(body.value))
  if (parsed === undefined) return corrupt('the manifest is no JSON object')
  if (Array.isArray(parsed.manifests)) {
    const chosen = choosePlatform(parsed.manifests.map(record), parts.architecture)
    if (chosen === undefined || depth > 1) {
      return fail({ code: 'Unavailable', message: 'no match for platform in manifest: not found' })
    }
    const inner = await fetchManifest(parts, client, chosen, depth + 1)
    // The name of an image for several platforms is its index's digest.
    return inner.ok ? ok({ ...inner.value, digest }) : inner
  }
  const config = descriptorOf(record(parsed.config))
  const layers = Array.isArray(parsed.layers) ? parsed.layers.map(record).map(descriptorOf) : undefined
  if (layers === undefined || [config, ...layers].some((descriptor) => !digestPattern.test(descriptor.digest)))
    return corrupt('the manifest is of a kind that is not taken: neither OCI nor Docker schema 2')
  await parts.store.writeBlob(once(body.value), digest)
  return ok({ digest, config, layers, blobs: [digest] })
}

function corrupt(message: string): Result<never, RegistryError> {
  return fail({ code: 'Corrupt', message })
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}

function descriptorOf(value: Readonly<Record<string, unknown>>): Descriptor {
  return { digest: string(value.digest), mediaType: string(value.mediaType), sizeBytes: Number(value.size ?? 0) }
}

function choosePlatform(
  manifests: readonly Readonly<Record<string, unknown>>[],
  architecture: string,
): string | undefined {
  const chosen = manifests.find((manifest) => {
    const platform = record(manifest.platform)
    return platform.os === 'linux' && platform.architecture === architecture
  })
  return chosen === undefined ? undefined : string(chosen.digest)
}

async function unpackImage(
  parts: PullParts,
  client: RegistryClient,
  reference: ImageReference,
  manifest: Manifest,
): Promise<Result<StoredImage, RegistryError>> {
  const { store } = parts
  const { config, layers } = manifest
  const got = await fetchBlob(parts, client, config)
  if (!got.ok) return got
  const imageConfig = await store.readConfig(config.digest)
  if (!imageConfig.ok) return corrupt(imageConfig.error)
  const { diffIds, user, createdAtMs } = imageConfig.value
  if (diffIds.length !== layers.length)
    return corrupt(`the image has ${layers.length} layers, but its configuration names ${diffIds.length}`)
  const unpacked = await fetchLayers(parts, client, layers, diffIds)
  if (!unpacked.ok) return unpacked
  return ok({
    id: config.digest,
    tags: reference.tag === undefined || reference.digest !== undefined ? [] : [formatImageReference(reference)],
    digests: [digestReference(reference, manifest.digest)],
    layers: unpacked.value,
    blobs: manifest.blobs,
    sizeBytes: layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, config.sizeBytes),
    user,
    ...(createdAtMs === undefined ? {} : { createdAtMs }),
  })
}

async function fetchLayers(
  parts: PullParts,
  client: RegistryClient,
  layers: readonly Descriptor[],
  diffIds: readonly string[],
): Promise<Result<readonly StoredLayer[], RegistryError>> {
  const pool = taskPool(layersAtOnce)
  const done: StoredLayer[] = []
  let failure: RegistryError | undefined
  for (const [at, layer] of layers.entries()) {
    await pool.add(async () => {
      if (failure !== undefined) return
      const unpacked = await fetchLayer(parts, client, layer, diffIds[at] ?? '')
      if (unpacked.ok) done[at] = unpacked.value
      else failure ??= unpacked.error
    })
  }
  await pool.drain()
  return failure === undefined ? ok(done) : fail(failure)
}

async function fetchLayer(
  parts: PullParts,
  client: RegistryClient,
  layer: Descriptor,
  diffId: string,
): Promise<Result<StoredLayer, RegistryError>> {
  const { digest, mediaType } = layer
  if (/zstd/.test(mediaType)) return corrupt(`layer ${digest} is compressed by zstd, which is not supported`)
  const got = await fetchBlob(parts, client, layer)
  if (!got.ok) return got
  try {
    const { sizeBytes } = await parts.store.ensureLayer({ digest, diffId, compressed: /gzip$/.test(mediaType) })
    return ok({ digest, diffId, mediaType, sizeBytes })
  } catch (error) {
    if (error instanceof DiskError) throw error
    if (error instanceof TarError || error instanceof Error)
      return corrupt(`failed to extract layer ${diffId}: ${error.message}`)
    throw error
  }
}

async function fetchBlob(
  { store, clock }: PullParts,
  client: RegistryClient,
  { digest }: Descriptor,
): Promise<Result<void, RegistryError>> {
  if (await store.hasBlob(digest)) return ok(undefined)
  for (let attempt = 1; ; attempt++) {
    const answer = await client.get(`blobs/${digest}`, [])
    if (!answer.ok) {
      const { code, message } = answer.error
      return fail({ code, message: `failed to copy: ${code === 'NotFound' ? `${digest}: not found` : message}` })
    }
    try {
      await store.writeBlob(unlessIdle(clock, answer.value.body.chunks()), digest)
      return ok(undefined)
    } catch (error) {
      if (error instanceof DiskError) throw error
      // A connection that broke, or bytes that were damaged on the way.
      if (attempt >= blobAttempts) {
        const why = error instanceof DigestError ? 'unexpected commit digest' : 'httpReadSeeker: failed open'
        return corrupt(`failed to copy: ${why}: ${(error as Error).message}`)
      }
      await clock.sleep(200 * 2 ** attempt)
    }
  }
}

async function* unlessIdle(clock: Clock, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  for (;;) {
    let giveUp = (): void => {}
    const late = new Promise<never>((_, reject) => {
      giveUp = () => reject(new Error(`no data for ${idleMs / 1000} seconds`))
    })
    const timer = clock.after(idleMs, giveUp)
    const next = await Promise.race([iterator.next(), late]).finally(() => timer.cancel())
    if (next.done === true) return
    yield next.value
  }
}
