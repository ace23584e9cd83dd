import { describe, expect, it } from 'vitest'
import type {
  V2HorizontalPodAutoscaler as Autoscaler,
  Pod,
  V2HorizontalPodAutoscalerSpec as Spec,
} from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { fail, ok } from '../../api/result.ts'
import type { Action } from '../action.ts'
import { sampleMeta, sampleNowMs, samplePod, secondsAgo } from '../sample-objects.ts'
import { autoscale, type ObservedAutoscaler, rescaleFailed } from './autoscaler.ts'
import { type Memory, noMemory } from './scaling-limits.ts'

const cpu = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
})

function autoscalerOf(spec: Partial<Spec> = {}): Stored<Autoscaler> & Readonly<{ spec: Spec }> {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
  const whole = { minReplicas: 1, maxReplicas: 10, scaleTargetRef, metrics: [cpu(50)], ...spec }
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: sampleMeta('hpa'),
    spec: whole,
  } as Stored<Autoscaler> & Readonly<{ spec: Spec }>
}

function pod(name: string, more: Pod['status'] = {}): Stored<Pod> {
  const resources = { requests: { cpu: '100m' } }
  return samplePod(name, {
    spec: { containers: [{ name: 'c', image: 'a', resources }] },
    status: {
      startTime: secondsAgo(3600),
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: secondsAgo(3500) }],
      ...more,
    },
  })
}

/** Used thousandths of a processor by pod. */
type Used = Readonly<Record<string, number>>

function observed(current: number, used: Used, more: Partial<ObservedAutoscaler> = {}): ObservedAutoscaler {
  const scale = {
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: current },
    status: { replicas: current, selector: 'app=web' },
  }
  const metrics = new Map(
    Object.entries(used).map(([name, milli]) => [name, { milli, atMs: sampleNowMs, windowMs: 15_000 }]),
  )
  return {
    nowMs: sampleNowMs,
    autoscaler: autoscalerOf(),
    target: ok({ kind: kinds.deployments, scale }),
    pods: Object.keys(used).map((name) => pod(name)),
    metrics: ok(() => metrics),
    asked: [],
    rivals: [],
    memory: noMemory,
    ...more,
  }
}

function sizeOf(actions: readonly Action[]): unknown {
  const action = actions.find(({ type }) => type === 'scale')
  return action?.type === 'scale' ? (action.object.spec as { replicas?: number }).replicas : undefined
}

type Said = Readonly<{ type: string; status: string; reason: string; message: string }>

function said(actions: readonly Action[], type: string): Said | undefined {
  const action = actions.find((one) => one.type === 'updateStatus')
  const status = action?.type === 'updateStatus' ? (action.object.status as { conditions?: readonly Said[] }) : {}
  return status.conditions?.find((condition) => condition.type === type)
}

const remembering = (...replicas: readonly number[]): Memory => ({
  ...noMemory,
  recommendations: replicas.map((each) => ({ replicas: each, atMs: sampleNowMs - 60_000 })),
})
/** Beyond any window. */
const settled: Memory = { ...noMemory, recommendations: [{ replicas: 4, atMs: sampleNowMs - 400_000 }] }
const two = { a: 100, b: 100 }

