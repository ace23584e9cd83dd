import { ok, type Result } from '../../api/result.ts'
import type { authConfig, image } from '../../api/rpc/cri.generated.ts'
import type { Received, Sent } from '../../api/rpc/message.ts'
import type { Image, PodRuntime, RegistryAuth, RuntimeError } from '../pod-runtime.ts'
import { type CriClient, refused, rpcMessage } from './cri-client.ts'
import type { CriContext } from './cri-context.ts'

/** An image may be large, and a registry slow. */
const pullWithinMs = 3_600_000

type ImageMethods = Pick<PodRuntime, 'imageStatus' | 'listImages' | 'pullImage' | 'removeImage'>

export function criImages({ client, configuration, log }: CriContext): ImageMethods {
  const { images } = client
  const { sandboxImage } = configuration
  const imageOf = (found: Received<typeof image>): Image => imageWith(found, sandboxImage)
  const imageStatus = async (reference: string): Promise<Image | undefined> => {
    const answer = await images.ImageStatus({ image: { image: reference } })
    if (answer.ok) return answer.value.image === undefined ? undefined : imageOf(answer.value.image)
    log.warn('an image could not be looked for', { image: reference, message: rpcMessage(answer.error) })
    return undefined
  }
  return {
    imageStatus,
    async listImages() {
      const answer = await images.ListImages({})
      return answer.ok ? answer.value.images.map(imageOf) : []
    },
    async pullImage(reference, auths) {
      const pulled = await pull(images, reference, auths)
      if (!pulled.ok) return pulled
      const found = await imageStatus(pulled.value)
      if (found !== undefined) return ok(found)
      return refused({ code: 'NotFound', message: `image ${reference} is not there after its pull` }, 'ErrImagePull')
    },
    async removeImage(reference) {
      const answer = await images.RemoveImage({ image: { image: reference } })
      return answer.ok ? ok(undefined) : refused(answer.error)
    },
  }
}

/** Without credentials first, then with each of them, as the original's puller does; its last failure is told. */
async function pull(
  images: CriClient['images'],
  reference: string,
  auths: readonly RegistryAuth[],
): Promise<Result<string, RuntimeError>> {
  const spec = { image: reference, userSpecifiedImage: reference }
  let last: Result<never, RuntimeError> | undefined
  for (const auth of [undefined, ...auths]) {
    const request = auth === undefined ? { image: spec } : { image: spec, auth: criAuth(auth) }
    const answer = await images.PullImage(request, { timeoutMs: pullWithinMs })
    if (answer.ok) return ok(answer.value.imageRef)
    last = refused(answer.error, 'ErrImagePull')
  }
  return last ?? refused({ code: 'Internal', message: 'nothing was tried' }, 'ErrImagePull')
}

function criAuth(auth: RegistryAuth): Sent<typeof authConfig> {
  return auth
}

/** Of the image for sandboxes containerd does not say so before 1.7. */
function imageWith(found: Received<typeof image>, sandboxImage: string | undefined): Image {
  const { id, repoTags, repoDigests, size, uid, username, pinned } = found
  const user = uid === undefined ? username : String(uid.value)
  const needed = pinned || (sandboxImage !== undefined && repoTags.includes(sandboxImage))
  return { id, tags: repoTags, digests: repoDigests, sizeBytes: size, user, ...(needed ? { pinned: true } : {}) }
}
