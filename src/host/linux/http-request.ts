import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import { type Duplex as NodeDuplex, Readable } from 'node:stream'
import { fail, ok, type Result } from '../../api/result.ts'
import type { HttpHeaders, IncomingResponse, OutgoingRequest, RequestError, Upgraded } from '../../ports/http.ts'
import { duplexOf } from './duplex.ts'
import { bodyOf } from './http-body.ts'

const redirects = new Set([301, 302, 303, 307, 308])

export async function request(outgoing: OutgoingRequest): Promise<Result<IncomingResponse, RequestError>> {
  let url = outgoing.url
  for (let left = outgoing.maxRedirects; ; left--) {
    const answer = await exchange({ ...outgoing, url })
    if (!answer.ok) return answer
    const { response } = answer.value
    const { location } = response.headers
    if (!redirects.has(response.statusCode ?? 0) || left <= 0 || location === undefined) return ok(incoming(response))
    response.resume()
    url = new URL(location, url).href
  }
}

export async function upgrade(outgoing: OutgoingRequest): Promise<Result<Upgraded, RequestError>> {
  const answer = await exchange(outgoing)
  if (!answer.ok) return answer
  const { response, switched } = answer.value
  if (switched === undefined) return ok({ type: 'answered', answer: incoming(response) })
  const duplex = duplexOf(switched.socket, switched.head)
  return ok({ type: 'switched', headers: headersOf(response), duplex })
}

/** `switched`: the connection, and what came on it after the answer's head, where it was a 101. */
type Exchanged = Readonly<{
  response: IncomingMessage
  switched?: Readonly<{ socket: NodeDuplex; head: Uint8Array }>
}>

function exchange(outgoing: OutgoingRequest): Promise<Result<Exchanged, RequestError>> {
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
    ...tls,
    ...(identity === undefined ? {} : { cert: identity.certificatePem, key: identity.keyPem }),
  }
  return new Promise((resolve) => {
    const sent = secure ? https.request(url, options) : http.request(url, options)
    const giveUp = (): void => void sent.destroy(new Error('the request was given up'))
    if (closed?.aborted) giveUp()
    closed?.addEventListener('abort', giveUp)
    sent.once('close', () => closed?.removeEventListener('abort', giveUp))
    const timer = setTimeout(
      () => sent.destroy(Object.assign(new Error('context deadline exceeded'), { code: 'ETIMEDOUT' })),
      timeoutMs,
    )
    sent.once('response', (response) => {
      clearTimeout(timer)
      resolve(ok({ response }))
    })
    sent.once('upgrade', (response, socket, head) => {
      clearTimeout(timer)
      resolve(ok({ response, switched: { socket, head } }))
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
  return { status: response.statusCode ?? 0, headers: headersOf(response), body: bodyOf(response) }
}

function headersOf(response: IncomingMessage): HttpHeaders {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(response.headers))
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '')
  return headers
}
