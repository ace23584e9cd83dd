import { type Ender, makeEnder } from '../api/ending.ts'
import type { Status } from '../api/kinds.generated.ts'
import { fail, ok, type Result } from '../api/result.ts'
import { withFields } from '../api/with-fields.ts'
import type { Clock } from '../ports/clock.ts'
import type { HttpBody, HttpHandler, HttpHeaders, HttpPeer, HttpResponse } from '../ports/http.ts'
import { bodyText, failure, parseJson, statusOfAnswer } from './answer.ts'
import type { ClientMetrics } from './request-metrics.ts'

/** Who the requests come from: a certificate as the transport would have verified it, or a bearer token. */
export type ClientIdentity =
  | Readonly<{ commonName: string; organizations: readonly string[] }>
  | Readonly<{ token: string }>

export type HttpClientDeps = Readonly<{
  /** Answers every exchange; a transport that failed answers 503, it does not reject. */
  handler: HttpHandler
  identity: ClientIdentity
  userAgent: string
  clock: Clock
  metrics?: ClientMetrics
}>

export type Call = Readonly<{
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  target: string
  body?: unknown
  contentType?: string
}>

/** As kube-apiserver's --request-timeout: no answer within it is a failure. Watches must answer with their head within it. */
const requestTimeoutMs = 60_000
const encoder = new TextEncoder()
const nothing = new Uint8Array()

export type Exchange = Readonly<{
  /** The head of the answer, or the Status it was refused with. */
  open(call: Call, closed: Ender): Promise<Result<HttpResponse, Status>>
  /** The whole answer, parsed. */
  send(call: Call): Promise<Result<unknown, Status>>
}>

export function httpExchange(deps: HttpClientDeps): Exchange {
  const peer = peerOf(deps.identity)
  const fixedHeaders: HttpHeaders = {
    accept: 'application/json',
    'user-agent': deps.userAgent,
    ...('token' in deps.identity ? { authorization: `Bearer ${deps.identity.token}` } : {}),
  }
  const open = async (call: Call, closed: Ender): Promise<Result<HttpResponse, Status>> => {
    const bytes = call.body === undefined ? nothing : encoder.encode(JSON.stringify(call.body))
    const headers = bytes.length === 0 ? fixedHeaders : withContent(fixedHeaders, call, bytes)
    const answer = deps.handler({
      method: call.method,
      target: call.target,
      headers,
      body: bodyOf(bytes),
      peer,
      closed: closed.signal,
    })
    const startedMs = deps.clock.monotonicMs()
    const response = await within(deps.clock, requestTimeoutMs, answer, () => closed.abort())
    if (deps.metrics !== undefined)
      tell(deps.metrics, call, response, deps.clock.monotonicMs() - startedMs, bytes.length)
    if (response === undefined) return fail(failure(504, `no answer within ${requestTimeoutMs / 1000}s`))
    const refused = 'status' in response && response.status >= 400
    return refused ? fail(statusOfAnswer(response.status, await bodyText(response))) : ok(response)
  }
  const send = async (call: Call): Promise<Result<unknown, Status>> => {
    const response = await open(call, makeEnder())
    if (!response.ok) return response
    if (response.value.type === 'whole' && response.value.value !== undefined) return ok(response.value.value())
    const parsed = parseJson(await bodyText(response.value))
    return parsed === undefined
      ? fail(failure(500, `the answer to ${call.method} ${call.target} is not JSON`))
      : ok(parsed)
  }
  return { open, send }
}

function tell(
  metrics: ClientMetrics,
  { method }: Call,
  response: HttpResponse | undefined,
  durationMs: number,
  sent: number,
): void {
  const code = response === undefined ? 504 : 'status' in response ? response.status : 101
  const sizes = response?.type === 'whole' ? { sent, received: sizeOf(response.body) } : { sent }
  metrics.answered(method, code, durationMs / 1000, sizes)
}

function sizeOf(body: Uint8Array | readonly Uint8Array[]): number {
  return body instanceof Uint8Array ? body.length : body.reduce((sum, chunk) => sum + chunk.length, 0)
}

function peerOf(identity: ClientIdentity): HttpPeer {
  return 'token' in identity ? { address: '127.0.0.1' } : { address: '127.0.0.1', certificate: identity }
}

function withContent(headers: HttpHeaders, call: Call, bytes: Uint8Array): HttpHeaders {
  return withFields(headers, {
    'content-type': call.contentType ?? 'application/json',
    'content-length': String(bytes.length),
  })
}

function bodyOf(bytes: Uint8Array): HttpBody {
  return {
    bytes: async (limitBytes) => (bytes.length > limitBytes ? fail('TooLarge') : ok(bytes)),
    async *chunks() {
      if (bytes.length > 0) yield bytes
    },
  }
}

/** What the promise gives, or undefined after the time. A late answer is dropped. */
function within<T>(clock: Clock, timeoutMs: number, promise: Promise<T>, onLate: () => void): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(timeoutMs, () => {
      onLate()
      resolve(undefined)
    })
    promise.then(
      (value) => {
        timer.cancel()
        resolve(value)
      },
      (error: unknown) => {
        timer.cancel()
        reject(error)
      },
    )
  })
}
