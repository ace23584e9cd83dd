import { expect, it } from 'vitest'
import { makeEnder } from '../../api/ending.ts'
import type { Http, HttpHandler, HttpRequest, HttpResponse, ListenAt, OutgoingRequest } from '../../ports/http.ts'
import type { ByteSink } from '../../ports/streams.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (content: Uint8Array): string => new TextDecoder().decode(content)

export type HttpUnderTest = Readonly<{
  http: Http
  /** Lets time pass until the promise settles. */
  run: <T>(promise: Promise<T>) => Promise<T>
  unixPath: string
}>

const at: ListenAt = { type: 'tcp', address: '127.0.0.1', port: 0 }
const whole = (status: number, body: string): HttpResponse => ({
  type: 'whole',
  status,
  headers: { 'content-type': 'text/plain' },
  body: bytes(body),
})

async function listening(http: Http, handler: HttpHandler, where: ListenAt = at) {
  const listener = await http.listen(where, handler)
  if (!listener.ok) throw new Error(listener.error.message)
  const base = `http://127.0.0.1:${listener.value.port}`
  const get = (target: string, more: Partial<OutgoingRequest> = {}) =>
    http.request({ method: 'GET', url: `${base}${target}`, headers: {}, timeoutMs: 5_000, maxRedirects: 0, ...more })
  return { listener: listener.value, base, get }
}

async function readAll(answer: Awaited<ReturnType<Http['request']>>): Promise<string> {
  if (!answer.ok) throw new Error(answer.error.message)
  const body = await answer.value.body.bytes(1 << 20)
  if (!body.ok) throw new Error(body.error)
  return text(body.value)
}

function refusedInPieces(sink: ByteSink): void {
  for (const piece of ['not', ' you']) sink.write(bytes(piece))
  sink.end()
}

