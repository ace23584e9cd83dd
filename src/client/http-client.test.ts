import { describe, expect, it } from 'vitest'
import { kinds } from '../api/kinds.ts'
import { simClock } from '../host/sim/clock.ts'
import type { HttpRequest, HttpResponse } from '../ports/http.ts'
import type { ByteSink } from '../ports/streams.ts'
import type { Client } from './client.ts'
import { makeClient } from './http-client.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function json(status: number, body: unknown): HttpResponse {
  const bytes = encoder.encode(typeof body === 'string' ? body : JSON.stringify(body))
  return { type: 'whole', status, headers: {}, body: [bytes.slice(0, 3), bytes.slice(3)] }
}

/** A client whose requests are kept and answered by `answer`. */
function client(answer: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>, token?: string) {
  const requests: HttpRequest[] = []
  const clock = simClock()
  const made = makeClient({
    handler: async (request) => {
      requests.push(request)
      return answer(request)
    },
    identity: token === undefined ? { commonName: 'system:kube-scheduler', organizations: ['system:x'] } : { token },
    userAgent: 'coracle/1',
    clock,
  })
  return { client: made, requests, clock }
}

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'n' } }

const calls: readonly (readonly [string, (client: Client) => Promise<unknown>, string, string, unknown])[] = [
  ['get', (c) => c.get(kinds.pods, 'a', 'n'), 'GET /api/v1/namespaces/n/pods/a', '', undefined],
  [
    'get of a group',
    (c) => c.get(kinds.deployments, 'a', 'n'),
    'GET /apis/apps/v1/namespaces/n/deployments/a',
    '',
    undefined,
  ],
  ['create', (c) => c.create(kinds.pods, { metadata: pod.metadata }), 'POST /api/v1/namespaces/n/pods', 'json', pod],
  [
    'update of a status',
    (c) => c.update(kinds.pods, { metadata: pod.metadata }, 'status'),
    'PUT /api/v1/namespaces/n/pods/a/status',
    'json',
    pod,
  ],
  [
    'finalize',
    (c) => c.update(kinds.namespaces, { metadata: { name: 'n' } }, 'finalize'),
    'PUT /api/v1/namespaces/n/finalize',
    'json',
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } },
  ],
  [
    'patch',
    (c) => c.patch(kinds.nodes, 'x', undefined, { type: 'strategic', body: { a: 1 } }, 'status'),
    'PATCH /api/v1/nodes/x/status',
    'strategic-merge-patch+json',
    { a: 1 },
  ],
  [
    'apply',
    (c) => c.patch(kinds.nodes, 'x', undefined, { type: 'apply', body: { a: 1 }, fieldManager: 'me', force: true }),
    'PATCH /api/v1/nodes/x?fieldManager=me&force=true',
    'apply-patch+yaml',
    { a: 1 },
  ],
  [
    'delete',
    (c) => c.delete(kinds.pods, 'a', 'n', { gracePeriodSeconds: 0, preconditions: { uid: 'u' } }),
    'DELETE /api/v1/namespaces/n/pods/a',
    'json',
    { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: { uid: 'u' } },
  ],
  [
    'binding',
    (c) => c.createSubresource(kinds.pods, 'a', 'n', 'binding', { target: { name: 'x' } }),
    'POST /api/v1/namespaces/n/pods/a/binding',
    'json',
    { target: { name: 'x' } },
  ],
]

