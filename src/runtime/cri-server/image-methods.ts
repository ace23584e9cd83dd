import { decodeBase64 } from '../../api/base64.ts'
import { ok } from '../../api/result.ts'
import type { authConfig, image, imageService } from '../../api/rpc/cri.generated.ts'
import type { Received, Sent } from '../../api/rpc/message.ts'
import type { RpcHandlers } from '../../client/rpc.ts'
import type { Image, RegistryAuth } from '../pod-runtime.ts'
import { type CriContext, nanoseconds } from './cri-context.ts'
import { refuse, refused } from './cri-failure.ts'

type Methods = (typeof imageService)['methods']

export function imageMethods(context: CriContext): RpcHandlers<Methods> {
  const { engine, clock, settings } = context
  const matching = async (reference = ''): Promise<readonly Image[]> => {
    if (reference === '') return engine.listImages()
    const found = await engine.imageStatus(reference)
    return found === undefined ? [] : [found]
  }
  return {
    async ListImages({ filter }) {
      return ok({ images: (await matching(filter?.image?.image)).map(imageMessage) })
    },
    async *StreamImages({ filter }) {
      yield ok({ images: (await matching(filter?.image?.image)).map(imageMessage) })
    },
    async ImageStatus({ image: spec, verbose }) {
      const found = await engine.imageStatus(spec?.image ?? '')
      if (found === undefined) return ok({})
      return ok({ image: imageMessage(found), info: verbose ? await imageInfo(context, found.id) : {} })
    },
    async PullImage({ image: spec, auth }) {
      const pulled = await engine.pullImage(spec?.image ?? '', authsOf(auth))
      if (pulled.ok) return ok({ imageRef: pulled.value.id })
      const { message } = pulled.error
      return / not found$/.test(message) ? refuse('NotFound', message) : refused(pulled.error)
    },
    async RemoveImage({ image: spec }) {
      const found = await engine.imageStatus(spec?.image ?? '')
      // By whatever name it is called, the whole image goes; no error where there is none (the CRI asks for both).
      const removed = found === undefined ? ok(undefined) : await engine.removeImage(found.id)
      return removed.ok ? ok({}) : refused(removed.error, `failed to remove image "${spec?.image}"`)
    },
    async ImageFsInfo() {
      const usedBytes = (await engine.listImages()).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      const usage = {
        timestamp: nanoseconds(clock.nowMs()),
        fsId: { mountpoint: settings.imageDirectory },
        usedBytes: { value: usedBytes },
        inodesUsed: { value: 0 },
      }
      return ok({ imageFilesystems: [usage], containerFilesystems: [usage] })
    },
  }
}

function imageMessage({ id, tags, digests, sizeBytes, user }: Image): Sent<typeof image> {
  return { id, repoTags: tags, repoDigests: digests, size: sizeBytes, ...imageUser(user), spec: { image: '' } }
}

/** 'uid:group' gives the number, 'name:group' the name; nobody named is the user 0. */
function imageUser(user: string): Pick<Sent<typeof image>, 'uid' | 'username'> {
  const [name = ''] = user.split(':')
  if (name === '') return { uid: { value: 0 } }
  return /^\d+$/.test(name) ? { uid: { value: Number(name) } } : { username: name }
}

/** What is there wins in this order: user and password, both in one, a token. */
function authsOf(auth: Received<typeof authConfig> | undefined): readonly RegistryAuth[] {
  if (auth === undefined) return []
  if (auth.username !== '') return [{ username: auth.username, password: auth.password }]
  if (auth.auth !== '') {
    const [username = '', ...password] = new TextDecoder().decode(decodeBase64(auth.auth)).split(':')
    return [{ username, password: password.join(':').replace(/\0+$/, '') }]
  }
  return auth.identityToken === '' ? [] : [{ identityToken: auth.identityToken }]
}

async function imageInfo({ engine }: CriContext, id: string): Promise<Readonly<Record<string, string>>> {
  const details = await engine.images.inspect(id)
  return details.ok ? { info: JSON.stringify(details.value) } : {}
}
