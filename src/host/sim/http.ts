import { type Ender, makeEnder } from '../../api/ending.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { parseCertificates } from '../../api/x509/certificate.ts'
import type { Clock } from '../../ports/clock.ts'
import type {
  Http,
  HttpBody,
  HttpHandler,
  HttpListener,
  HttpPeer,
  HttpRequest,
  HttpResponse,
  IncomingResponse,
  ListenAt,
  OutgoingRequest,
  RequestError,
  Upgraded,
} from '../../ports/http.ts'
import type { Random } from '../../ports/random.ts'
import type { ByteSink } from '../../ports/streams.ts'
import { connection, pipe } from './pipe.ts'

export type HttpFaults = Readonly<{
  /** Each exchange takes up to this long each way. */
  latencyMs: number
  /** One request in so many never arrives; 0: none. */
  loseRequestOneIn: number
  /** One request in so many is carried out, but its answer never comes back; 0: none. */
  loseAnswerOneIn: number
  /** One stream in so many breaks within its first minute; 0: none. */
  cutStreamOneIn: number
}>

export const noHttpFaults: HttpFaults = { latencyMs: 1, loseRequestOneIn: 0, loseAnswerOneIn: 0, cutStreamOneIn: 0 }

type World = Readonly<{
  clock: Clock
  random: Random
  faults: HttpFaults
  /** Answers requests to addresses at which nobody listens: the rest of the internet. Absent: they are refused. */
  elsewhere?: HttpHandler
}>
type Listening = Readonly<{ handler: HttpHandler; abort: Ender }>

export interface SimHttp extends Http {
  /** The handler as seen from across the network: late, and unreliable as the faults say, while `reachable` holds. */
  connect(handler: HttpHandler, reachable?: () => boolean): HttpHandler
}

/** A network in memory. */
export function simHttp(world: World): SimHttp {
  const listeners = new Map<string, Listening>()
  let nextPort = 40_000
  return {
    connect: (handler, reachable = () => true) => across(world, handler, reachable),
    async listen(at, handler) {
      const port = at.type === 'tcp' && at.port === 0 ? nextPort++ : at.type === 'tcp' ? at.port : 0
      const key = keyOf(at, port)
      if (listeners.has(key))
        return fail({ code: 'AddressInUse' as const, message: `listen ${key}: address already in use` })
      const abort = makeEnder()
      listeners.set(key, { handler, abort })
      return ok({ port, close: async () => close(listeners, key, abort) } satisfies HttpListener)
    },
    request: (outgoing) => request(world, listeners, outgoing),
    upgrade: (outgoing) => upgrade(world, listeners, outgoing),
  }
}

function keyOf(at: ListenAt, port: number): string {
  return at.type === 'unix' ? at.path : `${at.address}:${port}`
}

function close(listeners: Map<string, Listening>, key: string, abort: Ender): void {
  listeners.delete(key)
  abort.abort()
}

function across({ clock, random, faults }: World, handler: HttpHandler, reachable: () => boolean): HttpHandler {
  const hop = (): Promise<void> => clock.sleep(random.below(faults.latencyMs + 1))
  const oneIn = (n: number): boolean => n > 0 && random.below(n) === 0
  return async (request) => {
    await hop()
    if (!reachable() || oneIn(faults.loseRequestOneIn)) return brokenOff('the request was lost on its way')
    const response = await handler(request)
    await hop()
    if (!reachable() || oneIn(faults.loseAnswerOneIn)) return brokenOff('the answer was lost on its way')
    if (response.type !== 'stream') return response
    return delayed({ clock, random, faults }, response, reachable)
  }
}

/** What a client sees of a connection that broke: kube's own wording for an answer that did not come in time. */
export function brokenOff(message: string): HttpResponse {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'Timeout',
    code: 504,
  }
  return {
    type: 'whole',
    status: 504,
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(status)),
  }
}

/** The same stream, each chunk a little later, in order; it may break. */
function delayed(
  { clock, random, faults }: World,
  response: Extract<HttpResponse, { type: 'stream' }>,
  reachable: () => boolean,
): HttpResponse {
  return {
    ...response,
    start(out: ByteSink) {
      const between = pipe()
      out.closed.addEventListener('abort', () => between.abort())
      if (faults.cutStreamOneIn > 0 && random.below(faults.cutStreamOneIn) === 0)
        clock.after(random.below(60_000), () => between.abort())
      void carry()
      response.start(between.sink)

      async function carry(): Promise<void> {
        for await (const chunk of between.chunks) {
          await clock.sleep(random.below(faults.latencyMs + 1))
          if (!reachable()) break
          if (!out.write(chunk)) await out.drained()
        }
        out.end()
      }
    },
  }
}

function joined(headers: OutgoingRequest['repeatedHeaders'] = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.join(', ')]))
}

