import { describe, expect, it } from 'vitest'
import type { V2MetricSpec as MetricSpec } from '../../api/kinds.generated.ts'
import { fail, ok } from '../../api/result.ts'
import { samplePod } from '../sample-objects.ts'
import { type Asked, proposeForExternal, proposeForObject, proposeForPods } from './asked-proposal.ts'

const ready = (name: string) =>
  samplePod(name, { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } })

/** Values in thousandths, of one object each. */
function asked(current: number, values: readonly number[], more: Partial<Asked> = {}): Asked {
  const names = Array.from({ length: current }, (_, at) => `p-${at}`)
  return {
    namespace: 'default',
    answer: ok(values.map((milli, at) => ({ name: `p-${at}`, milli, atMs: 0, windowMs: 0 }))),
    pods: names.map(ready),
    current,
    present: current,
    tolerances: { up: 0.1, down: 0.1 },
    nowMs: 0,
    ...more,
  }
}

const pods = (averageValue: string): MetricSpec => ({
  type: 'Pods',
  pods: { metric: { name: 'qps' }, target: { type: 'AverageValue', averageValue } },
})
const describedObject = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
const object = (target: Partial<NonNullable<MetricSpec['object']>['target']>): MetricSpec => ({
  type: 'Object',
  object: { describedObject, metric: { name: 'qps' }, target: { type: '', ...target } },
})
const external = (target: Partial<NonNullable<MetricSpec['external']>['target']>): MetricSpec => ({
  type: 'External',
  external: { metric: { name: 'queue', selector: { matchLabels: { q: 'a' } } }, target: { type: '', ...target } },
})

const propose = (state: Asked, metric: MetricSpec) =>
  metric.type === 'Pods'
    ? proposeForPods(state, metric)
    : metric.type === 'Object'
      ? proposeForObject(state, metric)
      : proposeForExternal(state, metric)

const whole = (value: string) => ({ type: 'Value', value })
const each = (averageValue: string) => ({ type: 'AverageValue', averageValue })

// Numbers as in the original's own tests (horizontal_test.go).
const cases: readonly (readonly [what: string, Asked, MetricSpec, replicas: number, current: string])[] = [
  ['grows by the average of its pods', asked(3, [20_000, 10_000, 30_000]), pods('15'), 4, '20'],
  ['shrinks by the average of its pods', asked(5, [12_000, 12_000, 12_000, 12_000, 12_000]), pods('20'), 3, '12'],
  ['grows with what is told of an object', asked(3, [20_000]), object(whole('15')), 4, '20'],
  ['shrinks with what is told of an object', asked(5, [12_000]), object(whole('20')), 3, '12'],
  ['shares out what is told of an object', asked(3, [40_000]), object(each('10')), 4, '13334m'],
  ['stays within the tolerance', asked(3, [10_500]), object(whole('10')), 3, '10500m'],
  ['counts ready pods alone', asked(3, [30_000], { pods: [ready('a')] }), object(whole('15')), 2, '30'],
  ['grows with what is told from outside', asked(3, [8600]), external(whole('6666m')), 4, '8600m'],
  ['adds up what is told from outside', asked(3, [8000, 600]), external(whole('6666m')), 4, '8600m'],
  ['shares out what is told from outside', asked(3, [8600]), external(each('2222m')), 4, '2867m'],
]

describe('a metric that others tell', () => {
  it.each(cases)('%s', (_, state, metric, replicas, current) => {
    const found = propose(state, metric)
    if (!found.ok) throw new Error(found.error.error)
    expect(found.value.replicas).toBe(replicas)
    const { status } = found.value
    const told = (status.pods ?? status.object ?? status.external)?.current
    expect(told?.value ?? told?.averageValue).toBe(current)
  })

  it.each([
    [pods('1'), 'pods metric qps'],
    [object(whole('1')), 'Deployment metric qps'],
    [object(each('1')), 'external metric qps(nil)'],
    [
      external(whole('1')),
      'external metric queue(&LabelSelector{MatchLabels:map[string]string{q: a,},MatchExpressions:[]LabelSelectorRequirement{},})',
    ],
  ])('is named as the original names it', (metric, name) => {
    const found = propose(asked(1, [1000]), metric)
    expect(found.ok && found.value.metric).toBe(name)
  })

  const why = 'unable to fetch it'
  const selector = '&LabelSelector{MatchLabels:map[string]string{q: a,},MatchExpressions:[]LabelSelectorRequirement{},}'
  const noObject = `unable to get metric qps: ${why} on Deployment default/web`
  const noExternal = `unable to get external metric default/queue/${selector}: ${why}`
  it.each([
    [pods('1'), 'FailedGetPodsMetric', `unable to get metric qps: ${why}`, 'failed to get pods metric value: '],
    [object(whole('1')), 'FailedGetObjectMetric', noObject, 'failed to get object metric value: '],
    [
      object(each('1')),
      'FailedGetObjectMetric',
      noObject,
      'failed to get object metric value: failed to get qps object metric: ',
    ],
    [
      external(whole('1')),
      'FailedGetExternalMetric',
      noExternal,
      'failed to get queue external metric value: failed to get external metric queue: ',
    ],
    [
      external(each('1')),
      'FailedGetExternalMetric',
      noExternal,
      'failed to get queue external metric value: failed to get queue external metric: ',
    ],
  ])('that cannot be had says so in the words of the original', (metric, reason, cause, before) => {
    const found = propose(asked(1, [], { answer: fail(why) }), metric)
    expect(found).toEqual({ ok: false, error: { reason, cause, error: `${before}${cause}` } })
  })

  it('of nobody can be used', () => {
    const found = propose(asked(2, [9000], { pods: [] }), object(whole('1')))
    const cause = 'unable to calculate ready pods: no pods returned by selector while calculating replica count'
    expect(!found.ok && found.error.cause).toBe(cause)
  })
})