const cases: readonly (readonly [string, ObservedAutoscaler, number | undefined])[] = [
  ['doubles where twice as much is used as should be', observed(2, two), 4],
  ['stays within a tenth', observed(2, { a: 54, b: 54 }), undefined],
  [
    'stays within a tolerance of its own',
    observed(2, { a: 60, b: 60 }, { autoscaler: autoscalerOf({ behavior: { scaleUp: { tolerance: '250m' } } }) }),
    undefined,
  ],
  ['shrinks where less is used', observed(4, { a: 20, b: 20, c: 20, d: 20 }, { memory: settled }), 2],
  [
    'shrinks no further than any of the last five minutes',
    observed(4, { a: 20, b: 20, c: 20, d: 20 }, { memory: remembering(3) }),
    3,
  ],
  [
    'shrinks no further than its least',
    observed(4, { a: 0, b: 0, c: 0, d: 0 }, { memory: settled, autoscaler: autoscalerOf({ minReplicas: 2 }) }),
    2,
  ],
  [
    'grows no further than its most',
    observed(2, { a: 900, b: 900 }, { autoscaler: autoscalerOf({ maxReplicas: 3 }) }),
    3,
  ],
  [
    'grows to twice as many at once, or four',
    observed(3, { a: 900, b: 900, c: 900 }, { autoscaler: autoscalerOf({ maxReplicas: 50 }) }),
    6,
  ],
  ['comes down to its most', observed(12, {}), 10],
  ['comes up to its least', observed(1, {}, { autoscaler: autoscalerOf({ minReplicas: 3 }) }), 3],
  ['leaves what was set to nothing', observed(0, {}), undefined],
  [
    'takes unready pods for idle ones when it grows',
    observed(3, two, { pods: [pod('a'), pod('b'), pod('c', { phase: 'Pending' })] }),
    4,
  ],
  [
    'takes pods that tell nothing for ones that use all when it shrinks',
    observed(3, { a: 5, b: 5 }, { pods: [pod('a'), pod('b'), pod('c')] }),
    undefined,
  ],
  [
    'forgets pods that end',
    observed(3, { a: 100, b: 100, c: 0 }, { pods: [pod('a'), pod('b'), pod('c', { phase: 'Failed' })] }),
    4,
  ],
]

