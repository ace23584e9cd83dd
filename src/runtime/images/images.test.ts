import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { rawZstd } from '../../host/contract/raw-zstd.ts'
import { linuxClock } from '../../host/linux/clock.ts'
import { linuxCodec } from '../../host/linux/codec.ts'
import { linuxHttp } from '../../host/linux/http.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { simRandom } from '../../host/sim/random.ts'
import type { HttpListener, HttpRequest, HttpResponse } from '../../ports/http.ts'
import type { RegistryAuth } from '../pod-runtime.ts'
import { type BuiltImage, buildImage, imageArchive } from './image-archive.ts'
import { parseImageReference } from './image-reference.ts'
import { makeImageStore } from './image-store.ts'
import { loadArchive } from './load-archive.ts'
import { pullImage } from './pull-image.ts'
import { saveArchive } from './save-archive.ts'
import { type TarItem, writeTar } from './tar-writer.ts'

const codec = linuxCodec()
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const file = (path: string, text: string): TarItem => ({ path, content: bytes(text) })
const limits = { totalBytes: 1 << 24, entries: 1000 }

async function store() {
  const clock = { ...simClock(), sleep: async () => {} }
  // A disk without delays: what is tested here is content.
  const disk = simDisk({ clock, random: simRandom(1) })
  const opened = () => makeImageStore({ disk, codec, directory: '/images', limits })
  return { disk, opened, images: await opened() }
}

const image = (name = 'app:1', config = {}) =>
  buildImage(codec, { name, layers: [[file('a', 'one')], [file('b', 'two')]], config: { User: 'app', ...config } })

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return new Uint8Array(Buffer.concat(parts))
}

async function* whole(content: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < content.length; at += 700) yield content.subarray(at, at + 700)
}

function hex(content: Uint8Array): string {
  const hash = codec.sha256()
  hash.update(content)
  return hash.hex()
}

describe('loading an image', () => {
  it('takes an OCI layout, shares layers by their content, and survives a restart', async () => {
    const { disk, images, opened } = await store()
    expect(await loadArchive(images, codec, imageArchive(await image()), limits)).toEqual(['docker.io/library/app:1'])
    await loadArchive(images, codec, imageArchive(await image('other:2', { User: 'x' })), limits)
    expect((await disk.list('/images/layers')).filter((name) => !name.endsWith('.json'))).toHaveLength(2)
    const again = await opened()
    expect(again.find('app:1')).toMatchObject({ user: 'app', tags: ['docker.io/library/app:1'] })
    expect(again.find(again.find('other:2')?.id ?? '')?.user).toBe('x')
    expect(again.find('none')).toBeUndefined()
  })

  it('takes what docker save writes, compressed as a whole or by layers', async () => {
    const layer = await collect(writeTar([file('a', 'one')]))
    const config = bytes(JSON.stringify({ architecture: 'amd64', rootfs: { diff_ids: [`sha256:${hex(layer)}`] } }))
    const manifest = [{ Config: `${hex(config)}.json`, RepoTags: ['saved:1'], Layers: ['x/layer.tar'] }]
    const items = (content: Uint8Array): TarItem[] => [
      { path: 'x/layer.tar', content },
      { path: `${hex(config)}.json`, content: config },
      { path: 'manifest.json', content: bytes(JSON.stringify(manifest)) },
    ]
    const gzipped = new Uint8Array(gzipSync(layer))
    const all = [
      writeTar(items(layer)),
      writeTar(items(gzipped)),
      writeTar(items(rawZstd(layer))),
      whole(new Uint8Array(gzipSync(await collect(writeTar(items(gzipped)))))),
    ]
    for (const archive of all) {
      const { images, disk } = await store()
      expect(await loadArchive(images, codec, archive, limits)).toEqual(['docker.io/library/saved:1'])
      const name = (await disk.list('/images/layers'))[0]
      expect(new TextDecoder().decode(await disk.readFile(`/images/layers/${name}/a`))).toBe('one')
    }
  })

  it('comes back out as it went in', async () => {
    const { images } = await store()
    await loadArchive(images, codec, imageArchive(await image()), limits)
    const found = images.find('app:1')
    if (found === undefined) throw new Error('not found')
    const other = await store()
    await loadArchive(other.images, codec, saveArchive(images, [found]), limits)
    expect(other.images.list()).toEqual(images.list())
  })

  const broken: readonly (readonly [string, () => Promise<AsyncIterable<Uint8Array>>, RegExp])[] = [
    [
      'text',
      async () => whole(bytes('no archive at all, but long enough to hold a header'.repeat(20))),
      /no tar archive/,
    ],
    ['nothing', async () => whole(new Uint8Array(0)), /holds no image/],
    ['an archive without an image', async () => writeTar([file('x', 'y')]), /holds no image/],
    [
      'a blob that is not what its name says',
      async () => {
        const built = await image()
        const swapped = new Map(
          [...built.blobs].map(([digest, content], at) => [digest, at === 0 ? bytes('other') : content]),
        )
        return imageArchive({ ...built, blobs: swapped })
      },
      /has the digest/,
    ],
    [
      'a missing layer',
      async () => {
        const built = await image()
        return imageArchive({ ...built, blobs: new Map([...built.blobs].slice(1)) })
      },
      /lacks blobs/,
    ],
    [
      'an archive that breaks off',
      async () => whole((await collect(imageArchive(await image()))).subarray(0, 3000)),
      /unexpected end|lacks|holds no image/,
    ],
    [
      'compressed bytes that are damaged',
      async () => {
        const content = new Uint8Array(gzipSync(await collect(imageArchive(await image()))))
        return whole(content.subarray(0, content.length / 2))
      },
      /unexpected end/,
    ],
  ]
  it.each(broken)('refuses %s with one clear message, and keeps no image', async (_, archive, message) => {
    const { images } = await store()
    await expect(loadArchive(images, codec, await archive(), limits)).rejects.toThrow(message)
    expect(images.list()).toEqual([])
    await images.collect(new Set())
  })

  it('removes tags, then the image with what only it needed, but nothing in use', async () => {
    const { images, disk } = await store()
    const built = await image()
    await loadArchive(images, codec, imageArchive(built), limits)
    await loadArchive(images, codec, imageArchive({ ...built, name: 'app:2' }), limits)
    expect(images.list()).toHaveLength(1)
    expect(await images.remove('app:1', new Set())).toBe(true)
    expect(images.find('app:2')?.tags).toEqual(['docker.io/library/app:2'])
    const used = images.find('app:2')?.layers[0]?.diffId ?? ''
    expect(await images.remove('app:2', new Set([used]))).toBe(true)
    expect((await disk.list('/images/layers')).filter((name) => !name.endsWith('.json'))).toHaveLength(1)
    await images.collect(new Set())
    expect(await disk.list('/images/layers')).toEqual([])
    expect(await disk.list('/images/blobs')).toEqual([])
    expect(await images.remove('app:2', new Set())).toBe(false)
  })
})

