import { ok, type Result } from '../../api/result.ts'
import { CodecError } from '../../ports/codec.ts'
import { DiskError } from '../../ports/disk.ts'
import { formatImageReference, parseImageReference } from '../images/image-reference.ts'
import { DigestError, imageOf } from '../images/image-store.ts'
import { pullImage } from '../images/pull-image.ts'
import { TarError } from '../images/tar-header.ts'
import type { OnProgress } from '../images/transfer-progress.ts'
import type { Image, RegistryAuth, RuntimeError } from '../pod-runtime.ts'
import { failed } from '../runtime-failure.ts'
import type { EngineContext } from './engine-context.ts'
import { layersInUse } from './shared-images.ts'

export async function pull(
  context: EngineContext,
  text: string,
  auths: readonly RegistryAuth[],
  onProgress?: OnProgress,
): Promise<Result<Image, RuntimeError>> {
  const reference = parseImageReference(text)
  if (!reference.ok) return failed(`couldn't parse image name "${text}": ${reference.error}`, 'InvalidImageName')
  const { http, clock, codec, images, containers, sharedImages, registryMirrors: mirrors = {} } = context
  const { architecture } = containers.host
  const parts = { http, clock, codec, store: images, architecture, mirrors, ...(onProgress && { onProgress }) }
  try {
    // Pods that start together often want the same image: the second finds the layers there.
    const pulled = await sharedImages.locked(formatImageReference(reference.value), () =>
      images.ingest(() => pullImage(parts, reference.value, auths)),
    )
    return pulled.ok
      ? ok(imageOf(images.find(pulled.value.id) ?? pulled.value))
      : failed(pulled.error.message, 'ErrImagePull')
  } catch (error) {
    return contentFailure(error, `failed to pull and unpack image "${text}"`)
  } finally {
    await images.collect(layersInUse(sharedImages))
  }
}

/** Bad content and a full disk are outcomes; anything else is a bug. */
export function contentFailure(error: unknown, what: string): Result<never, RuntimeError> {
  if (error instanceof TarError || error instanceof CodecError || error instanceof DigestError)
    return failed(`${what}: ${error.message}`, 'InvalidArgument')
  if (error instanceof DiskError)
    return failed(`${what}: ${error.message}`, error.code === 'NoSpace' ? 'NoSpace' : 'Failed')
  throw error
}

export async function removeImage(
  { images, sharedImages }: EngineContext,
  reference: string,
): Promise<Result<void, RuntimeError>> {
  try {
    await images.remove(reference, layersInUse(sharedImages))
    return ok(undefined)
  } catch (error) {
    return contentFailure(error, 'cannot remove the image')
  }
}
