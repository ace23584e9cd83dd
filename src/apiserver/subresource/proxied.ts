import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Http, HttpBody, HttpHeaders, HttpResponse, IncomingResponse } from '../../ports/http.ts'
import type { ByteSink } from '../../ports/streams.ts'
import type { Answer, Call } from '../call.ts'

/** Where a proxied request goes: 'http' and 'https' take any certificate, as kube-apiserver's proxy does. */
export type Destination = Readonly<{ scheme: 'http' | 'https'; host: string; port: number }>

const answerTimeoutMs = 30_000

/** Of one connection, not of what is asked and answered (RFC 9110 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What told the API server who is asking is not for whom it passes the request to. */
export const ofTheClient = new Set(['authorization', 'host'])

/**
 * Passes the request on, and the answer back: apimachinery's UpgradeAwareHandler and its transport, without upgrades. Links and
 * redirects to paths of the destination lead through the proxy again.
 */
export async function proxied(
  http: Pick<Http, 'request'> | undefined,
  { scheme, host, port }: Destination,
  call: Call,
): Promise<Result<Answer, Refusal>> {
  const { request } = call
  const [path = '', query] = request.target.split(/\?(.*)/s)
  const at = /^(?:\/+[^/]+){6}\/+proxy/.exec(path)?.[0].length ?? path.length
  const [prefix, rest] = [path.slice(0, at), path.slice(at)]
  const search = query === undefined ? '' : `?${query}`
  // Relative links of a page would lose the last part of the path otherwise; only pages are got (proxyRedirectsforRootPath).
  if (rest === '' && (request.method === 'GET' || request.method === 'HEAD'))
    return respond(whole(301, { location: `${path}/${search}` }))
  if (http === undefined) return unreachable('this server has no network')
  const origin = `${scheme}://${host}:${port}`
  const answer = await http.request({
    method: request.method,
    url: `${origin}${rest === '' ? '/' : rest}${search}`,
    headers: {
      ...forwarded(request.headers, ofTheClient),
      'x-forwarded-uri': path,
      'x-forwarded-for': request.peer.address,
    },
    ...(hasBody(request.headers) ? { body: request.body.chunks() } : {}),
    timeoutMs: answerTimeoutMs,
    verify: 'skip',
    maxRedirects: 0,
    closed: request.closed,
  })
  if (!answer.ok) return unreachable(answer.error.message)
  return respond(await passedBack(answer.value, origin, prefix))
}

function respond(response: HttpResponse): Result<Answer, Refusal> {
  return ok({ type: 'response', response })
}

function unreachable(why: string): Result<Answer, Refusal> {
  return fail({ reason: 'ServiceUnavailable', message: `error trying to reach service: ${why}` })
}

function whole(status: number, headers: HttpHeaders, body = new Uint8Array()): HttpResponse {
  return { type: 'whole', status, headers, body }
}

export function hasBody(headers: HttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Headers of one side for the other. */
export function forwarded(headers: HttpHeaders, without: ReadonlySet<string>): HttpHeaders {
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()))
  const kept = Object.entries(headers).filter(
    ([name]) => !name.startsWith(':') && !hopByHop.has(name) && !without.has(name) && !named.has(name),
  )
  return Object.fromEntries(kept)
}

const pageLimitBytes = 64 << 10

async function passedBack(answer: IncomingResponse, origin: string, prefix: string): Promise<HttpResponse> {
  const { status, body } = answer
  const headers = redirected(forwarded(answer.headers, new Set()), origin, prefix)
  if (!isPage(answer)) return { type: 'stream', status, headers, start: (sink) => void pour(body, sink) }
  const page = await body.bytes(pageLimitBytes)
  if (!page.ok) return whole(502, { 'content-type': 'text/plain' }, new TextEncoder().encode('the answer broke off'))
  return whole(status, headers, new TextEncoder().encode(relinked(new TextDecoder().decode(page.value), prefix)))
}

/** Only pages of a known, small size are changed; larger ones flow through as they are. */
function isPage({ headers }: IncomingResponse): boolean {
  const sizeBytes = Number(headers['content-length'] ?? 0)
  const isHtml = (headers['content-type'] ?? '').startsWith('text/html')
  return isHtml && headers['content-encoding'] === undefined && sizeBytes > 0 && sizeBytes <= pageLimitBytes
}

function redirected(headers: HttpHeaders, origin: string, prefix: string): HttpHeaders {
  const { location } = headers
  if (location === undefined) return headers
  const path = location.startsWith(`${origin}/`) ? location.slice(origin.length) : location
  return path.startsWith('/') && !path.startsWith('//') ? { ...headers, location: throughProxy(path, prefix) } : headers
}

const linkAttribute =
  /(<[a-z][^<>]*?\s(?:action|cite|data|formaction|href|longdesc|poster|src)\s*=\s*["'])(\/(?!\/)[^"']*)/gi

/** The page with its links to absolute paths leading through the proxy. */
export function relinked(page: string, prefix: string): string {
  return page.replaceAll(linkAttribute, (_, before: string, path: string) => `${before}${throughProxy(path, prefix)}`)
}

function throughProxy(path: string, prefix: string): string {
  return path.startsWith(`${prefix}/`) ? path : `${prefix}${path}`
}

export async function pour(body: HttpBody, sink: ByteSink): Promise<void> {
  try {
    for await (const chunk of body.chunks()) {
      if (sink.closed.aborted) return
      if (!sink.write(chunk)) await sink.drained()
    }
  } catch {
    // The destination broke off: so does the answer.
  }
  sink.end()
}