/** Over a secure connection the other side sees who is asking. */
function peerOf({ url, identity }: OutgoingRequest): HttpPeer {
  const parsed =
    url.startsWith('https:') && identity !== undefined ? parseCertificates(identity.certificatePem) : undefined
  const [certificate] = parsed?.ok === true ? parsed.value : []
  if (certificate === undefined) return { address: '127.0.0.1' }
  const { commonName, organizations } = certificate.subject
  return { address: '127.0.0.1', certificate: { commonName, organizations } }
}

async function request(
  world: World,
  listeners: ReadonlyMap<string, Listening>,
  outgoing: OutgoingRequest,
): Promise<Result<IncomingResponse, RequestError>> {
  const exchanged = await exchange(world, listeners, outgoing)
  return exchanged.ok ? ok(received(exchanged.value.answer, exchanged.value.closed)) : exchanged
}

/** Raw bytes only: this network carries the messages of a WebSocket nowhere. */
async function upgrade(
  world: World,
  listeners: ReadonlyMap<string, Listening>,
  outgoing: OutgoingRequest,
): Promise<Result<Upgraded, RequestError>> {
  const exchanged = await exchange(world, listeners, outgoing)
  if (!exchanged.ok) return exchanged
  const { answer, closed } = exchanged.value
  if (answer.type !== 'upgrade') return ok({ type: 'answered', answer: received(answer, closed) })
  const [near, far] = connection()
  closed.signal.addEventListener('abort', () => near.destroy())
  answer.start(far)
  return ok({ type: 'switched', headers: { ...answer.headers, upgrade: answer.protocol }, duplex: near })
}

type Exchanged = Readonly<{ answer: HttpResponse; closed: Ender }>

async function exchange(
  world: World,
  listeners: ReadonlyMap<string, Listening>,
  outgoing: OutgoingRequest,
): Promise<Result<Exchanged, RequestError>> {
  const url = new URL(outgoing.url)
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  const to = outgoing.connectTo ?? { host: url.hostname, port }
  const key = outgoing.socketPath ?? `${to.host}:${to.port}`
  const listening = listeners.get(key) ?? listeners.get(`0.0.0.0:${to.port}`) ?? elsewhereOf(world)
  await world.clock.sleep(world.random.below(world.faults.latencyMs + 1))
  if (listening === undefined) return fail({ code: 'Refused', message: `dial tcp ${key}: connect: connection refused` })
  const closed = makeEnder()
  outgoing.closed?.addEventListener('abort', () => closed.abort())
  listening.abort.signal.addEventListener('abort', () => closed.abort())
  const incoming: HttpRequest = {
    method: outgoing.method,
    target: `${url.pathname}${url.search}`,
    headers: { host: url.host, ...outgoing.headers, ...joined(outgoing.repeatedHeaders) },
    body: bodyOf(outgoing.body),
    peer: peerOf(outgoing),
    closed: closed.signal,
  }
  const answer = await withDeadline(world.clock, outgoing.timeoutMs, listening.handler(incoming))
  if (answer === undefined) return fail({ code: 'TimedOut', message: 'context deadline exceeded' })
  return ok({ answer, closed })
}

function elsewhereOf({ elsewhere }: World): Listening | undefined {
  return elsewhere === undefined ? undefined : { handler: elsewhere, abort: makeEnder() }
}

function withDeadline<T>(clock: Clock, timeoutMs: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = clock.after(timeoutMs, () => resolve(undefined))
    void promise.then((value) => {
      timer.cancel()
      resolve(value)
    })
  })
}

function received(response: HttpResponse, closed: Ender): IncomingResponse {
  if (response.type === 'whole') {
    const body = response.body instanceof Uint8Array ? response.body : Buffer.concat(response.body)
    return { status: response.status, headers: response.headers, body: bodyOf(body) }
  }
  if (response.type !== 'stream') return { status: 400, headers: {}, body: bodyOf(undefined) }
  const { sink, chunks, abort } = pipe()
  closed.signal.addEventListener('abort', abort)
  response.start(sink)
  return { status: response.status, headers: response.headers, body: bodyOf(chunks) }
}

function bodyOf(content: Uint8Array | AsyncIterable<Uint8Array> | undefined): HttpBody {
  return {
    async bytes(limitBytes) {
      const parts: Uint8Array[] = []
      let sizeBytes = 0
      for await (const chunk of chunksOf(content)) {
        sizeBytes += chunk.length
        if (sizeBytes > limitBytes) return fail('TooLarge' as const)
        parts.push(chunk)
      }
      return ok(parts.length === 1 && parts[0] !== undefined ? parts[0] : new Uint8Array(Buffer.concat(parts)))
    },
    chunks: () => chunksOf(content),
  }
}

async function* chunksOf(content: Uint8Array | AsyncIterable<Uint8Array> | undefined): AsyncIterable<Uint8Array> {
  if (content instanceof Uint8Array) yield content
  else if (content !== undefined) yield* content
}
