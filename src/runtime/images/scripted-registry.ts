import type { Codec } from '../../ports/codec.ts'
import type { Http, HttpBody, HttpListener, HttpRequest, HttpResponse } from '../../ports/http.ts'

export type RegistryScript = Readonly<{
  /** Wants a token with the scope for pushing, for me/secret. */
  auth?: boolean
  /** Downloads of blobs end after so many bytes … */
  breakAfterBytes?: number
  /** … and cannot be taken up where they ended. */
  noRanges?: boolean
  /** So many uploads are refused with 503 first. */
  failUploads?: number
}>

export type ScriptedRegistry = Readonly<{
  /** '127.0.0.1:PORT' */
  domain: string
  blobs: Map<string, Uint8Array>
  /** By tag and by digest. */
  manifests: Map<string, Readonly<{ mediaType: string; content: Uint8Array }>>
  /** 'METHOD target' of every request, ranges added. */
  seen: readonly string[]
  close(): Promise<void>
}>

const limitBytes = 1 << 24

/** A registry on the loopback, for tests: one repository, 'team/app' (OCI distribution specification). */
export async function scriptedRegistry(
  http: Http,
  codec: Codec,
  script: RegistryScript = {},
): Promise<ScriptedRegistry> {
  const blobs: ScriptedRegistry['blobs'] = new Map()
  const manifests: ScriptedRegistry['manifests'] = new Map()
  const seen: string[] = []
  let failing = script.failUploads ?? 0
  let listener: HttpListener | undefined
  const realm = (): string => `http://127.0.0.1:${listener?.port}/token`

  const handler = async (request: HttpRequest): Promise<HttpResponse> => {
    const { method, headers } = request
    const { pathname, searchParams } = new URL(request.target, 'http://registry')
    seen.push(`${method} ${request.target}${headers.range === undefined ? '' : ` ${headers.range}`}`)
    if (pathname === '/token') {
      const scope = searchParams.get('scope') ?? ''
      return headers.authorization === `Basic ${btoa('me:secret')}`
        ? answer(200, text(`{"token":"${scope}"}`))
        : answer(401)
    }
    if (script.auth === true && headers.authorization !== 'Bearer repository:team/app:pull,push')
      return answer(401, undefined, { 'www-authenticate': `Bearer realm="${realm()}",service="s"` })
    const [, kind, name = ''] = /^\/v2\/team\/app\/(manifests|blobs)\/(.+)$/.exec(pathname) ?? []
    if (kind === 'manifests') return manifestAnswer(request, name)
    if (method === 'POST' && name === 'uploads/')
      return answer(202, undefined, { location: '/v2/team/app/blobs/uploads/1?s=x' })
    if (method === 'PUT') return upload(await read(request.body), searchParams.get('digest') ?? '')
    return blobAnswer(method, blobs.get(name), headers.range, script)
  }
  const manifestAnswer = async ({ method, headers, body }: HttpRequest, name: string): Promise<HttpResponse> => {
    if (method === 'PUT') {
      const content = await read(body)
      const manifest = { mediaType: headers['content-type'] ?? '', content }
      for (const key of [name, digestOf(codec, content)]) manifests.set(key, manifest)
      return answer(201)
    }
    const found = manifests.get(name)
    return found === undefined ? answer(404) : answer(200, found.content, { 'content-type': found.mediaType })
  }
  const upload = (content: Uint8Array, digest: string): HttpResponse => {
    failing -= 1
    if (failing >= 0) return answer(503)
    if (digestOf(codec, content) !== digest) return answer(400)
    blobs.set(digest, content)
    return answer(201)
  }
  const listening = await http.listen({ type: 'tcp', address: '127.0.0.1', port: 0 }, handler)
  if (!listening.ok) throw new Error(listening.error.message)
  listener = listening.value
  return { domain: `127.0.0.1:${listener.port}`, blobs, manifests, seen, close: () => listening.value.close(100) }
}

function blobAnswer(
  method: string,
  content: Uint8Array | undefined,
  range: string | undefined,
  { breakAfterBytes, noRanges }: RegistryScript,
): HttpResponse {
  if (content === undefined) return answer(404)
  if (method === 'HEAD') return answer(200)
  const from = noRanges === true ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
  const part = content.subarray(from)
  const status = from === 0 ? 200 : 206
  if (breakAfterBytes === undefined || part.length <= breakAfterBytes) return answer(status, part)
  const headers = { 'content-length': String(part.length) }
  return {
    type: 'stream',
    status,
    headers,
    start(sink) {
      sink.write(part.subarray(0, breakAfterBytes))
      sink.end()
    },
  }
}

function answer(
  status: number,
  body: Uint8Array = new Uint8Array(0),
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return { type: 'whole', status, headers, body }
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content)
}

async function read(body: HttpBody): Promise<Uint8Array> {
  const bytes = await body.bytes(limitBytes)
  if (!bytes.ok) throw new Error('the request broke off')
  return bytes.value
}

export function digestOf(codec: Codec, content: Uint8Array): string {
  const hash = codec.sha256()
  hash.update(content)
  return `sha256:${hash.hex()}`
}