describe('a client', () => {
  it.each(calls)('speaks HTTP: %s', async (_name, call, line, contentType, body) => {
    const { client: made, requests } = client(() => json(200, pod))
    expect(await call(made)).toMatchObject({ ok: true })
    const request = requests[0]
    expect(`${request?.method} ${request?.target}`).toBe(line)
    expect(request?.headers['content-type']).toBe(contentType === '' ? undefined : `application/${contentType}`)
    const sent = await request?.body.bytes(1000)
    const text = sent?.ok ? decoder.decode(sent.value) : ''
    expect(text === '' ? undefined : JSON.parse(text)).toEqual(body)
  })

  it('is who it says by certificate or by token', async () => {
    const byCertificate = client(() => json(200, pod))
    await byCertificate.client.get(kinds.pods, 'a', 'n')
    expect(byCertificate.requests[0]?.peer.certificate?.commonName).toBe('system:kube-scheduler')
    const byToken = client(() => json(200, pod), 'secret')
    await byToken.client.get(kinds.pods, 'a', 'n')
    expect(byToken.requests[0]?.peer.certificate).toBeUndefined()
    expect(byToken.requests[0]?.headers.authorization).toBe('Bearer secret')
  })

  it('gives every refusal as the Status, or as one made of what came', async () => {
    const status = { kind: 'Status', status: 'Failure', code: 409, reason: 'Conflict', message: 'changed' }
    const refused = client(() => json(409, status))
    expect(await refused.client.get(kinds.pods, 'a', 'n')).toEqual({ ok: false, error: status })
    const plain = client(() => json(404, '404 page not found\n'))
    expect(await plain.client.get(kinds.pods, 'a', 'n')).toMatchObject({
      error: { code: 404, reason: 'NotFound', message: '404 page not found' },
    })
    const nonsense = client(() => json(200, 'hello'))
    expect(await nonsense.client.get(kinds.pods, 'a', 'n')).toMatchObject({ error: { code: 500 } })
  })

  it('gives up after a minute without an answer, and says so to the other side', async () => {
    const { client: made, requests, clock } = client(() => new Promise(() => {}))
    const answer = made.get(kinds.pods, 'a', 'n')
    await clock.runUntil(clock.nowMs() + 61_000)
    expect(await answer).toMatchObject({ ok: false, error: { code: 504, reason: 'Timeout' } })
    expect(requests[0]?.closed.aborted).toBe(true)
  })

  it('lists page by page and fills in the type', async () => {
    const { client: made, requests } = client(({ target }) => {
      const last = target.includes('continue=next%3D')
      const metadata = { resourceVersion: '7', continue: last ? '' : 'next=' }
      return json(200, { metadata, items: [{ metadata: { name: last ? 'b' : 'a' } }] })
    })
    const listed = await made.list(kinds.pods, { namespace: 'n', labelSelector: 'a in (b,c)', limit: 1 })
    expect(listed.ok && listed.value.items.map((item) => [item.kind, item.metadata.name])).toEqual([
      ['Pod', 'a'],
      ['Pod', 'b'],
    ])
    expect(requests[0]?.target).toBe('/api/v1/namespaces/n/pods?labelSelector=a%20in%20(b%2Cc)&limit=1')
  })
})

describe('a watch', () => {
  function watching() {
    const sinks: ByteSink[] = []
    const made = client(() => ({ type: 'stream', status: 200, headers: {}, start: (sink) => void sinks.push(sink) }))
    const line = (type: string, object: unknown) => encoder.encode(`${JSON.stringify({ type, object })}\n`)
    return { ...made, sinks, line }
  }

  it('yields events however the bytes are cut', async () => {
    const { client: made, sinks, line } = watching()
    const watch = await made.watch(kinds.pods, { resourceVersion: '5' })
    const bytes = new Uint8Array([
      ...line('ADDED', { metadata: { name: 'ä' } }),
      ...line('BOOKMARK', { metadata: { resourceVersion: '9' } }),
      ...line('ERROR', { code: 410 }),
      ...line('ADDED', { metadata: { name: 'never' } }),
    ])
    for (const byte of bytes) sinks[0]?.write(Uint8Array.of(byte))
    const seen: unknown[] = []
    if (watch.ok) for await (const event of watch.value) seen.push(event)
    expect(seen).toEqual([
      { type: 'ADDED', object: { metadata: { name: 'ä' } } },
      { type: 'BOOKMARK', resourceVersion: '9' },
      { type: 'ERROR', status: { code: 410 } },
    ])
    expect(sinks[0]?.closed.aborted).toBe(true)
  })

  it('stops a writer whose reader falls behind, and drops one that does not stop', async () => {
    const { client: made, sinks } = watching()
    const watch = await made.watch(kinds.pods, { resourceVersion: '5' })
    const sink = sinks[0]
    const line = encoder.encode(`${JSON.stringify({ type: 'ADDED', object: { x: 'y'.repeat(60_000) } })}\n`)
    let written = 0
    while (sink?.write(line)) written += 1
    expect(written * line.length).toBeGreaterThan(900_000)
    expect(written * line.length).toBeLessThan(1_100_000)
    let drained = false
    void sink?.drained().then(() => {
      drained = true
    })
    await Promise.resolve()
    expect(drained).toBe(false)
    const events = watch.ok ? watch.value[Symbol.asyncIterator]() : undefined
    for (let at = 0; at < 10; at++) await events?.next()
    expect(drained).toBe(true)
    for (let at = 0; at < 200; at++) sink?.write(line)
    expect(sink?.closed.aborted).toBe(true)
    expect(sink?.bufferedBytes()).toBe(0)
  })

  it('ends when its owner closes it', async () => {
    const { client: made, sinks, requests } = watching()
    const closed = new AbortController()
    const watch = await made.watch(kinds.pods, { resourceVersion: '5', closed: closed.signal })
    const events = watch.ok ? watch.value[Symbol.asyncIterator]() : undefined
    const next = events?.next()
    closed.abort()
    expect(await next).toEqual({ done: true, value: undefined })
    expect([sinks[0]?.closed.aborted, requests[0]?.closed.aborted]).toEqual([true, true])
  })
})
