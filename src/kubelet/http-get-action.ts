import type { Ending } from '../api/ending.ts'
import type { Container, HTTPGetAction } from '../api/kinds.generated.ts'
import { fail, ok, type Result } from '../api/result.ts'
import type { Http, IncomingResponse, RequestError } from '../ports/http.ts'
import { resolvePort } from './pod-containers.ts'

export type HttpGetRequest = Readonly<{ url: string; headers: Readonly<Record<string, string>> }>

/** The request of an httpGet probe or hook: to the pod unless a host is named. */
export function httpGetRequest(
  { scheme = 'HTTP', host = '', port, path = '', httpHeaders = [] }: HTTPGetAction,
  container: Container,
  podIp: string,
  purpose: 'probe' | 'lifecycle',
): Result<HttpGetRequest, string> {
  const number = resolvePort(port, container)
  if (number === undefined) return fail(`couldn't find port: ${JSON.stringify(port)}`)
  if (number < 1 || number > 65_535) return fail(`invalid port number: ${number}`)
  const name = host === '' ? podIp : host
  const authority = `${name.includes(':') ? `[${name}]` : name}:${number}`
  const headers: Record<string, string> = { 'user-agent': `kube-${purpose}/1.36`, accept: '*/*' }
  for (const header of httpHeaders) headers[header.name.toLowerCase()] = header.value
  if (headers.accept === '') delete headers.accept
  const rooted = path.startsWith('/') || path === '' ? path : `/${path}`
  return ok({ url: `${scheme.toLowerCase()}://${authority}${rooted}`, headers })
}

/** Sends it, as Kubernetes does: any certificate will do, redirects are not followed to other hosts. */
export function sendHttpGet(
  http: Http,
  { url, headers }: HttpGetRequest,
  timeoutMs: number,
  closed?: Ending,
): Promise<Result<IncomingResponse, RequestError>> {
  return http.request({
    method: 'GET',
    url,
    headers,
    timeoutMs,
    verify: 'skip',
    maxRedirects: 10,
    ...(closed === undefined ? {} : { closed }),
  })
}
