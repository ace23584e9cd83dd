import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:http2'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect as tlsConnect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HttpHandler } from '../../ports/http.ts'
import { linuxHttp } from '../linux/http.ts'
import { linuxKeys } from '../linux/keys.ts'
import { linuxStreams } from '../linux/streams.ts'
import { simClock } from '../sim/clock.ts'
import { noHttpFaults, simHttp } from '../sim/http.ts'
import { simRandom } from '../sim/random.ts'
import { httpContract } from './http.ts'
import { simRun } from './sim-run.ts'

describe('the HTTP of Linux', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coracle-http-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  httpContract(() => ({ http: linuxHttp(), run: (promise) => promise, unixPath: path.join(folder, 'test.sock') }))
})

describe.runIf(process.getuid?.() === 0)('HTTP in another network namespace', () => {
  const netns = `coratest-${process.pid}-http`
  const netnsPath = `/run/netns/${netns}`
  beforeAll(() => {
    execFileSync('ip', ['netns', 'add', netns])
    execFileSync('ip', ['-n', netns, 'link', 'set', 'lo', 'up'])
  })
  afterAll(() => execFileSync('ip', ['netns', 'del', netns]))

  it('is served to those inside, and to nobody else', async () => {
    const http = linuxHttp()
    const handler: HttpHandler = async ({ peer }) => {
      const body = new TextEncoder().encode(`hello ${peer.address}`)
      return { type: 'whole', status: 200, headers: {}, body }
    }
    const at = { type: 'tcp', address: '127.0.0.1', port: 0, netnsPath } as const
    const listener = await http.listen(at, handler)
    if (!listener.ok) throw new Error(listener.error.message)
    const { port } = listener.value
    const dialled = await linuxStreams().dial({ host: '127.0.0.1', port, timeoutMs: 5_000, netnsPath })
    if (!dialled.ok) throw new Error(dialled.error.message)
    await dialled.value.write(new TextEncoder().encode('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'))
    let answer = ''
    for await (const chunk of dialled.value.readable) {
      answer += new TextDecoder().decode(chunk)
      if (answer.includes('hello')) break
    }
    dialled.value.destroy()
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(answer).toMatch(/hello 127.0.0.1$/)
    const outside = await http.request({
      ...{ method: 'GET', url: `http://127.0.0.1:${port}/`, headers: {}, timeoutMs: 5_000, maxRedirects: 0 },
    })
    expect(!outside.ok && outside.error.code).toBe('Refused')
    const taken = await http.listen({ ...at, port }, handler)
    expect(!taken.ok && taken.error.code).toBe('AddressInUse')
    await listener.value.close(0)
  })
})

describe('the simulated HTTP', () =>
  httpContract(() => {
    const clock = simClock()
    return {
      http: simHttp({ clock, random: simRandom(3), faults: noHttpFaults }),
      run: simRun(clock),
      unixPath: '/run/test.sock',
    }
  }))

