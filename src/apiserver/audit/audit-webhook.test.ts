import { afterEach, describe, expect, it } from 'vitest'
import { simHost } from '../../host/contract/sim-host.ts'
import { linuxClock } from '../../host/linux/clock.ts'
import { linuxHttp } from '../../host/linux/http.ts'
import { linuxKeys } from '../../host/linux/keys.ts'
import { simLog } from '../../host/sim/log.ts'
import { simRandom } from '../../host/sim/random.ts'
import type { HttpBody, HttpListener, HttpPeer, OutgoingRequest } from '../../ports/http.ts'
import { readWebhookEndpoint } from '../configuration/kubeconfig.ts'
import { textResponse } from '../output/write-answer.ts'
import { auditWebhook, auditWebhookDefaults, type BatchOptions } from './audit-webhook.ts'
import type { AuditEvent } from './event.ts'

const http = linuxHttp()
const emptyBody: HttpBody = { bytes: async () => ({ ok: true, value: new Uint8Array() }), async *chunks() {} }
const clock = linuxClock()
const keys = linuxKeys()
const open: HttpListener[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close(0)))
})

type Batch = Readonly<{ ids: readonly string[]; peer: HttpPeer; atMs: number }>

const named = { organizations: [], dnsNames: [], ipAddresses: [], validDays: 1 }

/** A real HTTPS server that wants to know who calls; `answer` gives the status of the nth call, or never. */
async function world(options: Partial<BatchOptions>, answer: (call: number) => number | Promise<number> = () => 200) {
  const ca = await keys.issueCertificate({ ...named, commonName: 'ca', usage: 'ca' })
  const ipAddresses = ['127.0.0.1']
  const server = await keys.issueCertificate({ ...named, ipAddresses, commonName: 'hook', usage: 'server' }, ca)
  const client = await keys.issueCertificate({ ...named, commonName: 'auditor', usage: 'client' }, ca)
  const batches: Batch[] = []
  const waiting: (() => void)[] = []
  const tls = { certificatePem: server.certificatePem, keyPem: server.keyPem, clientCaPem: ca.certificatePem }
  const listener = await http.listen({ type: 'tcp', address: '127.0.0.1', port: 0, tls }, async (request) => {
    const body = await request.body.bytes(1 << 20)
    const { kind, apiVersion, items } = JSON.parse(new TextDecoder().decode(body.ok ? body.value : undefined))
    expect([kind, apiVersion]).toEqual(['EventList', 'audit.k8s.io/v1'])
    const ids = (items as readonly AuditEvent[]).map(({ auditID }) => auditID)
    batches.push({ ids, peer: request.peer, atMs: performance.now() })
    for (const wake of waiting.splice(0)) wake()
    return textResponse(await answer(batches.length), '')
  })
  if (!listener.ok) throw new Error(listener.error.message)
  open.push(listener.value)
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const kubeconfig = JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [
      {
        name: 'k',
        cluster: {
          server: `https://127.0.0.1:${listener.value.port}/audit`,
          'certificate-authority-data': base64(ca.certificatePem),
        },
      },
    ],
    users: [
      {
        name: 'u',
        user: { 'client-certificate-data': base64(client.certificatePem), 'client-key': 'client.key' },
      },
    ],
  })
  const read = async (path: string): Promise<string> => (path === 'client.key' ? client.keyPem : '')
  const endpoint = await readWebhookEndpoint(kubeconfig, { read, clock })
  if (!endpoint.ok) throw new Error(endpoint.error)
  const log = simLog(clock)
  const quick = { batchWaitMs: 20, firstPauseMs: 5, throttle: { perSecond: 1000, burst: 100 } }
  const parts = { http, clock, random: simRandom(1), log }
  const sink = auditWebhook(endpoint.value, parts, { ...auditWebhookDefaults, ...quick, ...options })
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const write = (...ids: readonly string[]): void => {
    for (const auditID of ids) sink.write({ auditID } as AuditEvent)
  }
  return { sink, write, batches, until, log, idsOf: () => batches.map(({ ids }) => ids.join('')) }
}

describe("audit's webhook", () => {
  it('gets what came together, by number or by time, from a client that shows its certificate', async () => {
    const w = await world({ mostInBatch: 3 })
    w.write('a', 'b', 'c', 'd')
    await w.until(() => w.batches.length === 2)
    expect(w.idsOf()).toEqual(['abc', 'd'])
    expect(w.batches[0]?.peer.certificate?.commonName).toBe('auditor')
    await w.sink.close()
  })

  it('gets what comes after a quiet time, too', async () => {
    const host = simHost()
    const sent: number[] = []
    const answered = { ok: true as const, value: { status: 200, headers: {}, body: emptyBody } }
    const http = {
      async request({ body }: OutgoingRequest) {
        sent.push(JSON.parse(new TextDecoder().decode(body as Uint8Array)).items.length)
        return answered
      },
    }
    const sink = auditWebhook({ url: 'http://a' }, { ...host, http }, { ...auditWebhookDefaults, mostInBatch: 2 })
    const write = (): void => sink.write({ auditID: 'a' } as AuditEvent)
    write()
    write()
    // The timer of the first one goes off while nothing waits.
    await host.run(host.clock.sleep(60_000))
    write()
    await host.run(host.clock.sleep(60_000))
    expect(sent).toEqual([2, 1])
  })

  it('is asked no more often than so many times a second, after the first few', async () => {
    const w = await world({ mostInBatch: 1, throttle: { perSecond: 20, burst: 1 } })
    w.write('a', 'b', 'c')
    await w.until(() => w.batches.length === 3)
    const [first = 0, , third = 0] = w.batches.map(({ atMs }) => atMs)
    expect(third - first).toBeGreaterThan(80)
    await w.sink.close()
  })

  it('is asked again when it fails, and meanwhile gets what came later', async () => {
    const w = await world({ mostInBatch: 1, firstPauseMs: 40 }, (call) => (call === 1 ? 500 : 200))
    w.write('a', 'b')
    await w.until(() => w.batches.length === 3)
    expect(w.idsOf()).toEqual(['a', 'b', 'a'])
    await w.sink.close()
    expect(w.log.lines).toEqual([])
  })

  it('loses what it refuses five times, and says so', async () => {
    const w = await world({ mostInBatch: 1, firstPauseMs: 1 }, () => 500)
    w.write('a')
    await w.until(() => w.batches.length === 5)
    await w.sink.close()
    expect(w.idsOf()).toEqual(['a', 'a', 'a', 'a', 'a'])
    expect(w.log.lines.map(({ message, fields }) => [message, fields.events])).toEqual([
      ['audit events could not be sent', 1],
    ])
  })

  it('holds so many events and no more, counting those on their way', async () => {
    let release = (_: number): void => {}
    const answered = new Promise<number>((resolve) => {
      release = resolve
    })
    const w = await world({ mostInBatch: 2, mostHeld: 4 }, () => answered)
    w.write('a', 'b', 'c', 'd', 'e', 'f')
    await w.until(() => w.batches.length === 2)
    release(200)
    await w.sink.close()
    expect(w.idsOf().sort()).toEqual(['ab', 'cd'])
    expect(w.log.lines.map(({ message, fields }) => [message, fields.events])).toEqual([['audit events were lost', 2]])
  })
})
