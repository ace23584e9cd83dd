import { fail, ok, type Result } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Http } from '../../ports/http.ts'
import type { RegistryAuth } from '../pod-runtime.ts'
import { manifestOf } from './image-manifest.ts'
import { formatImageReference, type ImageReference } from './image-reference.ts'
import type { ImageStore } from './image-store.ts'
import { type RegistryClient, type RegistryError, registryClient } from './registry-client.ts'
import type { StoredImage } from './stored-image.ts'
import type { OnProgress } from './transfer-progress.ts'

export type PushParts = Readonly<{
  http: Http
  clock: Clock
  store: ImageStore
  onProgress?: OnProgress
}>

export type Pushed = Readonly<{ digest: string }>

const mostAttempts = 3

/**
 * Sends an image to a registry under the reference's tag: the blobs that the registry lacks, then the manifest (OCI distribution
 * specification, "Push"). Resolves with the manifest's digest. DiskErrors are thrown.
 */
export async function pushImage(
  parts: PushParts,
  image: StoredImage,
  reference: ImageReference,
  auths: readonly RegistryAuth[],
): Promise<Result<Pushed, RegistryError>> {
  const client = registryClient(parts.http, parts.clock, reference, auths, 'pull,push')
  const manifest = await manifestOf(parts.store, image)
  for (const digest of new Set([...image.layers.map((layer) => layer.digest), image.id])) {
    const sent = await pushBlob(parts, client, digest)
    if (!sent.ok) return failedPush(reference, sent.error)
  }
  const { mediaType, digest, content } = manifest
  const put = await client.send({
    method: 'PUT',
    path: `manifests/${reference.tag ?? digest}`,
    headers: { 'content-type': mediaType, 'content-length': String(content.length) },
    body: () => content,
    expected: [201],
  })
  return put.ok ? ok({ digest }) : failedPush(reference, put.error)
}

function failedPush(reference: ImageReference, { code, message }: RegistryError): Result<never, RegistryError> {
  return fail({ code, message: `failed to push ${formatImageReference(reference)}: ${message}` })
}

async function pushBlob(
  parts: PushParts,
  client: RegistryClient,
  digest: string,
): Promise<Result<void, RegistryError>> {
  const { store, clock, onProgress } = parts
  const totalBytes = await store.blobSizeBytes(digest)
  onProgress?.({ type: 'layer', digest, totalBytes })
  const known = await client.send({ method: 'HEAD', path: `blobs/${digest}`, expected: [200, 404] })
  if (!known.ok) return known
  if (known.value.status === 200) {
    onProgress?.({ type: 'present', digest })
    return ok(undefined)
  }
  for (let attempt = 1; ; attempt++) {
    const sent = await uploadBlob(parts, client, digest, totalBytes)
    const isFinal = sent.ok || sent.error.code === 'Unauthorized' || sent.error.code === 'NotFound'
    if (sent.ok) onProgress?.({ type: 'done', digest })
    if (isFinal || attempt >= mostAttempts) return sent
    await clock.sleep(200 * 2 ** attempt)
  }
}

/** In one piece: a session of its own, then the content with its digest. */
async function uploadBlob(
  { store, onProgress }: PushParts,
  client: RegistryClient,
  digest: string,
  totalBytes: number,
): Promise<Result<void, RegistryError>> {
  const headers = { 'content-length': '0' }
  const begun = await client.send({ method: 'POST', path: 'blobs/uploads/', headers, expected: [202] })
  if (!begun.ok) return begun
  const { location } = begun.value.headers
  if (location === undefined) return fail({ code: 'Unavailable', message: 'the registry named no place to upload to' })
  async function* counted(): AsyncIterable<Uint8Array> {
    let soFarBytes = 0
    for await (const chunk of store.readBlob(digest)) {
      soFarBytes += chunk.length
      onProgress?.({ type: 'bytes', digest, soFarBytes })
      yield chunk
    }
  }
  const put = await client.send({
    method: 'PUT',
    path: `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`,
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(totalBytes) },
    body: counted,
    expected: [201],
  })
  return put.ok ? ok(undefined) : put
}
