import { beforeEach, describe, expect, it } from 'vitest'
import { fail, ok } from '../../api/result.ts'
import { simRun } from '../../host/contract/sim-run.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { simKeys } from '../../host/sim/keys.ts'
import { simLog } from '../../host/sim/log.ts'
import { connection } from '../../host/sim/pipe.ts'
import { simRandom } from '../../host/sim/random.ts'
import type { Http, HttpHeaders, OutgoingRequest } from '../../ports/http.ts'
import { openStore } from '../../store/store.ts'
import { type Send, type Sent, sender, testServer } from '../test-exchange.ts'
import { relinked } from './proxied.ts'

const ns = '/api/v1/namespaces/default'
const encoder = new TextEncoder()

/** A server whose pods answer as told; the requests that reach them are kept. */
async function world() {
  const clock = simClock()
  const random = simRandom(1)
  const log = simLog(clock)
  const run = simRun(clock)
  const store = await run(
    openStore({ disk: simDisk({ clock, random }), clock, log, directory: '/store', onFatal() {} }),
  )
  const reached: OutgoingRequest[] = []
  const answer = { status: 200, headers: {} as HttpHeaders, text: 'pong', error: '' }
  const http: Pick<Http, 'request' | 'upgrade'> = {
    async upgrade(request) {
      reached.push(request)
      const [near, far] = connection()
      void far.write(encoder.encode('hello')).then(() => far.end())
      return ok({ type: 'switched', headers: { upgrade: 'websocket', 'sec-websocket-accept': 'k' }, duplex: near })
    },
    async request(request) {
      reached.push(request)
      if (answer.error !== '') return fail({ code: 'Refused', message: answer.error })
      const bytes = encoder.encode(answer.text)
      const body = {
        bytes: async () => ok(bytes),
        async *chunks() {
          yield bytes
        },
      }
      return ok({ status: answer.status, headers: answer.headers, body })
    },
  }
  const server = await testServer({ store, clock, random, keys: simKeys(random), log, http })
  await run(server.start())
  const raw = sender(server.handler)
  const send: Send = (...request) => run(raw(...request))
  await send('POST', `${ns}/serviceaccounts`, { metadata: { name: 'default' } })
  await send('POST', `${ns}/pods`, {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 8080 }] }] },
  })
  await send('PATCH', `${ns}/pods/p/status`, '{"status":{"podIP":"10.1.0.5","podIPs":[{"ip":"10.1.0.5"}]}}', {
    headers: { 'content-type': 'application/merge-patch+json' },
  })
  await send('POST', `${ns}/services`, {
    metadata: { name: 's' },
    spec: { ports: [{ name: 'web', port: 80 }] },
  })
  await send('POST', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    metadata: { name: 's-1', labels: { 'kubernetes.io/service-name': 's' } },
    addressType: 'IPv4',
    ports: [{ name: 'web', port: 9376 }],
    endpoints: [
      { addresses: ['10.1.0.6'], conditions: { ready: true } },
      { addresses: ['10.1.0.7'], conditions: { ready: false } },
    ],
  })
  return { send, reached, answer }
}

async function streamed({ response }: Sent): Promise<string> {
  if (response.type !== 'stream') return 'not streamed'
  const gone = new AbortController()
  const pieces: string[] = []
  await new Promise<void>((resolve) =>
    response.start({
      write: (chunk) => pieces.push(new TextDecoder().decode(chunk)) > 0,
      bufferedBytes: () => 0,
      drained: async () => {},
      end: resolve,
      closed: gone.signal,
    }),
  )
  return pieces.join('')
}

