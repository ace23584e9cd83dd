import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import { Readable } from 'node:stream'
import { fail, ok, type Result } from '../../api/result.ts'
import type { HttpHeaders, IncomingResponse, OutgoingRequest, RequestError } from '../../ports/http.ts'
import { bodyOf } from './http-body.ts'

const redirects = new Set([301, 302, 303, 307, 308])

export async function request(outgoing: OutgoingRequest): Promise<Result<IncomingResponse, RequestError>> {
  let url = outgoing.url
  for (let left = outgoing.maxRedirects; ; left--) {
    const answer = await exchange({ ...outgoing, url })
    if (!answer.ok || !redirects.has(answer.value.statusCode ?? 0) || left <= 0)
      return answer.ok ? ok(incoming(answer.value)) : answer
    const location = answer.value.headers.location
    if (location === undefined) return ok(incoming(answer.value))
    answer.value.resume()
    url = new URL(location, url).href
  }
}

function exchange(outgoing: OutgoingRequest): Promise<Result<IncomingMessage, RequestError>> {
  const { method, url, headers, body, timeoutMs, verify, identity, socketPath, connectTo, closed, repeatedHeaders } =
    outgoing
  const secure = url.startsWith('https:')
  const tls = verify === 'skip' ? { rejectUnauthorized: false } : verify === undefined ? {} : { ca: verify.caPem }
  const options = {
    method,
    headers: {
      ...(connectTo === undefined ? {} : { host: new URL(url).host }),
      ...headers,
      ...repeated(repeatedHeaders),
    },
    agent: false as const,
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(connectTo === undefined ? {} : { hostname: connectTo.host, port: connectTo.port, ...servername(url) }),
    ...(closed === undefined ? {} : { signal: closed }),
    ...tls,
    ...(identity === undefined ? {} : { cert: identity.certificatePem, key: identity.keyPem }),
  }
  return new Promise((resolve) => {
    const sent = secure ? https.request(url, options) : http.request(url, options)
    const timer = setTimeout(
      () => sent.destroy(Object.assign(new Error('context deadline exceeded'), { code: 'ETIMEDOUT' })),
      timeoutMs,
    )
    sent.once('response', (response) => {
      clearTimeout(timer)
      resolve(ok(response))
    })
    // Stays after the answer has begun: a connection that breaks then is told through the body.
    sent.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      resolve(fail({ code: requestCode(error), message: error.message }))
    })
    if (body === undefined || body instanceof Uint8Array) sent.end(body)
    else
      Readable.from(body, { objectMode: false })
        .on('error', (error) => sent.destroy(error))
        .pipe(sent)
  })
}

function repeated(headers: OutgoingRequest['repeatedHeaders'] = {}): Record<string, string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, [...values]]))
}

/** An address is no name: it cannot be asked for. */
function servername(url: string): Readonly<{ servername?: string }> {
  const { hostname } = new URL(url)
  return isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? { servername: hostname } : {}
}

function requestCode({ code = '' }: NodeJS.ErrnoException): RequestError['code'] {
  if (code === 'ECONNREFUSED' || code === 'ENOENT') return 'Refused'
  if (code === 'ETIMEDOUT') return 'TimedOut'
  if (['EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'].includes(code)) return 'Unreachable'
  return /CERT|SSL|TLS|SIGNED|ISSUER|VERIFY/.test(code) ? 'Tls' : 'Other'
}

function incoming(response: IncomingMessage): IncomingResponse {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(response.headers))
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '')
  return { status: response.statusCode ?? 0, headers: headers as HttpHeaders, body: bodyOf(response) }
}
