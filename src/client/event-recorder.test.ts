import { describe, expect, it } from 'vitest'
import { simClock } from '../host/sim/clock.ts'
import { simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import { makeEventRecorder } from './event-recorder.ts'
import { makeClient } from './http-client.ts'

const encoder = new TextEncoder()
type Sent = Readonly<{ line: string; body: Readonly<Record<string, unknown>> }>

function world(
  answer: (sent: Sent, at: number) => number = () => 201,
  refusal: Readonly<Record<string, unknown>> = {},
) {
  const clock = simClock()
  const log = simLog(clock)
  const sent: Sent[] = []
  const client = makeClient({
    clock,
    identity: { commonName: 'c', organizations: [] },
    userAgent: 't',
    handler: async (request) => {
      const bytes = await request.body.bytes(1 << 20)
      const body = JSON.parse(new TextDecoder().decode(bytes.ok ? bytes.value : undefined))
      const each = { line: `${request.method} ${request.target.replace(/\.[0-9a-f]+$/, '.ID')}`, body }
      sent.push(each)
      const code = answer(each, sent.length)
      return {
        type: 'whole',
        status: code,
        headers: {},
        body: encoder.encode(JSON.stringify({ kind: 'Status', ...refusal, code })),
      }
    },
  })
  const recorder = makeEventRecorder({ client, clock, random: simRandom(1), log, component: 'kubelet', host: 'n1' })
  const settle = (ms = 1000) => clock.runUntil(clock.nowMs() + ms)
  return { clock, log, sent, recorder, settle }
}

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '7' } }

describe('an event recorder', () => {
  it('says who saw what, of which object, and when', async () => {
    const { sent, recorder, settle } = world()
    recorder.event(pod, 'Warning', 'BackOff', 'again')
    await settle()
    expect(sent[0]?.line).toBe('POST /api/v1/namespaces/n/events')
    expect(sent[0]?.body).toMatchObject({
      metadata: { name: expect.stringMatching(/^a\.[0-9a-f]{15,16}$/), namespace: 'n' },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'a', namespace: 'n', uid: 'u', resourceVersion: '7' },
      reason: 'BackOff',
      message: 'again',
      type: 'Warning',
      count: 1,
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      source: { component: 'kubelet', host: 'n1' },
      reportingComponent: 'kubelet',
      reportingInstance: 'n1',
    })
  })

  it('counts the same event, and puts events of cluster-scoped objects into default', async () => {
    const { sent, recorder, settle } = world()
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }
    for (let at = 0; at < 3; at++) {
      recorder.event(node, 'Normal', 'Starting', 'x')
      await settle(60_000)
    }
    expect(sent.map(({ line }) => line)).toEqual([
      'POST /api/v1/namespaces/default/events',
      'PATCH /api/v1/namespaces/default/events/n1.ID',
      'PATCH /api/v1/namespaces/default/events/n1.ID',
    ])
    expect(sent[2]?.body).toEqual({ count: 3, lastTimestamp: '2026-01-01T00:02:00Z', message: 'x' })
  })

  it('makes an event anew that has expired meanwhile, with its count', async () => {
    const { sent, recorder, settle } = world(({ line }) => (line.startsWith('PATCH') ? 404 : 201))
    recorder.event(pod, 'Normal', 'Pulled', 'x')
    recorder.event(pod, 'Normal', 'Pulled', 'x')
    await settle()
    expect(sent.map(({ line }) => line.split(' ')[0])).toEqual(['POST', 'PATCH', 'POST'])
    expect(sent[2]?.body).toMatchObject({ count: 2 })
  })

  it('combines events that differ in their messages only, from the tenth on', async () => {
    const { sent, recorder, settle } = world()
    for (let at = 1; at <= 12; at++) recorder.event(pod, 'Normal', 'Pulled', `image ${at}`)
    await settle()
    expect(sent[9]?.body.message).toBe('(combined from similar events): image 10')
    expect(sent[10]).toMatchObject({ body: { count: 2, message: '(combined from similar events): image 11' } })
    expect(sent.filter(({ line }) => line.startsWith('POST'))).toHaveLength(10)
  })

  it('drops what one object has too much of, and lets it speak again later', async () => {
    const { sent, recorder, settle } = world()
    for (let at = 0; at < 40; at++) recorder.event(pod, 'Normal', `Reason${at}`, 'x')
    await settle()
    expect(sent).toHaveLength(25)
    await settle(300_000)
    recorder.event(pod, 'Normal', 'Later', 'x')
    await settle()
    expect(sent).toHaveLength(26)
  })

  it('tries again while the API is away, but not what it refuses', async () => {
    const away = world((_sent, at) => (at < 4 ? 503 : 201))
    away.recorder.event(pod, 'Normal', 'A', 'x')
    await away.settle(60_000)
    expect(away.sent).toHaveLength(4)
    const refusing = world(() => 403)
    refusing.recorder.event(pod, 'Normal', 'A', 'x')
    await refusing.settle(60_000)
    expect(refusing.sent).toHaveLength(1)
    expect(refusing.log.lines).toHaveLength(1)
  })

  it('takes it as it is that a namespace goes away', async () => {
    const { recorder, settle, sent, log } = world(() => 403, {
      reason: 'Forbidden',
      details: { causes: [{ reason: 'NamespaceTerminating' }] },
    })
    recorder.event(pod, 'Normal', 'Killing', 'x')
    await settle(60_000)
    expect(sent).toHaveLength(1)
    expect(log.lines).toEqual([])
  })

  it('bounds what waits, and tries', async () => {
    const { log, sent, recorder, settle } = world(() => 503)
    for (let at = 0; at < 1200; at++) recorder.event(pod, 'Normal', `R${at}`, 'x')
    expect(log.lines).toHaveLength(200)
    await settle(100_000)
    expect(sent.length).toBeGreaterThan(9)
    expect(sent.length).toBeLessThanOrEqual(12)
    recorder.stop()
    const before = sent.length
    await settle(600_000)
    expect(sent.length).toBeLessThanOrEqual(before + 1)
  })
})