describe('the proxy to pods and Services', () => {
  let w: Awaited<ReturnType<typeof world>>
  beforeEach(async () => {
    w = await world()
  })

  it.each([
    ['GET', 'pods/p/proxy/', 'http://10.1.0.5:8080/'],
    ['GET', 'pods/p:81/proxy/a%20b/?x=1&y', 'http://10.1.0.5:81/a%20b/?x=1&y'],
    ['DELETE', 'pods/https:p:443/proxy/a', 'https://10.1.0.5:443/a'],
    ['POST', 'pods/p/proxy?method=POST', 'http://10.1.0.5:8080/?method=POST'],
    ['OPTIONS', 'pods/http:p:/proxy/a', 'http://10.1.0.5:8080/a'],
    ['HEAD', 'services/s:web/proxy/', 'http://10.1.0.6:9376/'],
    ['GET', 'services/http:s:80/proxy/x', 'http://10.1.0.6:9376/x'],
  ])('%s %s goes to %s', async (method, target, url) => {
    const sent = await w.send(method, `${ns}/${target}`)
    expect(sent.status).toBe(200)
    expect(w.reached.map((request) => [request.method, request.url])).toEqual([[method, url]])
    expect(await streamed(sent)).toBe('pong')
  })

  it.each([
    ['pods/none/proxy/', 404, 'pods "none" not found'],
    ['pods/ftp:p:1/proxy/', 400, 'invalid pod request "ftp:p:1"'],
    ['services/s:90/proxy/', 503, 'no service port 90 found for service "s"'],
    ['services/s:other/proxy/', 503, 'no endpoints available for service "s"'],
    ['services/none/proxy/', 404, 'endpoints "none" not found'],
  ])('refuses %s', async (target, status, message) => {
    expect(await w.send('GET', `${ns}/${target}`)).toMatchObject({ status, json: { message } })
    expect(w.reached).toEqual([])
  })

  it('tells when nobody listens', async () => {
    w.answer.error = 'connect ECONNREFUSED'
    expect(await w.send('GET', `${ns}/pods/p/proxy/`)).toMatchObject({
      status: 503,
      json: { reason: 'ServiceUnavailable', message: 'error trying to reach service: connect ECONNREFUSED' },
    })
  })

  it('keeps what tells who asks from the pod, and hands on the rest', async () => {
    const headers = { authorization: '', 'x-mine': 'a', te: 'trailers', connection: 'x-hop', 'x-hop': 'b' }
    await w.send('POST', `${ns}/pods/p/proxy/`, undefined, { headers })
    expect(w.reached[0]?.headers).toEqual({
      'x-mine': 'a',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-uri': `${ns}/pods/p/proxy/`,
    })
  })

  it('makes one connection of two where the client wants to leave HTTP', async () => {
    const headers = { connection: 'keep-alive, Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'a' }
    const { response } = await w.send('GET', `${ns}/pods/p/proxy/x`, undefined, { headers })
    expect(w.reached[0]).toMatchObject({
      url: 'http://10.1.0.5:8080/x',
      headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'a' },
    })
    expect(response).toMatchObject({ protocol: 'websocket', headers: { 'sec-websocket-accept': 'k' } })
    const [client, side] = connection()
    if (response.type === 'upgrade') response.start(side)
    const heard: string[] = []
    for await (const chunk of client.readable) heard.push(new TextDecoder().decode(chunk))
    expect(heard).toEqual(['hello'])
  })

  it('sends a page without a final slash to where its links are right, and leads links and redirects back through itself', async () => {
    expect(await w.send('GET', `${ns}/pods/p/proxy?a=1`)).toMatchObject({
      status: 301,
      headers: { location: `${ns}/pods/p/proxy/?a=1` },
    })
    w.answer.text = '<a href="/next">n</a>'
    w.answer.status = 302
    w.answer.headers = { 'content-type': 'text/html', 'content-length': '21', location: '/next' }
    expect(await w.send('GET', `${ns}/pods/p/proxy/x`)).toMatchObject({
      status: 302,
      headers: { location: `${ns}/pods/p/proxy/next` },
      text: `<a href="${ns}/pods/p/proxy/next">n</a>`,
    })
  })

  it.each([
    ["<img alt='x' src='/i.png'>", "<img alt='x' src='/p/i.png'>"],
    ['<a href="//other/x">', '<a href="//other/x">'],
    ['<a href="https://other/x">', '<a href="https://other/x">'],
    ['<a href="/p/x">', '<a href="/p/x">'],
    ['a href="/x"', 'a href="/x"'],
  ])('makes of %s %s', (page, changed) => {
    expect(relinked(page, '/p')).toBe(changed)
  })
})