type Serving = Readonly<{
  auth?: 'basic' | 'bearer'
  failFirst?: number
  corrupt?: boolean
  index?: boolean
  elsewhere?: boolean
}>

const listeners: HttpListener[] = []

/** A registry on the loopback: the distribution protocol as far as pulling needs it. */
async function serve(image: BuiltImage, { auth, failFirst = 0, corrupt, index, elsewhere }: Serving = {}) {
  const http = linuxHttp()
  const seen: string[] = []
  const index_ = bytes(
    JSON.stringify({
      manifests: [
        { digest: `sha256:${'0'.repeat(64)}`, platform: { os: 'linux', architecture: 's390x' } },
        { digest: image.manifestDigest, platform: { os: 'linux', architecture: 'amd64' } },
      ],
    }),
  )
  let left = failFirst
  let port = 0
  const answer = (status: number, body: Uint8Array, headers = {}): HttpResponse => ({
    type: 'whole',
    status,
    headers,
    body,
  })
  const handler = async ({ target, headers }: HttpRequest): Promise<HttpResponse> => {
    seen.push(target)
    const { authorization } = headers
    if (target.startsWith('/token')) {
      const good = authorization === `Basic ${btoa('me:secret')}`
      return good ? answer(200, bytes('{"token":"t1"}')) : answer(401, bytes(''))
    }
    if (target.startsWith('/elsewhere/')) {
      const content = image.blobs.get(target.slice('/elsewhere/'.length))
      return authorization === undefined && content !== undefined ? answer(200, content) : answer(400, bytes(''))
    }
    const challenge =
      auth === 'basic'
        ? 'Basic realm="x"'
        : `Bearer realm="http://127.0.0.1:${port}/token",service="s",scope="repository:team/app:pull"`
    const wanted = auth === 'basic' ? `Basic ${btoa('me:secret')}` : 'Bearer t1'
    if (auth !== undefined && authorization !== wanted) return answer(401, bytes(''), { 'www-authenticate': challenge })
    left -= 1
    if (left >= 0) return answer(503, bytes('busy'))
    const [, kind, name = ''] = /^\/v2\/team\/app\/(manifests|blobs)\/(.+)$/.exec(target) ?? []
    if (kind === 'blobs' && elsewhere === true)
      return answer(307, bytes(''), { location: `http://localhost:${port}/elsewhere/${name}` })
    const content =
      name === '1' ? (index === true ? index_ : image.blobs.get(image.manifestDigest)) : image.blobs.get(name)
    if (content === undefined) return answer(404, bytes('{}'))
    return answer(200, corrupt === true && kind === 'blobs' ? content.slice().fill(1) : content)
  }
  const listening = await http.listen({ type: 'tcp', address: '127.0.0.1', port: 0 }, handler)
  if (!listening.ok) throw new Error(listening.error.message)
  port = listening.value.port
  listeners.push(listening.value)
  return { port, seen }
}