describe('an autoscaler', () => {
  it.each(cases)('%s', (_name, state, expected) => {
    expect(sizeOf(autoscale(state).actions)).toBe(expected)
  })

  it('grows by as much as its policies allow in their periods', () => {
    const policies = [{ type: 'Pods', value: 3, periodSeconds: 60 }]
    const autoscaler = autoscalerOf({ maxReplicas: 50, behavior: { scaleUp: { policies }, scaleDown: { policies } } })
    const state = observed(2, { a: 900, b: 900 }, { autoscaler })
    const first = autoscale(state)
    expect(sizeOf(first.actions)).toBe(5)
    expect(said(first.actions, 'ScalingLimited')).toMatchObject({ status: 'True', reason: 'ScaleUpLimit' })
    const used = { a: 900, b: 900, c: 900, d: 900, e: 900 }
    expect(sizeOf(autoscale(observed(5, used, { autoscaler, memory: first.memory })).actions)).toBeUndefined()
    const later = { ...observed(5, used, { autoscaler, memory: first.memory }), nowMs: sampleNowMs + 61_000 }
    expect(sizeOf(autoscale(later).actions)).toBe(8)
  })

  it('shrinks not at all where that is disabled', () => {
    const autoscaler = autoscalerOf({
      behavior: { scaleDown: { selectPolicy: 'Disabled', stabilizationWindowSeconds: 0 } },
    })
    expect(sizeOf(autoscale(observed(2, { a: 0, b: 0 }, { autoscaler })).actions)).toBeUndefined()
  })

  it('says why it cannot measure', () => {
    const why =
      'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)'
    const { actions } = autoscale(observed(2, two, { metrics: fail(why) }))
    const cause = `failed to get cpu utilization: unable to get metrics for resource cpu: ${why}`
    expect(said(actions, 'ScalingActive')).toEqual({
      type: 'ScalingActive',
      status: 'False',
      reason: 'FailedGetResourceMetric',
      message: `the HPA was unable to compute the replica count: ${cause}`,
      lastTransitionTime: secondsAgo(0),
    })
    expect(actions).toContainEqual(
      expect.objectContaining({
        reason: 'FailedComputeMetricsReplicas',
        message: `invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${cause}`,
      }),
    )
  })

  it('says why it cannot scale, and looks again', () => {
    const { actions } = autoscale(observed(2, two, { target: fail('deployments.apps "web" not found') }))
    expect(said(actions, 'AbleToScale')).toMatchObject({
      status: 'False',
      reason: 'FailedGetScale',
      message: `the HPA controller was unable to get the target's current scale: deployments.apps "web" not found`,
    })
    expect(actions.at(-1)).toEqual({ type: 'requeue', afterMs: 15_000 })
  })

  it('says that the target could not be given its size', () => {
    const actions = rescaleFailed(observed(2, two), 'no')
    expect(actions).toContainEqual(
      expect.objectContaining({
        reason: 'FailedRescale',
        message: 'New size: 4; reason: cpu resource utilization (percentage of request) above target; error: no',
      }),
    )
    expect(said(actions, 'AbleToScale')).toMatchObject({
      status: 'False',
      reason: 'FailedUpdateScale',
      message: 'the HPA controller was unable to update the target scale: no',
    })
  })

  it('grows by a metric that others tell, though another one is missing', () => {
    const external = { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '1' } }
    const autoscaler = autoscalerOf({ metrics: [cpu(50), { type: 'External', external }] })
    const asked = [undefined, ok([{ name: '', milli: 5000, atMs: 0, windowMs: 0 }])]
    const { actions } = autoscale(observed(2, two, { autoscaler, asked, metrics: fail('gone') }))
    expect(sizeOf(actions)).toBe(4)
    expect(said(actions, 'ScalingLimited')).toMatchObject({ status: 'True', reason: 'ScaleUpLimit' })
    expect(actions.find(({ type }) => type === 'updateStatus')).toMatchObject({
      object: {
        status: {
          currentMetrics: [
            { type: '' },
            { type: 'External', external: { metric: { name: 'queue' }, current: { averageValue: '2500m' } } },
          ],
        },
      },
    })
  })

  it('tells memory as bytes are counted', () => {
    const resource = { name: 'memory', target: { type: 'AverageValue', averageValue: '1Mi' } }
    const autoscaler = autoscalerOf({ metrics: [{ type: 'Resource', resource }] })
    const mebi = 1024 * 1024 * 1000
    const { actions } = autoscale(observed(2, { a: 2 * mebi, b: 2 * mebi }, { autoscaler }))
    expect(actions.find(({ type }) => type === 'updateStatus')).toMatchObject({
      object: { status: { currentMetrics: [{ resource: { current: { averageValue: '2Mi' } } }] } },
    })
  })

  it('does not share pods with another', () => {
    const { actions } = autoscale(observed(2, two, { rivals: ['default/other'] }))
    expect(sizeOf(actions)).toBeUndefined()
    expect(said(actions, 'ScalingActive')).toMatchObject({ reason: 'AmbiguousSelector' })
  })

  it('tells what it has measured and done', () => {
    const { actions } = autoscale(observed(2, two))
    expect(actions).toContainEqual(
      expect.objectContaining({
        reason: 'SuccessfulRescale',
        message: 'New size: 4; reason: cpu resource utilization (percentage of request) above target',
      }),
    )
    expect(actions.find(({ type }) => type === 'updateStatus')).toMatchObject({
      object: {
        status: {
          currentReplicas: 2,
          desiredReplicas: 4,
          lastScaleTime: secondsAgo(0),
          currentMetrics: [
            { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 100, averageValue: '100m' } } },
          ],
        },
      },
    })
  })

  it('writes no status that is there already', () => {
    const first = autoscale(observed(2, { a: 50, b: 50 }))
    const action = first.actions.find(({ type }) => type === 'updateStatus')
    if (action?.type !== 'updateStatus') throw new Error('no status')
    const autoscaler = { ...autoscalerOf(), status: action.object.status } as ObservedAutoscaler['autoscaler']
    const again = autoscale(observed(2, { a: 50, b: 50 }, { autoscaler, memory: first.memory }))
    expect(again.actions.map(({ type }) => type)).toEqual(['requeue'])
  })
})