export function httpContract(make: () => HttpUnderTest): void {
  it('carries method, target, headers and body there, and status, headers and body back', async () => {
    const { http, run } = make()
    const handler = async (request: HttpRequest): Promise<HttpResponse> => {
      const body = await request.body.bytes(100)
      return whole(
        201,
        `${request.method} ${request.target} ${request.headers['x-test']} ${request.headers['x-two']} ${body.ok ? text(body.value) : body.error}`,
      )
    }
    const { listener, get } = await run(listening(http, handler))
    const answer = await run(
      get('/a/b?c=d', {
        method: 'POST',
        headers: { 'x-test': 'yes' },
        repeatedHeaders: { 'x-two': ['a', 'b'] },
        body: bytes('hello'),
      }),
    )
    expect(answer.ok && [answer.value.status, answer.value.headers['content-type']]).toEqual([201, 'text/plain'])
    expect(await run(readAll(answer))).toBe('POST /a/b?c=d yes a, b hello')
    await run(listener.close(1_000))
  })

  it('stops reading a body that is larger than the handler allows', async () => {
    const { http, run } = make()
    const { listener, get } = await run(
      listening(http, async (request) => whole(413, String((await request.body.bytes(10)).ok))),
    )
    const answer = await run(get('/', { method: 'POST', body: new Uint8Array(100_000) }))
    expect(await run(readAll(answer))).toBe('false')
    await run(listener.close(1_000))
  })

  it('sends several chunks as one body', async () => {
    const { http, run } = make()
    const { listener, get } = await run(
      listening(http, async () => ({ ...whole(200, ''), body: [bytes('one'), bytes('two')] }) as HttpResponse),
    )
    expect(await run(readAll(await run(get('/'))))).toBe('onetwo')
    await run(listener.close(1_000))
  })

  it('delivers a stream while it is being written, and tells the writer when the reader has gone', async () => {
    const { http, run } = make()
    let sink: ByteSink | undefined
    const { listener, get } = await run(
      listening(http, async () => ({
        type: 'stream',
        status: 200,
        headers: {},
        start(opened) {
          sink = opened
          opened.write(bytes('first'))
        },
      })),
    )
    const leave = makeEnder()
    const answer = await run(get('/', { closed: leave.signal }))
    if (!answer.ok) throw new Error(answer.error.message)
    const reader = answer.value.body.chunks()[Symbol.asyncIterator]()
    expect(text((await run(reader.next())).value)).toBe('first')
    sink?.write(bytes('second'))
    expect(text((await run(reader.next())).value)).toBe('second')
    const gone = new Promise<void>((resolve) => sink?.closed.addEventListener('abort', () => resolve()))
    leave.abort()
    await run(Promise.allSettled([reader.next()]))
    await run(gone)
    await run(listener.close(1_000))
  })

  it('ends streams when the listener closes', async () => {
    const { http, run } = make()
    const { listener, get } = await run(
      listening(http, async () => ({
        type: 'stream',
        status: 200,
        headers: {},
        start: (sink) => void sink.write(bytes('x')),
      })),
    )
    const answer = await run(get('/'))
    const ended = readAll(answer)
    await run(listener.close(1_000))
    expect(await run(ended)).toBe('x')
  })

  it('says when an address is taken, and when nobody listens', async () => {
    const { http, run } = make()
    const { listener, get } = await run(listening(http, async () => whole(200, '')))
    const again = await run(http.listen({ ...at, port: listener.port } as ListenAt, async () => whole(200, '')))
    expect(!again.ok && again.error.code).toBe('AddressInUse')
    await run(listener.close(1_000))
    const refused = await run(get('/'))
    expect(!refused.ok && refused.error.code).toBe('Refused')
  })

  it('gives up on an answer that does not come in time', async () => {
    const { http, run } = make()
    const { listener, get } = await run(listening(http, () => new Promise<HttpResponse>(() => {})))
    const late = await run(get('/', { timeoutMs: 50 }))
    expect(!late.ok && late.error.code).toBe('TimedOut')
    await run(listener.close(50))
  })

  it('connects elsewhere than to the host of the URL, and still asks for that', async () => {
    const { http, run } = make()
    const handler = async ({ target, headers }: HttpRequest): Promise<HttpResponse> =>
      whole(200, `${headers.host} ${target}`)
    const { listener, get } = await run(listening(http, handler))
    const connectTo = { host: '127.0.0.1', port: listener.port }
    const answer = await run(get('', { url: 'http://some.where:81/x?y=z', connectTo }))
    expect(await run(readAll(answer))).toBe('some.where:81 /x?y=z')
    await run(listener.close(1_000))
  })

  const asked = { headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-protocol': 'v4' } }

  it('leaves HTTP for a connection whose directions end by themselves', async () => {
    const { http, run } = make()
    let heard = ''
    const { listener, base } = await run(
      listening(http, async ({ headers }) => ({
        type: 'upgrade',
        protocol: headers.upgrade ?? '',
        headers: { 'x-protocol': headers['x-protocol'] ?? '' },
        async start(duplex) {
          await duplex.write(bytes('welcome '))
          for await (const chunk of duplex.readable) heard += text(chunk)
          await duplex.write(bytes(`and goodbye, ${heard}`))
          await duplex.end()
        },
      })),
    )
    const url = `${base}/x`
    const upgraded = await run(http.upgrade({ method: 'POST', url, timeoutMs: 5_000, maxRedirects: 0, ...asked }))
    if (!upgraded.ok || upgraded.value.type !== 'switched') throw new Error('not switched')
    const { headers, duplex } = upgraded.value
    expect(headers).toMatchObject({ upgrade: 'SPDY/3.1', 'x-protocol': 'v4' })
    await run(duplex.write(bytes('me')))
    await run(duplex.end())
    const read = async (): Promise<string> => {
      let all = ''
      for await (const chunk of duplex.readable) all += text(chunk)
      return all
    }
    expect(await run(read())).toBe('welcome and goodbye, me')
    duplex.destroy()
    await run(listener.close(1_000))
  })

  it.each([
    ['whole', whole(403, 'not you')],
    ['in pieces', { type: 'stream', status: 403, headers: {}, start: refusedInPieces } satisfies HttpResponse],
  ] as const)('hands on an answer that is no upgrade, %s', async (_, answer) => {
    const { http, run } = make()
    const { listener, base } = await run(listening(http, async () => answer))
    const url = `${base}/x`
    const upgraded = await run(http.upgrade({ method: 'GET', url, timeoutMs: 5_000, maxRedirects: 0, ...asked }))
    if (!upgraded.ok || upgraded.value.type !== 'answered') throw new Error('not answered')
    expect(upgraded.value.answer.status).toBe(403)
    expect(await run(readAll({ ok: true, value: upgraded.value.answer }))).toBe('not you')
    await run(listener.close(1_000))
  })

  it('listens on a unix socket', async () => {
    const { http, run, unixPath } = make()
    const { listener } = await run(
      listening(http, async ({ target }) => whole(200, target), { type: 'unix', path: unixPath }),
    )
    const answer = await run(
      http.request({
        method: 'GET',
        url: 'http://coracle/x',
        socketPath: unixPath,
        headers: {},
        timeoutMs: 1_000,
        maxRedirects: 0,
      }),
    )
    expect(await run(readAll(answer))).toBe('/x')
    await run(listener.close(1_000))
  })
}
