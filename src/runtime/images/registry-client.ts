import { fail, ok, type Result } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Http, IncomingResponse } from '../../ports/http.ts'
import type { RegistryAuth } from '../pod-runtime.ts'
import { parseJsonObject, string } from './image-config.ts'
import type { ImageReference } from './image-reference.ts'
import { basicHeader, parseChallenge, tokenRequest } from './registry-auth.ts'

export type RegistryError = Readonly<{
  code: 'NotFound' | 'Unauthorized' | 'Unreachable' | 'Unavailable' | 'Corrupt'
  message: string
}>

export type RegistryRequest = Readonly<{
  method: 'GET' | 'HEAD' | 'POST' | 'PUT'
  /** Below the repository ('manifests/latest', 'blobs/sha256:…'), or a whole URL where the registry named one. */
  path: string
  headers?: Readonly<Record<string, string>>
  /** Called for each try. */
  body?: () => Uint8Array | AsyncIterable<Uint8Array>
  /** Statuses that are an answer; others are errors. */
  expected: readonly number[]
}>

/** One repository of a registry, with the credentials that worked. */
export interface RegistryClient {
  send(request: RegistryRequest): Promise<Result<IncomingResponse, RegistryError>>
}

/** What is wanted of the repository: the scope of a token. */
export type RegistryAccess = 'pull' | 'pull,push'

const headTimeoutMs = 30_000
/** From the first byte of an upload to the registry's answer. */
const uploadTimeoutMs = 30 * 60_000
const longestAnswerBytes = 1 << 20
const mostRedirects = 5

/** Where images of a registry are asked for first: its domain, or '*' for any → 'http://127.0.0.1:5000'. */
export type RegistryMirrors = Readonly<Record<string, string>>

/** Where to ask for a registry's images, in order. */
export function registryUrls(domain: string, mirrors: RegistryMirrors): readonly string[] {
  const mirror = mirrors[domain] ?? mirrors['*']
  const origin = registryUrl(domain)
  return mirror === undefined ? [origin] : [mirror.replace(/\/+$/, ''), origin]
}

/** Docker Hub's name is not its registry's; a registry on this machine is spoken to without TLS (containerd's rule). */
export function registryUrl(domain: string): string {
  if (domain === 'docker.io') return 'https://registry-1.docker.io'
  const host = domain.replace(/:\d+$/, '')
  const local = host === 'localhost' || /^127\./.test(host) || host === '[::1]'
  return `${local ? 'http' : 'https'}://${domain}`
}

type Sending = Readonly<{ http: Http; clock: Clock; authorization: string | undefined }>

export function registryClient(
  http: Http,
  clock: Clock,
  reference: ImageReference,
  auths: readonly RegistryAuth[],
  access: RegistryAccess = 'pull',
  registry: string = registryUrl(reference.domain),
): RegistryClient {
  const base = `${registry}/v2/${reference.path}/`
  let authorization: string | undefined
  return {
    async send(request) {
      const url = new URL(request.path, base).href
      const trusted = new URL(url).host === new URL(base).host
      const exchange = () =>
        withRedirects({ http, clock, authorization: trusted ? authorization : undefined }, request, url)
      let answer = await exchange()
      // Without credentials first, then each of them in turn.
      for (const auth of trusted ? [undefined, ...auths] : []) {
        if (!answer.ok || answer.value.status !== 401) break
        const header = await authorize(http, answer.value, `repository:${reference.path}:${access}`, auth)
        if (header === undefined) continue
        authorization = header
        answer = await exchange()
      }
      return answer.ok ? judge(answer.value, url, request, reference, access) : answer
    },
  }
}

