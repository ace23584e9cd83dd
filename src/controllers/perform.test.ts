import { describe, expect, it } from 'vitest'
import { kinds } from '../api/kinds.ts'
import { makeEventRecorder } from '../client/event-recorder.ts'
import { makeClient } from '../client/http-client.ts'
import { simClock } from '../host/sim/clock.ts'
import { simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import type { HttpRequest } from '../ports/http.ts'
import { type Action, create, remove, requeue, targetOf, updateStatus } from './action.ts'
import { perform } from './perform.ts'
import { samplePod, sampleReplicaSet } from './sample-objects.ts'

const encoder = new TextEncoder()
const ownerSet = sampleReplicaSet('web')
const report = {
  subject: ownerSet,
  done: { reason: 'Done', message: 'made ' },
  failed: { reason: 'Failed', message: 'cannot: ' },
}
const pod = { metadata: { generateName: 'web-', namespace: 'default' } }
const makePods = (count: number): readonly Action[] =>
  Array.from({ length: count }, () => create(kinds.pods, pod, report))

/** Answers by a function; an object for a code below 400. Keeps what was asked, and how much of it at once. */
function world(answer: (request: HttpRequest, at: number) => Readonly<{ code: number; body?: object }>) {
  const clock = simClock()
  const requests: string[] = []
  const events: string[] = []
  let underWay = 0
  let most = 0
  const client = makeClient({
    clock,
    identity: { commonName: 'c', organizations: [] },
    userAgent: 't',
    handler: async (request) => {
      const isEvent = request.target.includes('/events')
      if (isEvent) {
        const sent = await request.body.bytes(1 << 20)
        const { reason, message } = JSON.parse(new TextDecoder().decode(sent.ok ? sent.value : undefined))
        events.push(`${reason} ${message}`)
      } else requests.push(`${request.method} ${request.target}`)
      const at = requests.length
      if (!isEvent) most = Math.max(most, ++underWay)
      if (!isEvent) await clock.sleep(1)
      if (!isEvent) underWay -= 1
      const { code, body = {} } = isEvent ? { code: 201 } : answer(request, at)
      const whole = { kind: 'Status', code, message: `refused ${code}`, ...body }
      return { type: 'whole', status: code, headers: {}, body: encoder.encode(JSON.stringify(whole)) }
    },
  })
  const recorder = makeEventRecorder({ client, clock, random: simRandom(1), log: simLog(clock), component: 'test' })
  const run = async (actions: readonly Action[]) => {
    const performed = perform({ client, events: recorder }, actions)
    await clock.runUntil(clock.nowMs() + 60_000)
    return performed
  }
  return { run, requests, events, most: () => most }
}

const made = (_request: HttpRequest, at: number) => ({
  code: 201,
  body: { metadata: { name: `web-${at}`, namespace: 'default', uid: `u${at}`, resourceVersion: String(at) } },
})
const target = targetOf(kinds.pods, samplePod('a'))

describe('actions', () => {
  it('are carried out in order, and what they wrote is told', async () => {
    const { run, requests } = world(made)
    const performed = await run([updateStatus(kinds.replicaSets, ownerSet), remove(target), requeue(500), requeue(300)])
    expect(requests).toEqual([
      'PUT /apis/apps/v1/namespaces/default/replicasets/web/status',
      'DELETE /api/v1/namespaces/default/pods/a',
    ])
    expect(performed).toMatchObject({
      requeueAfterMs: 300,
      written: [
        { key: 'default/web-1', uid: 'u1', resourceVersion: '1' },
        { key: 'default/a', uid: 'uid-a' },
      ],
    })
  })

  it('that make pods begin slowly, and report each', async () => {
    const { run, requests, events, most } = world(made)
    const performed = await run(makePods(10))
    expect([requests.length, performed.written.length, most()]).toEqual([10, 10, 4])
    expect(events).toContain('Done made web-9')
  })

  it('stop at the first failure: one refusal, not hundreds', async () => {
    const { run, requests, events } = world(() => ({ code: 403 }))
    const performed = await run([...makePods(300), remove(target)])
    expect(requests).toHaveLength(1)
    expect(performed.failure).toMatchObject({ action: { type: 'create' }, status: { code: 403 } })
    expect(events).toEqual(['Failed cannot: refused 403'])
  })

  it('tell what was written before the failure', async () => {
    const { run } = world((request, at) => (at > 2 ? { code: 500 } : made(request, at)))
    const performed = await run(makePods(10))
    expect(performed.written.map(({ uid }) => uid)).toEqual(['u1', 'u2'])
    expect(performed.failure?.status.code).toBe(500)
  })

  it('that make things in a namespace that is going end quietly', async () => {
    const details = { causes: [{ reason: 'NamespaceTerminating' }] }
    const { run, requests, events } = world(() => ({ code: 403, body: { details } }))
    const performed = await run(makePods(100))
    expect([requests.length, performed.failure, events.length]).toEqual([1, undefined, 0])
  })

  const passing: readonly (readonly [string, Action, number, boolean])[] = [
    ['a deletion of what is gone', remove(target), 404, true],
    ['a deletion of what is another by now', remove(target), 409, true],
    ['a deletion of what has changed', remove(target, { preconditions: { resourceVersion: '1' } }), 409, false],
    ['a status for what is gone', updateStatus(kinds.replicaSets, ownerSet), 404, true],
    ['a status for what has changed', updateStatus(kinds.replicaSets, ownerSet), 409, false],
    ['a creation of what is there', create(kinds.pods, pod), 409, false],
    ['a patch that is invalid', { type: 'patch', target, patch: { type: 'merge', body: {} } }, 422, false],
    [
      'a release that is',
      { type: 'patch', target, patch: { type: 'merge', body: {} }, forgiveInvalid: true },
      422,
      true,
    ],
  ]
  it.each(passing)('%s: %# passes or not', async (_name, action, code, passes) => {
    const { run } = world(() => ({ code }))
    expect((await run([action])).failure === undefined).toBe(passes)
  })

  it.each([
    ['gone', { code: 404 }],
    ['dying', { code: 200, body: { metadata: { uid: 'uid-web', deletionTimestamp: 'now' } } }],
    ['another', { code: 200, body: { metadata: { uid: 'other' } } }],
  ])('adopt nothing for an owner that is %s', async (_name, owner) => {
    const { run, requests } = world(() => owner)
    const whileAlive = targetOf(kinds.replicaSets, ownerSet)
    const performed = await run([{ type: 'patch', target, patch: { type: 'strategic', body: {} }, whileAlive }])
    expect(requests).toEqual(['GET /apis/apps/v1/namespaces/default/replicasets/web'])
    expect(performed.failure?.status.code).toBe(409)
  })
})
