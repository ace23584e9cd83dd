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

/** One repository of a registry, with the credentials that worked. */
export interface RegistryClient {
  /** path: 'manifests/latest', 'blobs/sha256:…'. */
  get(path: string, accept: readonly string[]): Promise<Result<IncomingResponse, RegistryError>>
}

const headTimeoutMs = 30_000
const longestAnswerBytes = 1 << 20
const mostRedirects = 5

/** Docker Hub's name is not its registry's; a registry on this machine is spoken to without TLS (containerd's rule). */
export function registryUrl(domain: string): string {
  if (domain === 'docker.io') return 'https://registry-1.docker.io'
  const host = domain.replace(/:\d+$/, '')
  const local = host === 'localhost' || /^127\./.test(host) || host === '[::1]'
  return `${local ? 'http' : 'https'}://${domain}`
}

export function registryClient(
  http: Http,
  clock: Clock,
  reference: ImageReference,
  auths: readonly RegistryAuth[],
): RegistryClient {
  const base = `${registryUrl(reference.domain)}/v2/${reference.path}/`
  let authorization: string | undefined
  const send = (url: string, accept: readonly string[]) => request(http, clock, url, accept, authorization)
  return {
    async get(path, accept) {
      const url = base + path
      let answer = await send(url, accept)
      // Without credentials first, then each of them in turn.
      for (const auth of [undefined, ...auths]) {
        if (!answer.ok || answer.value.status !== 401) break
        const header = await authorize(http, answer.value, `repository:${reference.path}:pull`, auth)
        if (header === undefined) continue
        authorization = header
        answer = await send(url, accept)
      }
      return answer.ok ? judge(answer.value, url, reference) : answer
    },
  }
}

/** Tries again when the registry is overloaded or the connection breaks; follows redirects, without our credentials elsewhere. */
async function request(
  http: Http,
  clock: Clock,
  firstUrl: string,
  accept: readonly string[],
  authorization: string | undefined,
): Promise<Result<IncomingResponse, RegistryError>> {
  let url = firstUrl
  for (let redirects = 0; ; redirects++) {
    const ours = new URL(url).host === new URL(firstUrl).host
    const headers = {
      'user-agent': 'coracle',
      ...(accept.length === 0 ? {} : { accept: accept.join(', ') }),
      ...(authorization === undefined || !ours ? {} : { authorization }),
    }
    const answer = await withRetries(clock, () =>
      http.request({ method: 'GET', url, headers, timeoutMs: headTimeoutMs, maxRedirects: 0 }),
    )
    if (!answer.ok) {
      const { code, message } = answer.error
      return fail({ code: 'Unreachable', message: `failed to do request: Get "${url}": ${worded(code, message, url)}` })
    }
    const { location } = answer.value.headers
    if (![301, 302, 303, 307, 308].includes(answer.value.status) || location === undefined) return answer
    if (redirects >= mostRedirects)
      return fail({ code: 'Unavailable', message: `stopped after ${mostRedirects} redirects` })
    url = new URL(location, url).href
  }
}

async function withRetries(
  clock: Clock,
  send: () => ReturnType<Http['request']>,
): Promise<Awaited<ReturnType<Http['request']>>> {
  for (let attempt = 1; ; attempt++) {
    const answer = await send()
    const again = answer.ok ? answer.value.status === 429 || answer.value.status >= 500 : answer.error.code === 'Other'
    if (!again || attempt >= 3) return answer
    if (answer.ok) await answer.value.body.bytes(longestAnswerBytes)
    await clock.sleep(200 * 2 ** attempt)
  }
}

/** As Go words it, which is what people know from kubelets. */
function worded(code: string, message: string, url: string): string {
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
  { domain, path }: ImageReference,
): Result<IncomingResponse, RegistryError> {
  const { status } = response
  if (status === 200) return ok(response)
  if (status === 404) return fail({ code: 'NotFound', message: 'not found' })
  if (status === 401 || status === 403) {
    const message = `pull access denied, repository does not exist or may require authorization: authorization failed (${domain}/${path})`
    return fail({ code: 'Unauthorized', message })
  }
  return fail({ code: 'Unavailable', message: `unexpected status from GET request to ${url}: ${status}` })
}
