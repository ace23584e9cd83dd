import { afterEach, describe, expect, it } from 'vitest'
import { linuxClock } from '../../host/linux/clock.ts'
import { linuxCodec } from '../../host/linux/codec.ts'
import { linuxHttp } from '../../host/linux/http.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { simRandom } from '../../host/sim/random.ts'
import type { RegistryAuth } from '../pod-runtime.ts'
import { buildImage, imageArchive } from './image-archive.ts'
import { type ImageReference, parseImageReference } from './image-reference.ts'
import { makeImageStore } from './image-store.ts'
import { loadArchive } from './load-archive.ts'
import { pullImage } from './pull-image.ts'
import { pushImage } from './push-image.ts'
import { type RegistryScript, type ScriptedRegistry, scriptedRegistry } from './scripted-registry.ts'
import type { TransferProgress } from './transfer-progress.ts'

const codec = linuxCodec()
const http = linuxHttp()
const clock = { ...linuxClock(), sleep: async () => {} }
const limits = { totalBytes: 1 << 24, entries: 1000 }
const me: RegistryAuth = { username: 'me', password: 'secret' }

const registries: ScriptedRegistry[] = []

async function registry(script: RegistryScript = {}): Promise<ScriptedRegistry> {
  const made = await scriptedRegistry(http, codec, script)
  registries.push(made)
  return made
}

async function emptyStore() {
  const disk = simDisk({ clock: { ...simClock(), sleep: async () => {} }, random: simRandom(1) })
  return makeImageStore({ disk, codec, directory: '/images', limits })
}

function referenceTo({ domain }: ScriptedRegistry): ImageReference {
  const parsed = parseImageReference(`${domain}/team/app:1`)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

/** A store with one image, whose upper layer is too large for one chunk. */
async function storeWithImage() {
  const store = await emptyStore()
  const large = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7919) >>> 5)
  const layers = [[{ path: 'a', content: new TextEncoder().encode('one') }], [{ path: 'b', content: large }]]
  await loadArchive(store, codec, imageArchive(await buildImage(codec, { name: 'app:1', layers })), limits)
  const image = store.find('app:1')
  if (image === undefined) throw new Error('not loaded')
  return { store, image }
}

async function push(to: ScriptedRegistry, auths: readonly RegistryAuth[] = []) {
  const { store, image } = await storeWithImage()
  const progress: TransferProgress[] = []
  const parts = { http, clock, store, onProgress: (one: TransferProgress) => void progress.push(one) }
  return { image, progress, pushed: await pushImage(parts, image, referenceTo(to), auths) }
}

async function pull(from: ScriptedRegistry) {
  const store = await emptyStore()
  const parts = { http, clock, codec, store, architecture: 'amd64' as const }
  return { store, pulled: await pullImage(parts, referenceTo(from), []) }
}

afterEach(async () => {
  for (const made of registries.splice(0)) await made.close()
})

describe('pushing an image', () => {
  it('sends what the registry lacks, and the image comes back as it went', async () => {
    const to = await registry()
    const { image, pushed } = await push(to)
    expect(pushed).toEqual({ ok: true, value: { digest: image.blobs[0] } })
    const { pulled } = await pull(to)
    expect(pulled.ok && pulled.value.id).toBe(image.id)
  })

  it('sends no blob twice, and tells how far it is', async () => {
    const to = await registry()
    const first = await push(to)
    expect(first.progress.filter(({ type }) => type === 'done')).toHaveLength(3)
    const uploads = to.seen.filter((line) => line.startsWith('PUT /v2/team/app/blobs')).length
    const second = await push(to)
    expect(second.progress.filter(({ type }) => type === 'present')).toHaveLength(3)
    expect(to.seen.filter((line) => line.startsWith('PUT /v2/team/app/blobs'))).toHaveLength(uploads)
  })

  it('asks for a token that may push, and says when it is refused', async () => {
    const to = await registry({ auth: true })
    expect((await push(to, [me])).pushed.ok).toBe(true)
    const { pushed } = await push(to, [{ username: 'me', password: 'wrong' }])
    const domain = to.domain
    expect(!pushed.ok && pushed.error).toEqual({
      code: 'Unauthorized',
      message: `failed to push ${domain}/team/app:1: push access denied, repository does not exist or may require authorization: authorization failed (${domain}/team/app)`,
    })
  })

  it('begins an upload anew that the registry did not take', async () => {
    expect((await push(await registry({ failUploads: 2 }))).pushed.ok).toBe(true)
    const { pushed } = await push(await registry({ failUploads: 3 }))
    expect(!pushed.ok && pushed.error.message).toMatch(/unexpected status from PUT request to .*: 503$/)
  })
})

describe('pulling over connections that break', () => {
  it('goes on where a download broke off', async () => {
    const from = await registry({ breakAfterBytes: 100_000 })
    await push(from)
    const { pulled } = await pull(from)
    expect(pulled.ok).toBe(true)
    const ranges = from.seen.map((line) => / bytes=(\d+)-$/.exec(line)?.[1]).filter((found) => found !== undefined)
    expect(ranges).toEqual(['100000', '200000', '300000'])
  })

  it('gives up, with nothing kept, where the registry knows no ranges and always breaks off', async () => {
    const from = await registry({ breakAfterBytes: 100_000, noRanges: true })
    await push(from)
    const { store, pulled } = await pull(from)
    expect(!pulled.ok && pulled.error.message).toMatch(/failed to copy: httpReadSeeker: failed open/)
    expect(store.list()).toEqual([])
  })
})