/** Follows redirects of reads, without our credentials elsewhere. */
async function withRedirects(
  sending: Sending,
  request: RegistryRequest,
  firstUrl: string,
): Promise<Result<IncomingResponse, RegistryError>> {
  let url = firstUrl
  for (let redirects = 0; ; redirects++) {
    const ours = new URL(url).host === new URL(firstUrl).host
    const answer = await withRetries(ours ? sending : { ...sending, authorization: undefined }, request, url)
    if (!answer.ok) {
      const { code, message } = answer.error
      const what = `failed to do request: ${worded(request.method)} "${url}"`
      return fail({ code: 'Unreachable', message: `${what}: ${failureText(code, message, url)}` })
    }
    const { location } = answer.value.headers
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead || ![301, 302, 303, 307, 308].includes(answer.value.status) || location === undefined) return answer
    if (redirects >= mostRedirects)
      return fail({ code: 'Unavailable', message: `stopped after ${mostRedirects} redirects` })
    url = new URL(location, url).href
  }
}

/** Tries again when the registry is overloaded or the connection breaks. An upload is its caller's to begin anew. */
async function withRetries(
  { http, clock, authorization }: Sending,
  { method, headers = {}, body }: RegistryRequest,
  url: string,
): Promise<Awaited<ReturnType<Http['request']>>> {
  const isRead = body === undefined
  for (let attempt = 1; ; attempt++) {
    const answer = await http.request({
      method,
      url,
      headers: { 'user-agent': 'coracle', ...headers, ...(authorization === undefined ? {} : { authorization }) },
      ...(isRead ? {} : { body: body() }),
      timeoutMs: isRead ? headTimeoutMs : uploadTimeoutMs,
      maxRedirects: 0,
    })
    const again = answer.ok ? answer.value.status === 429 || answer.value.status >= 500 : answer.error.code === 'Other'
    if (!again || !isRead || attempt >= 3) return answer
    if (answer.ok) await answer.value.body.bytes(longestAnswerBytes)
    await clock.sleep(200 * 2 ** attempt)
  }
}

/** 'Get', as Go's HTTP client names methods in its errors. */
function worded(method: string): string {
  return method.charAt(0) + method.slice(1).toLowerCase()
}

/** As Go words it, which is what people know from kubelets. */
function failureText(code: string, message: string, url: string): string {
  const { hostname, port, protocol } = new URL(url)
  const address = `${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`
  if (code === 'Refused') return `dial tcp ${address}: connect: connection refused`
  if (code === 'TimedOut') return `dial tcp ${address}: i/o timeout`
  if (/ENOTFOUND|EAI_AGAIN/.test(message)) return `dial tcp: lookup ${hostname}: no such host`
  return code === 'Tls' ? `tls: failed to verify certificate: ${message}` : message
}

/** The value of an Authorization header that may work; undefined when there is none to be had. */
async function authorize(
  http: Http,
  refused: IncomingResponse,
  scope: string,
  auth: RegistryAuth | undefined,
): Promise<string | undefined> {
  const challenge = parseChallenge(refused.headers['www-authenticate'] ?? '')
  if (challenge === undefined) return undefined
  if (challenge.scheme === 'basic') return auth === undefined || !('username' in auth) ? undefined : basicHeader(auth)
  const answer = await http.request({
    ...tokenRequest(challenge, scope, auth),
    timeoutMs: headTimeoutMs,
    maxRedirects: 3,
  })
  if (!answer.ok || answer.value.status !== 200) return undefined
  const body = await answer.value.body.bytes(longestAnswerBytes)
  if (!body.ok) return undefined
  const parsed = parseJsonObject(new TextDecoder().decode(body.value)) ?? {}
  const token = string(parsed.token) || string(parsed.access_token)
  return token === '' ? undefined : `Bearer ${token}`
}

function judge(
  response: IncomingResponse,
  url: string,
  { method, expected }: RegistryRequest,
  { domain, path }: ImageReference,
  access: RegistryAccess,
): Result<IncomingResponse, RegistryError> {
  const { status } = response
  if (expected.includes(status)) return ok(response)
  if (status === 404) return fail({ code: 'NotFound', message: 'not found' })
  if (status === 401 || status === 403) {
    const what = `${access === 'pull' ? 'pull' : 'push'} access denied, repository does not exist or may require authorization`
    return fail({ code: 'Unauthorized', message: `${what}: authorization failed (${domain}/${path})` })
  }
  return fail({ code: 'Unavailable', message: `unexpected status from ${method} request to ${url}: ${status}` })
}
