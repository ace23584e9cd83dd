import * as dns from 'dns-packet'
import { describe, expect, it } from 'vitest'
import { simRun } from '../host/contract/sim-run.ts'
import { simClock } from '../host/sim/clock.ts'
import { type DatagramFaults, simDatagrams } from '../host/sim/datagrams.ts'
import { simRandom } from '../host/sim/random.ts'
import { simStreams } from '../host/sim/streams.ts'
import type { DatagramPeer } from '../ports/datagrams.ts'
import { makeDnsRecords } from './dns-records.ts'
import { makeResolver } from './dns-resolver.ts'
import { frame, readFrames } from './dns-stream.ts'
import { askUpstream } from './dns-upstream.ts'

const question = { name: 'example.com', type: 'A' }
const config = { zone: 'cluster.local', serverIp: '10.96.0.10' }
type Answering = (query: dns.DecodedPacket) => Partial<dns.Packet> | undefined

function world(upstreams: readonly string[]) {
  const clock = simClock()
  const run = simRun(clock)
  const random = simRandom(3)
  const faults: DatagramFaults = {}
  const datagrams = simDatagrams({ clock, random, faults, hostAddress: '192.0.2.1' })
  const streams = simStreams({ clock })
  const ask = askUpstream({ datagrams, streams, clock, random, upstreams })
  const bind = async (at: DatagramPeer, answering: Answering) => {
    const bound = await run(
      datagrams.bind(at, (message, from) => {
        const query = dns.decode(Buffer.from(message))
        const answer = answering(query)
        if (answer !== undefined && bound.ok) void bound.value.send(encode(query, answer), from)
      }),
    )
    if (!bound.ok) throw new Error(bound.error.message)
    return bound.value
  }
  const serve = (address: string, answering: Answering) => bind({ address, port: 53 }, answering)
  const addresses = async (): Promise<readonly string[]> => {
    const answer = await run(ask(question, 'udp'))
    if (!answer.ok) return [answer.error.code]
    return (dns.decode(Buffer.from(answer.value)).answers ?? []).map((record) =>
      String('data' in record ? record.data : ''),
    )
  }
  return { clock, run, random, faults, datagrams, streams, ask, serve, bind, addresses }
}

function encode(query: dns.DecodedPacket, answer: Partial<dns.Packet>): Uint8Array {
  return dns.encode({ type: 'response', id: query.id ?? 0, questions: query.questions ?? [], ...answer })
}

function withAddress(data: string): Partial<dns.Packet> {
  return { answers: [{ type: 'A', name: question.name, data }] }
}

describe('asking upstream', () => {
  it('takes the answer of the first server', async () => {
    const { serve, addresses } = world(['10.0.0.1', '10.0.0.2'])
    await serve('10.0.0.1', () => withAddress('1.1.1.1'))
    await serve('10.0.0.2', () => withAddress('2.2.2.2'))
    expect(await addresses()).toEqual(['1.1.1.1'])
  })

  it('goes on to the next when one keeps silent, and gives up when all do', async () => {
    const { clock, serve, addresses } = world(['10.0.0.1', '10.0.0.2'])
    const startMs = clock.nowMs()
    expect(await addresses()).toEqual(['NoAnswer'])
    expect(clock.nowMs() - startMs).toBe(4_000)
    await serve('10.0.0.2', () => withAddress('2.2.2.2'))
    expect(await addresses()).toEqual(['2.2.2.2'])
  })

  it('says that there is nobody to ask', async () => {
    expect(await world([]).addresses()).toEqual(['NoUpstream'])
  })

  it.each([
    ['another id', (id: number) => ({ id: (id + 1) & 0xffff })],
    ['another question', () => ({ questions: [{ name: 'evil.com', type: 'A' as const }] })],
    ['a query', () => ({ type: 'query' as const })],
  ])('does not take %s for an answer', async (_, wrong) => {
    const { serve, addresses } = world(['10.0.0.1'])
    await serve('10.0.0.1', (query) => ({ ...withAddress('6.6.6.6'), ...wrong(query.id ?? 0) }))
    expect(await addresses()).toEqual(['NoAnswer'])
  })

  it('does not take an answer from somebody else', async () => {
    const { run, datagrams, serve, addresses } = world(['10.0.0.1'])
    const forger = await run(datagrams.bind({ address: '10.6.6.6', port: 53 }, () => {}))
    if (!forger.ok) throw new Error(forger.error.message)
    await serve('10.0.0.1', (query) => {
      // The forger knows everything, and still comes from the wrong address.
      for (let port = 32_768; port < 32_800; port++) {
        void forger.value.send(encode(query, withAddress('6.6.6.6')), { address: '192.0.2.1', port })
      }
      return undefined
    })
    expect(await addresses()).toEqual(['NoAnswer'])
  })

  it('has only so many questions under way', async () => {
    const { run, ask } = world(['10.0.0.1'])
    const all = await run(Promise.all(Array.from({ length: 1_001 }, () => ask(question, 'udp'))))
    expect(all.filter((one) => !one.ok && one.error.code === 'TooMany')).toHaveLength(1)
  })

  it('asks again over TCP where an answer was cut, and follows an alias out of the cluster', async () => {
    const { run, random, streams, ask, serve } = world(['10.0.0.1'])
    await serve('10.0.0.1', () => ({ flags: dns.TRUNCATED_RESPONSE }))
    streams.accept({ host: '10.0.0.1', port: 53 }, async (connection) => {
      for await (const message of readFrames(connection.readable)) {
        await connection.write(frame(encode(dns.decode(Buffer.from(message)), withAddress('1.1.1.1'))))
      }
    })
    const view = makeDnsRecords()
    view.setService('x/out', {
      metadata: { namespace: 'x', name: 'out' },
      spec: { type: 'ExternalName', externalName: 'example.com' },
    })
    const resolver = makeResolver({ view, config, ask, random })
    const query = { id: 7, question: { name: 'out.x.svc.cluster.local', type: 'A' }, recursionDesired: true }
    const packet = dns.decode(Buffer.from(await run(resolver(query, 'udp'))))
    expect(packet.answers?.map((record) => ('data' in record ? record.data : ''))).toEqual(['example.com', '1.1.1.1'])
  })

  it('passes on record types that it does not know', async () => {
    const { run, random, ask, serve } = world(['10.0.0.1'])
    await serve('10.0.0.1', () => ({ answers: [{ type: 'TXT', name: question.name, data: 'hello' }] }))
    const resolver = makeResolver({ view: makeDnsRecords(), config, ask, random })
    const packet = dns.decode(Buffer.from(await run(resolver({ id: 9, question, recursionDesired: true }, 'udp'))))
    expect([packet.id, packet.answers?.length]).toEqual([9, 1])
  })
})
