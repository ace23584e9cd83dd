import { describe, expect, it } from 'vitest'
import type { Taint, Toleration } from '../../api/kinds.generated.ts'
import { reconcileTaintedPod, toleratedFor } from '../node-lifecycle/taint-eviction.ts'
import { brief, sampleNowMs, samplePod, secondsAgo } from '../sample-objects.ts'
import { reconcileLeftPod, reconcileTerminatedPods } from './pod-gc.ts'

const taint = (key: string, value = ''): Taint => ({ key, effect: 'NoExecute', ...(value && { value }) })
const dying = { deletionTimestamp: secondsAgo(1) }

const tolerances: readonly (readonly [readonly Taint[], readonly Toleration[], number | undefined])[] = [
  [[taint('a')], [], 0],
  [[taint('a')], [{ key: 'a', operator: 'Exists' }], undefined],
  [[taint('a')], [{ operator: 'Exists' }], undefined],
  [[taint('a', 'x')], [{ key: 'a', value: 'x' }], undefined],
  [[taint('a', 'x')], [{ key: 'a', operator: 'Equal', value: 'y' }], 0],
  [[taint('a')], [{ key: 'a', operator: 'Exists', effect: 'NoSchedule' }], 0],
  [[taint('a')], [{ key: 'a', operator: 'Exists', tolerationSeconds: 300 }], 300_000],
  [[taint('a')], [{ key: 'a', operator: 'Exists', tolerationSeconds: -1 }], 0],
  [
    [taint('a'), taint('b')],
    [
      { key: 'a', operator: 'Exists', tolerationSeconds: 300 },
      { key: 'b', operator: 'Exists', tolerationSeconds: 20 },
    ],
    20_000,
  ],
  [[taint('a'), taint('b')], [{ key: 'a', operator: 'Exists' }], 0],
]

describe('taints', () => {
  it.each(tolerances)('%j are tolerated by %j for %s ms', (taints, tolerations, expected) => {
    expect(toleratedFor(taints, tolerations)).toBe(expected)
  })

  const tainted = (sinceSeconds: number, taints: readonly Taint[] = [taint('a')], wasDoomed = false) => {
    const tolerations = [{ key: 'a', operator: 'Exists', tolerationSeconds: 300 }]
    const pod = samplePod('p', { spec: { tolerations } })
    return { nowMs: sampleNowMs, pod, taints, sinceMs: sampleNowMs - sinceSeconds * 1000, wasDoomed }
  }
  it('let a pod stay for as long as it tolerates them', () => {
    expect(brief(reconcileTaintedPod(tainted(100)))).toEqual(['requeue 200000'])
  })
  it('then drive it off', () => {
    expect(brief(reconcileTaintedPod(tainted(300)))).toEqual([
      'event TaintManagerEviction: Marking for deletion Pod default/p',
      'patch pods/p/status',
      'delete pods/p',
    ])
  })
  it('that go in time leave it', () => {
    const message = 'event TaintManagerEviction: Cancelling deletion of Pod default/p'
    expect(brief(reconcileTaintedPod(tainted(100, [], true)))).toEqual([message])
  })
})

describe('pods that no kubelet will end', () => {
  const cases: readonly (readonly [string, Parameters<typeof reconcileLeftPod>[0], readonly string[]])[] = [
    [
      'stay while their node is there',
      { nowMs: 0, pod: samplePod('p', { metadata: dying }), node: { state: 'present' } },
      [],
    ],
    [
      'stay while their node is only missed',
      { nowMs: 10_000, pod: samplePod('p'), node: { state: 'missing', sinceMs: 0 } },
      ['requeue 30000'],
    ],
    [
      'go with their node',
      { nowMs: 0, pod: samplePod('p'), node: { state: 'gone' } },
      ['patch pods/p/status', 'delete pods/p'],
    ],
    [
      'go when they never had one',
      { nowMs: 0, pod: samplePod('p', { metadata: dying, spec: { nodeName: '' } }), node: { state: 'present' } },
      ['patch pods/p/status', 'delete pods/p'],
    ],
    [
      'stay on a node out of service unless deleted',
      { nowMs: 0, pod: samplePod('p'), node: { state: 'out-of-service' } },
      [],
    ],
    [
      'go without another word when they have ended',
      {
        nowMs: 0,
        pod: samplePod('p', { metadata: dying, status: { phase: 'Failed' } }),
        node: { state: 'out-of-service' },
      },
      ['delete pods/p'],
    ],
  ]
  it.each(cases)('%s', (_name, state, expected) => {
    expect(brief(reconcileLeftPod(state))).toEqual(expected)
  })

  it('that have ended are kept up to a number: evicted ones go first, then the oldest', () => {
    const ended = (name: string, age: number, reason = '') =>
      samplePod(name, { metadata: { creationTimestamp: secondsAgo(age) }, status: { phase: 'Failed', reason } })
    const pods = [ended('a', 10), ended('b', 30), ended('c', 5, 'Evicted'), ended('d', 20)]
    expect(brief(reconcileTerminatedPods(pods, 2))).toEqual(['delete pods/c', 'delete pods/b'])
  })
})
