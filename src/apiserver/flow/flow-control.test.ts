import { describe, expect, it } from 'vitest'
import { type Ending, makeEnder } from '../../api/ending.ts'
import { ok } from '../../api/result.ts'
import { metricRegistry } from '../../client/metric-registry.ts'
import { simClock } from '../../host/sim/clock.ts'
import type { HttpRequest } from '../../ports/http.ts'
import type { User } from '../call.ts'
import { textResponse } from '../output/write-answer.ts'
import { type RequestInfo, requestInfo } from '../request-info.ts'
import { flowDump } from './dump.ts'
import { flowConfigOf } from './flow-config.ts'
import { flowControl } from './flow-control.ts'
import { flowMeters } from './flow-meter.ts'
import type { Outcome } from './level-turns.ts'

type Gone = Readonly<{ signal: Ending }>

const noQuery = new URLSearchParams()
const answer: Outcome = ok({ type: 'response', response: textResponse(200, 'done') })
const everything = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }]

function schemaFor(user: string, level: string, precedence: number) {
  const rules = [{ subjects: [{ kind: 'User', user: { name: user } }], resourceRules: everything }]
  const spec = { priorityLevelConfiguration: { name: level }, matchingPrecedence: precedence, rules }
  const metadata = { name: `for-${user}`, uid: `uid-${user}` }
  return { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema', metadata, spec }
}

function level(name: string, nominalConcurrencyShares: number, queuing: object | undefined) {
  const limitResponse = queuing === undefined ? { type: 'Reject' } : { type: 'Queue', queuing }
  const spec = { type: 'Limited', limited: { nominalConcurrencyShares, borrowingLimitPercent: 0, limitResponse } }
  const head = { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'PriorityLevelConfiguration' }
  return { ...head, metadata: { name, uid: `uid-${name}` }, spec }
}

const queuing = { queues: 4, handSize: 1, queueLengthLimit: 2 }
/** Of 10 seats: catch-all 5 shares of 50. */
const config = flowConfigOf(
  [schemaFor('flood', 'low', 500), schemaFor('quiet', 'high', 100), schemaFor('strict', 'strict', 50)],
  [level('low', 20, queuing), level('high', 20, queuing), level('strict', 5, undefined)],
)

function world(objects = 0) {
  const clock = simClock()
  const metrics = metricRegistry()
  const flow = flowControl({ clock, seats: 10, objects: () => objects, meters: flowMeters(metrics) }, config)
  const running: (() => void)[] = []
  const ask = (name: string, target = '/api/v1/namespaces/n/pods/x', closed?: Gone) => {
    const user: User = { name, groups: name === 'root' ? ['system:masters'] : ['system:authenticated'] }
    const info: RequestInfo = requestInfo('GET', target, noQuery)
    const request = { closed: closed?.signal ?? makeEnder().signal } as HttpRequest
    const work = (): Promise<Outcome> => new Promise((resolve) => running.push(() => resolve(answer)))
    return flow.run(flow.flowOf(user, info), { request, info, query: noQuery }, work)
  }
  const statusOf = async (outcome: Promise<Outcome>): Promise<number | string> => {
    const settled = await Promise.race([outcome, clock.runUntil(clock.nowMs() + 1)])
    if (settled === undefined) return 'waits'
    return settled.ok && settled.value.type === 'response' && 'status' in settled.value.response
      ? settled.value.response.status
      : 'other'
  }
  const state = (name: string) => flow.levels().find((one) => one.config.name === name)
  const told = (line: string): boolean => metrics.text().includes(`apiserver_flowcontrol_${line}\n`)
  return { clock, flow, running, ask, statusOf, state, told }
}

describe('flow control', () => {
  it('finds the schema of least precedence that matches, and the catch-all for what none does', () => {
    const { flow } = world()
    const info = requestInfo('GET', '/api/v1/pods', noQuery)
    const of = (name: string, ...groups: readonly string[]) => flow.flowOf({ name, groups }, info).schema.name
    expect([of('flood'), of('quiet'), of('nobody', 'system:authenticated'), of('root', 'system:masters')]).toEqual([
      'for-flood',
      'for-quiet',
      'catch-all',
      'exempt',
    ])
  })

  it('divides the seats by shares', () => {
    const { flow } = world()
    const nominal = Object.fromEntries(flow.levels().map(({ config: { name }, limits }) => [name, limits.nominal]))
    expect(nominal).toEqual({ exempt: 0, 'catch-all': 1, low: 4, high: 4, strict: 1 })
  })

  it('lets a flood wait for seats of its own level, and others go on', async () => {
    const { running, ask, state, statusOf } = world()
    const flood = Array.from({ length: 6 }, () => ask('flood'))
    const others = [ask('quiet'), ask('root')]
    await Promise.resolve()
    expect(state('low')?.queues?.state()).toMatchObject({ executing: 4, waiting: 2 })
    expect(running).toHaveLength(6)
    for (const end of running.splice(0)) end()
    expect(await statusOf(others[0] ?? flood[0] ?? ask('x'))).toBe(200)
    expect(await statusOf(others[1] ?? flood[0] ?? ask('x'))).toBe(200)
    for (const end of running.splice(0)) end()
    expect(await statusOf(Promise.all(flood).then(([first]) => first ?? answer))).toBe(200)
  })

  it('refuses what the queue has no room for, in plain text, with the time to come again', async () => {
    const { ask, state } = world()
    for (let at = 0; at < 6; at++) void ask('flood')
    const refused = await ask('flood')
    expect(refused).toMatchObject({
      ok: true,
      value: {
        response: {
          status: 429,
          headers: { 'retry-after': '1', 'content-type': 'text/plain; charset=utf-8' },
          body: new TextEncoder().encode('Too many requests, please try again later.\n'),
        },
      },
    })
    expect(state('low')?.counts).toMatchObject({ dispatched: 4, rejected: 1 })
  })

  it('refuses at once where a level is not to queue', async () => {
    const { ask, statusOf } = world()
    const first = ask('strict')
    expect(await statusOf(ask('strict'))).toBe(429)
    expect(await statusOf(first)).toBe('waits')
  })

  it('gives up on a request that has waited for a quarter of a minute', async () => {
    const { clock, ask, state, statusOf, told } = world()
    for (let at = 0; at < 4; at++) void ask('flood')
    const late = ask('flood')
    const labels = 'flow_schema="for-flood",priority_level="low"'
    expect(told(`current_executing_requests{${labels}} 4`)).toBe(true)
    expect(told(`current_inqueue_requests{${labels}} 1`)).toBe(true)
    await clock.runUntil(clock.nowMs() + 14_990)
    expect(await statusOf(late)).toBe('waits')
    await clock.runUntil(clock.nowMs() + 10)
    expect(await statusOf(late)).toBe(429)
    expect(state('low')?.counts.timedOut).toBe(1)
    expect(told(`current_inqueue_requests{${labels}} 0`)).toBe(true)
    expect(told(`dispatched_requests_total{${labels}} 4`)).toBe(true)
    expect(told(`rejected_requests_total{${labels},reason="time-out"} 1`)).toBe(true)
    expect(told(`request_wait_duration_seconds_bucket{execute="false",${labels},le="15"} 1`)).toBe(true)
    expect(told(`request_wait_duration_seconds_bucket{execute="true",${labels},le="0"} 4`)).toBe(true)
  })

  it('forgets a request whose client has gone', async () => {
    const { ask, state } = world()
    for (let at = 0; at < 4; at++) void ask('flood')
    const client = makeEnder()
    const left = ask('flood', undefined, client)
    client.abort()
    await left
    expect(state('low')?.queues?.state().waiting).toBe(0)
    expect(state('low')?.counts.cancelled).toBe(1)
  })

  it('gives a wide list more of the thread, and the others their turn before the next', async () => {
    const { clock, running, ask } = world(2_000)
    // A list of 2,000 may take a seventh of its level's four seats: one. Twenty of a quarter millisecond fill a turn.
    const asked = Array.from({ length: 30 }, () => ask('root', '/api/v1/pods'))
    expect(asked).toHaveLength(30)
    const quiet = ask('quiet')
    expect(running).toHaveLength(30)
    await clock.runUntil(clock.nowMs())
    expect(running).toHaveLength(31)
    running.at(-1)?.()
    expect(await quiet).toBe(answer)
  })

  it('lends seats that are not wanted to those who may borrow', async () => {
    const clock = simClock()
    const lender = { ...level('lender', 30, queuing) }
    lender.spec.limited = { ...lender.spec.limited, lendablePercent: 50 } as typeof lender.spec.limited
    const borrower = level('borrower', 15, queuing)
    borrower.spec.limited = { ...borrower.spec.limited, borrowingLimitPercent: 100 }
    const flow = flowControl(
      { clock, seats: 20, objects: () => 0, meters: flowMeters(metricRegistry()) },
      flowConfigOf([schemaFor('busy', 'borrower', 100)], [lender, borrower]),
    )
    flow.start()
    const user = { name: 'busy', groups: [] }
    const info = requestInfo('GET', '/api/v1/namespaces/n/pods/x', noQuery)
    const request = { closed: makeEnder().signal } as HttpRequest
    const limitOf = (name: string) => flow.levels().find((one) => one.config.name === name)?.currentLimit ?? 0
    const before = limitOf('borrower')
    for (let at = 0; at < 8; at++)
      void flow.run(flow.flowOf(user, info), { request, info, query: noQuery }, () => new Promise(() => {}))
    await clock.runUntil(clock.nowMs() + 10_001)
    flow.stop()
    expect(limitOf('borrower')).toBeGreaterThanOrEqual(before)
    expect(limitOf('borrower')).toBeGreaterThan(6)
    expect(limitOf('lender')).toBeGreaterThanOrEqual(6)
    expect(limitOf('lender') + limitOf('borrower')).toBeLessThanOrEqual(21)
  })

  it('shows what it does to people', async () => {
    const { ask, flow } = world()
    for (let at = 0; at < 5; at++) void ask('flood')
    const page = flowDump(flow, '/debug/api_priority_and_fairness/dump_priority_levels')
    const text = page?.type === 'whole' ? new TextDecoder().decode(page.body as Uint8Array) : ''
    const [head = '', ...rows] = text.trimEnd().split('\n')
    expect(head).toBe(
      'PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, ExecutingRequests, DispatchedRequests, RejectedRequests, TimedoutRequests, CancelledRequests',
    )
    expect(rows.find((row) => row.startsWith('low,'))).toMatch(/^low, +1, +false, +false, +1, +4, +4, +0, +0, +0$/)
  })
})