async function pull(port: number, name = 'team/app:1', auths: readonly RegistryAuth[] = []) {
  const { images } = await store()
  const reference = parseImageReference(`127.0.0.1:${port}/${name}`)
  if (!reference.ok) throw new Error(reference.error)
  const clock = { ...linuxClock(), sleep: async () => {} }
  const parts = { http: linuxHttp(), clock, codec, store: images, architecture: 'amd64' as const }
  return { images, pulled: await pullImage(parts, reference.value, auths) }
}

describe('pulling an image', () => {
  afterEach(async () => {
    for (const listener of listeners.splice(0)) await listener.close(100)
  })

  it('fetches manifest, configuration and layers, and names the image by tag and digest', async () => {
    const built = await image()
    const { port } = await serve(built)
    const { images, pulled } = await pull(port)
    expect(pulled.ok && pulled.value.tags).toEqual([`127.0.0.1:${port}/team/app:1`])
    expect(images.find(`127.0.0.1:${port}/team/app@${built.manifestDigest}`)?.user).toBe('app')
    const byDigest = await pull(port, `team/app@${built.manifestDigest}`)
    expect(byDigest.pulled.ok && byDigest.pulled.value.tags).toEqual([])
  })

  it.each<Serving>([
    { index: true },
    { failFirst: 2 },
    { elsewhere: true },
    { auth: 'basic' },
    { auth: 'bearer' },
    { auth: 'bearer', elsewhere: true },
  ])('works with %j', async (serving) => {
    const { port } = await serve(await image(), serving)
    const wrong = { username: 'me', password: 'wrong' }
    const { pulled } = await pull(port, 'team/app:1', [wrong, { username: 'me', password: 'secret' }])
    expect(pulled.ok ? '' : pulled.error.message).toBe('')
  })

  it('does not fetch again what is there', async () => {
    const { port, seen } = await serve(await image())
    const { images } = await pull(port)
    const before = seen.length
    const reference = parseImageReference(`127.0.0.1:${port}/team/app:1`)
    if (!reference.ok) throw new Error(reference.error)
    const parts = { http: linuxHttp(), clock: linuxClock(), codec, store: images, architecture: 'amd64' as const }
    await pullImage(parts, reference.value, [])
    expect(seen.slice(before)).toEqual(['/v2/team/app/manifests/1'])
  })

  it('says what is not there, what it may not have, and what is damaged', async () => {
    const { port } = await serve(await image())
    const missing = (await pull(port, 'team/app:none')).pulled
    const name = `127.0.0.1:${port}/team/app:none`
    expect(!missing.ok && missing.error).toEqual({
      code: 'NotFound',
      message: `failed to pull and unpack image "${name}": failed to resolve reference "${name}": ${name}: not found`,
    })
    const locked = await serve(await image(), { auth: 'bearer' })
    const denied = (await pull(locked.port)).pulled
    expect(!denied.ok && denied.error.message).toMatch(/pull access denied.*authorization failed/)
    const damaged = await serve(await image(), { corrupt: true })
    const corrupt = await pull(damaged.port)
    expect(!corrupt.pulled.ok && corrupt.pulled.error.message).toMatch(/unexpected commit digest/)
    expect(corrupt.images.list()).toEqual([])
    const refused = (await pull(1)).pulled
    expect(!refused.ok && refused.error.message).toMatch(/dial tcp 127\.0\.0\.1:1: connect: connection refused$/)
    const foreign = await pullForeign(await serve(await image(), { index: true }))
    expect(!foreign.ok && foreign.error.message).toMatch(/no match for platform in manifest/)
  })

  async function pullForeign({ port }: Readonly<{ port: number }>) {
    const { images } = await store()
    const reference = parseImageReference(`127.0.0.1:${port}/team/app:1`)
    if (!reference.ok) throw new Error(reference.error)
    const parts = { http: linuxHttp(), clock: linuxClock(), codec, store: images, architecture: 'arm64' as const }
    return pullImage(parts, reference.value, [])
  }
})
