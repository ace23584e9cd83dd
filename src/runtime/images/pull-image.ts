import { fail, ok, type Result } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Codec } from '../../ports/codec.ts'
import { DiskError } from '../../ports/disk.ts'
import type { Http } from '../../ports/http.ts'
import type { RegistryAuth } from '../pod-runtime.ts'
import { taskPool } from '../task-pool.ts'
import { type FetchParts, fetchBlob } from './fetch-blob.ts'
import { digestPattern, parseJsonObject, record, string } from './image-config.ts'
import { imageIndexTypes } from './image-format.ts'
import { digestReference, formatImageReference, type ImageReference } from './image-reference.ts'
import type { ImageStore } from './image-store.ts'
import { type RegistryError, type RegistryMirrors, registryClient, registryUrls } from './registry-client.ts'
import type { StoredImage, StoredLayer } from './stored-image.ts'
import { TarError } from './tar-header.ts'
import type { OnProgress } from './transfer-progress.ts'

export type PullParts = Readonly<{
  http: Http
  clock: Clock
  codec: Codec
  store: ImageStore
  architecture: 'amd64' | 'arm64'
  mirrors?: RegistryMirrors
  onProgress?: OnProgress
}>

type Pulling = PullParts & FetchParts

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
const largestManifestBytes = 4 << 20
const layersAtOnce = 3

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
  const found = await resolve(parts, reference, auths)
  if (!found.ok) {
    const { code, message } = found.error
    const why = code === 'NotFound' ? `${name}: not found` : message
    return fail({
      code,
      message: `failed to pull and unpack image "${name}": failed to resolve reference "${name}": ${why}`,
    })
  }
  const image = await unpackImage(found.value.pulling, reference, found.value.manifest)
  if (image.ok) await parts.store.add(image.value)
  return image.ok
    ? image
    : fail({ ...image.error, message: `failed to pull and unpack image "${name}": ${image.error.message}` })
}

type Resolved = Readonly<{ pulling: Pulling; manifest: Manifest }>

/** The manifest, and the registry or mirror that has it: the rest is fetched from there, too. */
async function resolve(
  parts: PullParts,
  reference: ImageReference,
  auths: readonly RegistryAuth[],
): Promise<Result<Resolved, RegistryError>> {
  const { http, clock, onProgress, mirrors = {} } = parts
  const onBytes = (digest: string, soFarBytes: number): void => onProgress?.({ type: 'bytes', digest, soFarBytes })
  let failure: Result<never, RegistryError> = fail({ code: 'NotFound', message: 'not found' })
  for (const registry of registryUrls(reference.domain, mirrors)) {
    const client = registryClient(http, clock, reference, auths, 'pull', registry)
    const pulling = { ...parts, client, onBytes }
    const manifest = await fetchManifest(pulling, reference.digest ?? reference.tag ?? 'latest', 0)
    if (manifest.ok) return ok({ pulling, manifest: manifest.value })
    failure = manifest
  }
  return failure
}

async function fetchManifest(
  parts: Pulling,
  tagOrDigest: string,
  depth: number,
): Promise<Result<Manifest, RegistryError>> {
  const answer = await parts.client.send({
    method: 'GET',
    path: `manifests/${tagOrDigest}`,
    headers: { accept: [...manifestTypes, ...imageIndexTypes].join(', ') },
    expected: [200],
  })
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
    const inner = await fetchManifest(parts, chosen, depth + 1)
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
  parts: Pulling,
  reference: ImageReference,
  manifest: Manifest,
): Promise<Result<StoredImage, RegistryError>> {
  const { store } = parts
  const { config, layers } = manifest
  const got = await fetchBlob(parts, config.digest)
  if (!got.ok) return got
  const imageConfig = await store.readConfig(config.digest)
  if (!imageConfig.ok) return corrupt(imageConfig.error)
  const { diffIds, user, createdAtMs } = imageConfig.value
  if (diffIds.length !== layers.length)
    return corrupt(`the image has ${layers.length} layers, but its configuration names ${diffIds.length}`)
  const unpacked = await fetchLayers(parts, layers, diffIds)
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
  parts: Pulling,
  layers: readonly Descriptor[],
  diffIds: readonly string[],
): Promise<Result<readonly StoredLayer[], RegistryError>> {
  const pool = taskPool(layersAtOnce)
  const done: StoredLayer[] = []
  let failure: RegistryError | undefined
  for (const [at, layer] of layers.entries()) {
    await pool.add(async () => {
      if (failure !== undefined) return
      const unpacked = await fetchLayer(parts, layer, diffIds[at] ?? '')
      if (unpacked.ok) done[at] = unpacked.value
      else failure ??= unpacked.error
    })
  }
  await pool.drain()
  return failure === undefined ? ok(done) : fail(failure)
}

async function fetchLayer(
  parts: Pulling,
  { digest, mediaType, sizeBytes: totalBytes }: Descriptor,
  diffId: string,
): Promise<Result<StoredLayer, RegistryError>> {
  const { store, onProgress } = parts
  onProgress?.({ type: 'layer', digest, totalBytes })
  const got = await fetchBlob(parts, digest)
  if (!got.ok) return got
  onProgress?.({ type: 'unpacking', digest })
  try {
    const { sizeBytes } = await store.ensureLayer({ digest, diffId })
    onProgress?.({ type: 'done', digest })
    return ok({ digest, diffId, mediaType, sizeBytes })
  } catch (error) {
    if (error instanceof DiskError) throw error
    if (error instanceof TarError || error instanceof Error)
      return corrupt(`failed to extract layer ${diffId}: ${error.message}`)
    throw error
  }
}
