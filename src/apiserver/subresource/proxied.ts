import type { Status } from '../../api/kinds.generated.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Http, HttpHeaders, HttpResponse, IncomingResponse, OutgoingRequest } from '../../ports/http.ts'
import type { Answer, Call } from '../call.ts'
import { forwarded, hasBody, ofTheClient, pour } from './forwarded.ts'
import { isUpgrade, upgraded } from './upgraded.ts'

/** Where a proxied request goes: 'http' and 'https' take any certificate, as kube-apiserver's proxy does. */
export type Destination = Readonly<{ scheme: 'http' | 'https'; host: string; port: number }>

const answerTimeoutMs = 30_000

/**
 * Passes the request on, and the answer back: apimachinery's UpgradeAwareHandler and its transport. Links and
 * redirects to paths of the destination lead through the proxy again.
 */
export async function proxied(
  http: Pick<Http, 'request' | 'upgrade'> | undefined,
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
  const outgoing: OutgoingRequest = {
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
  }
  if (isUpgrade(request.headers)) {
    const answer = await upgraded(http, outgoing, request.headers.upgrade ?? '')
    return answer.ok ? respond(answer.value) : fail({ reason: 'Passed', status: bare(answer.error) })
  }
  const answer = await http.request({ ...outgoing, closed: request.closed })
  if (!answer.ok) return unreachable(answer.error.message)
  return respond(await passedBack(answer.value, origin, prefix))
}

function respond(response: HttpResponse): Result<Answer, Refusal> {
  return ok({ type: 'response', response })
}

function unreachable(why: string): Result<Answer, Refusal> {
  return fail({ reason: 'ServiceUnavailable', message: `error trying to reach service: ${why}` })
}

/** What goes wrong with an upgrade comes through as it is, without a reason. */
function bare(message: string): Status {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 }
}

function whole(status: number, headers: HttpHeaders, body = new Uint8Array()): HttpResponse {
  return { type: 'whole', status, headers, body }
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