describe('HTTP over TLS on Linux', () => {
  const keys = linuxKeys()
  const plain = { organizations: [], dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'], validDays: 1 }
  const handler: HttpHandler = async ({ method, target, peer }) =>
    target.startsWith('/ws/')
      ? {
          type: 'websocket',
          subprotocol: decodeURIComponent(target.slice(4)),
          async start(socket) {
            for await (const message of socket.messages) await socket.send(message)
          },
        }
      : {
          type: 'whole',
          status: 200,
          headers: {},
          body: new TextEncoder().encode(JSON.stringify({ method, peer: { ...peer, address: '' } })),
        }
  let served: Awaited<ReturnType<typeof serve>>

  async function serve() {
    const ca = await keys.issueCertificate({ ...plain, commonName: 'ca', usage: 'ca' })
    const foreignCa = await keys.issueCertificate({ ...plain, commonName: 'foreign', usage: 'ca' })
    const server = await keys.issueCertificate({ ...plain, commonName: 'server', usage: 'server' }, ca)
    const client = await keys.issueCertificate(
      { ...plain, commonName: 'jane', organizations: ['dev', 'ops'], usage: 'client' },
      ca,
    )
    const stranger = await keys.issueCertificate({ ...plain, commonName: 'jane', usage: 'client' }, foreignCa)
    const tls = { ...server, clientCaPem: ca.certificatePem }
    const listener = await linuxHttp().listen({ type: 'tcp', address: '127.0.0.1', port: 0, tls }, handler)
    if (!listener.ok) throw new Error(listener.error.message)
    return { ca, client, stranger, listener: listener.value, url: `https://127.0.0.1:${listener.value.port}` }
  }
  beforeAll(async () => {
    served = await serve()
  })
  afterAll(() => served.listener.close(100))

  function getOnHttp2(identity?: Readonly<{ certificatePem: string; keyPem: string }>): Promise<string> {
    const options = identity === undefined ? {} : { cert: identity.certificatePem, key: identity.keyPem }
    const session = connect(served.url, { ca: served.ca.certificatePem, ...options })
    return new Promise((resolve, reject) => {
      session.on('error', reject)
      const stream = session.request({ ':path': '/' })
      let body = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => (body += chunk))
      stream.on('end', () => {
        session.close()
        resolve(body)
      })
    })
  }

  it('speaks HTTP/1.1 on the port', async () => {
    const answer = await linuxHttp().request({
      method: 'GET',
      url: `${served.url}/`,
      headers: {},
      timeoutMs: 5_000,
      maxRedirects: 0,
      verify: { caPem: served.ca.certificatePem },
    })
    expect(answer.ok && answer.value.status).toBe(200)
  })

  it('shows who is asking, where the other side wants to know', async () => {
    const answer = await linuxHttp().request({
      method: 'GET',
      url: `${served.url}/`,
      headers: {},
      timeoutMs: 5_000,
      maxRedirects: 0,
      verify: { caPem: served.ca.certificatePem },
      identity: served.client,
    })
    const body = answer.ok ? await answer.value.body.bytes(1000) : answer
    expect(body.ok && JSON.parse(new TextDecoder().decode(body.value as Uint8Array)).peer.certificate).toMatchObject({
      commonName: 'jane',
      organizations: ['dev', 'ops'],
    })
  })

  it('speaks HTTP/2 on the same port, once for each request', async () => {
    expect(JSON.parse(await getOnHttp2())).toEqual({ method: 'GET', peer: { address: '' } })
  })

  it('tells the subject of a client certificate that our CA signed', async () => {
    expect(JSON.parse(await getOnHttp2(served.client)).peer.certificate).toEqual({
      commonName: 'jane',
      organizations: ['dev', 'ops'],
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      issuer: 'ca',
    })
  })

  it('tells that a certificate of another CA does not verify, and nothing of its subject', async () => {
    const { peer } = JSON.parse(await getOnHttp2(served.stranger))
    expect(peer.certificate).toBeUndefined()
    expect(peer.certificateError).toMatch(/VERIFY|ISSUER|SELF/)
  })

  it('refuses a server whose certificate it cannot verify', async () => {
    const answer = await linuxHttp().request({
      method: 'GET',
      url: `${served.url}/`,
      headers: {},
      timeoutMs: 5_000,
      maxRedirects: 0,
    })
    expect(!answer.ok && answer.error.code).toBe('Tls')
  })

  // The last one is what kubectl port-forward offers: its slash is outside of what RFC 6455 allows in a subprotocol.
  for (const subprotocol of ['v5.channel.k8s.io', 'SPDY/3.1+portforward.k8s.io']) {
    it(`carries messages both ways over a WebSocket that speaks ${subprotocol}`, async () => {
      const { port } = served.listener
      const socket = tlsConnect({ host: '127.0.0.1', port, ca: served.ca.certificatePem })
      const upgrade = [
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ]
      const head = [
        `GET /ws/${encodeURIComponent(subprotocol)} HTTP/1.1`,
        'Host: localhost',
        ...upgrade,
        `Sec-WebSocket-Protocol: ${subprotocol}`,
      ]
      socket.write(`${head.join('\r\n')}\r\n\r\n`)
      const answers = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>
      const answer = String((await answers.next()).value)
      expect(answer).toContain('101 Switching Protocols')
      expect(answer).toContain(`Sec-WebSocket-Protocol: ${subprotocol}\r\n`)
      // One masked text frame, 'hello' under a mask of zeros, and its unmasked echo.
      socket.write(Buffer.concat([Buffer.from([0x82, 0x85, 0, 0, 0, 0]), Buffer.from('hello')]))
      expect((await answers.next()).value?.subarray(2).toString()).toBe('hello')
      socket.destroy()
    })
  }
})
