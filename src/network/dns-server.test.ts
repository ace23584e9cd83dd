import * as dns from 'dns-packet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EndpointSlice, Namespace, Service } from '../api/kinds.generated.ts'
import { testInformer } from '../client/test-informer.ts'
import { linuxClock } from '../host/linux/clock.ts'
import { linuxDatagrams } from '../host/linux/datagrams.ts'
import { linuxRandom } from '../host/linux/random.ts'
import { linuxStreamListener } from '../host/linux/stream-listener.ts'
import { linuxStreams } from '../host/linux/streams.ts'
import { encodeQuery } from './dns-message.ts'
import { type DnsServer, startDns } from './dns-server.ts'
import { frame, readFrames } from './dns-stream.ts'
import { parseUpstreams } from './dns-upstream.ts'

const address = '127.0.0.1'
const datagrams = linuxDatagrams()
const silent = { info: () => {}, warn: () => {}, error: () => {} }

describe('the DNS server, over real sockets', () => {
  const services = testInformer<Service>()
  const endpointSlices = testInformer<EndpointSlice>()
  const namespaces = testInformer<Namespace>()
  let server: DnsServer

  beforeAll(async () => {
    namespaces.set({ metadata: { name: 'x' } })
    services.set({ metadata: { namespace: 'x', name: 'db' }, spec: { clusterIP: 'None' } })
    services.set({
      metadata: { namespace: 'x', name: 'loop' },
      spec: { type: 'ExternalName', externalName: 'loop.x.svc.cluster.local' },
    })
    services.set({
      metadata: { namespace: 'x', name: 'alias' },
      spec: { type: 'ExternalName', externalName: 'db-7.db.x.svc.cluster.local' },
    })
    endpointSlices.set({
      metadata: { namespace: 'x', name: 'db-1', labels: { 'kubernetes.io/service-name': 'db' } },
      addressType: 'IPv4',
      endpoints: Array.from({ length: 200 }, (_, i) => ({ addresses: [`10.244.0.${i}`], hostname: `db-${i}` })),
    })
    server = await startDns({
      informers: { services, endpointSlices, namespaces },
      datagrams,
      listener: linuxStreamListener(),
      streams: linuxStreams(),
      clock: linuxClock(),
      random: linuxRandom(),
      log: silent,
      config: { zone: 'cluster.local', serverIp: '10.96.0.10', address, port: 0, upstreams: [] },
    })
  })
  afterAll(() => server.stop())

  const send = async (message: Uint8Array): Promise<dns.DecodedPacket> => {
    let settle: (packet: dns.DecodedPacket) => void = () => {}
    const answered = new Promise<dns.DecodedPacket>((resolve) => {
      settle = resolve
    })
    const socket = await datagrams.bind({ address, port: 0 }, (bytes) => settle(dns.decode(Buffer.from(bytes))))
    if (!socket.ok) throw new Error(socket.error.message)
    await socket.value.send(message, { address, port: server.port })
    const answer = await answered
    await socket.value.close()
    return answer
  }
  const sendTcp = async (message: Uint8Array): Promise<dns.DecodedPacket> => {
    const dialled = await linuxStreams().dial({ host: address, port: server.port, timeoutMs: 5_000 })
    if (!dialled.ok) throw new Error(dialled.error.message)
    await dialled.value.write(frame(message))
    for await (const bytes of readFrames(dialled.value.readable)) {
      dialled.value.destroy()
      return dns.decode(Buffer.from(bytes))
    }
    throw new Error('the connection ended without an answer')
  }
  const rcode = (packet: dns.DecodedPacket): number => (packet.flags ?? 0) & 0xf

  it('answers over UDP', async () => {
    const packet = await send(encodeQuery(7, { name: 'db-3.db.x.svc.cluster.local', type: 'A' }))
    expect(packet).toMatchObject({
      id: 7,
      flag_aa: true,
      flag_ra: true,
      answers: [{ type: 'A', data: '10.244.0.3', ttl: 5 }],
    })
  })

  it('cuts what does not fit into a datagram, and says it whole over TCP', async () => {
    const query = encodeQuery(8, { name: 'db.x.svc.cluster.local', type: 'A' })
    expect(await send(query)).toMatchObject({ flag_tc: true, answers: [] })
    const whole = await sendTcp(query)
    expect(whole.flag_tc).toBe(false)
    expect(whole.answers).toHaveLength(200)
  })

  it('follows an alias within the cluster to its address', async () => {
    const packet = await send(encodeQuery(9, { name: 'alias.x.svc.cluster.local', type: 'A' }))
    expect(packet.answers?.map(({ type }) => type)).toEqual(['CNAME', 'A'])
  })

  it('gives up on aliases that go round in a circle', async () => {
    expect(rcode(await send(encodeQuery(10, { name: 'loop.x.svc.cluster.local', type: 'A' })))).toBe(2)
  })

  it('fails other names while there is no upstream', async () => {
    expect(rcode(await send(encodeQuery(11, { name: 'example.com', type: 'A' })))).toBe(2)
  })

  it.each([
    ['a cut message', Uint8Array.of(0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 63, 65), 1],
    ['no question', Uint8Array.of(0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0), 1],
    ['an operation that is no query', Uint8Array.of(0, 1, 0x28, 0, 0, 1, 0, 0, 0, 0, 0, 0), 4],
  ])('refuses %s', async (_, message, code) => {
    const packet = await send(message)
    expect([packet.id, rcode(packet)]).toEqual([1, code])
  })

  it('says who has the port', async () => {
    const again = datagrams.bind({ address, port: server.port }, () => {})
    expect(await again).toMatchObject({ ok: false, error: { code: 'AddressInUse' } })
  })
})

describe('the upstream servers', () => {
  it.each([
    ['nameserver 10.0.0.1\nnameserver 10.0.0.2 # second\nsearch a b\n', ['10.0.0.1', '10.0.0.2']],
    ['# nameserver 10.0.0.1\nnameserver fe80::1\nnameserver 127.0.0.53', ['127.0.0.53']],
    ['nameserver 10.244.0.1\nnameserver 1.1.1.1\nnameserver 1.1.1.1', ['1.1.1.1']],
    [
      'nameserver 1.0.0.1\nnameserver 1.0.0.2\nnameserver 1.0.0.3\nnameserver 1.0.0.4',
      ['1.0.0.1', '1.0.0.2', '1.0.0.3'],
    ],
    ['', []],
  ])('of %j are %j', (text, servers) => {
    expect(parseUpstreams(text, '10.244.0.1')).toEqual(servers)
  })
})
