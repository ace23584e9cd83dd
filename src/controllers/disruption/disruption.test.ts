import { describe, expect, it } from 'vitest'
import type { Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import {
  ownedBy,
  readyStatus,
  sampleMeta,
  sampleNowMs,
  samplePod,
  sampleReplicaSet,
  secondsAgo,
} from '../sample-objects.ts'
import { type ObservedBudget, reconcileBudget } from './disruption.ts'

const labels = { app: 'web' }
const owner = sampleReplicaSet('web')

function budgetOf(spec: PodDisruptionBudget['spec'], status?: PodDisruptionBudgetStatus): Stored<PodDisruptionBudget> {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: sampleMeta('budget', { generation: 1 }),
    spec: { selector: { matchLabels: labels }, ...spec },
    ...(status === undefined ? {} : { status }),
  } as Stored<PodDisruptionBudget>
}

function pod(name: string, isReady = true, metadata: object = ownedBy(kinds.replicaSets, owner)): Stored<Pod> {
  return samplePod(name, { metadata: { labels, ...metadata }, status: readyStatus(300, isReady ? 'True' : 'False') })
}

function statusOf(observed: Partial<ObservedBudget> & Pick<ObservedBudget, 'budget' | 'pods'>): unknown {
  const scaleOf = () => ({ uid: owner.metadata.uid, replicas: 4 })
  const actions = reconcileBudget({ nowMs: sampleNowMs, scaleOf, ...observed })
  const action = actions.find(({ type }) => type === 'updateStatus')
  return action?.type === 'updateStatus' ? action.object.status : undefined
}

const three = [pod('a'), pod('b'), pod('c', false)]
const counts = (currentHealthy: number, desiredHealthy: number, expectedPods: number, disruptionsAllowed: number) => ({
  currentHealthy,
  desiredHealthy,
  expectedPods,
  disruptionsAllowed,
})

const cases: readonly (readonly [string, PodDisruptionBudget['spec'], readonly Stored<Pod>[], object])[] = [
  ['a number that must stay', { minAvailable: 1 }, three, counts(2, 1, 3, 1)],
  ['more than there are', { minAvailable: 5 }, three, counts(2, 5, 3, 0)],
  ['a share of what is wanted, rounded up', { minAvailable: '30%' }, three, counts(2, 2, 4, 0)],
  ['a number that may be missing', { maxUnavailable: 3 }, three, counts(2, 1, 4, 1)],
  ['a share that may be missing, rounded up', { maxUnavailable: '60%' }, three, counts(2, 1, 4, 1)],
  ['nothing at all', {}, three, counts(2, 0, 0, 0)],
  [
    'pods that end are not healthy',
    { minAvailable: 1 },
    [pod('a'), pod('b', true, { deletionTimestamp: secondsAgo(1) })],
    counts(1, 1, 2, 0),
  ],
]

describe('a PodDisruptionBudget', () => {
  it.each(cases)('counts %s', (_name, spec, pods, expected) => {
    expect(statusOf({ budget: budgetOf(spec), pods })).toMatchObject(expected)
  })

  it('tells whether pods may be evicted', () => {
    const conditionOf = (spec: PodDisruptionBudget['spec']): unknown =>
      (statusOf({ budget: budgetOf(spec), pods: three }) as PodDisruptionBudgetStatus).conditions?.[0]
    expect(conditionOf({ minAvailable: 1 })).toMatchObject({ status: 'True', reason: 'SufficientPods' })
    expect(conditionOf({ minAvailable: 2 })).toMatchObject({ status: 'False', reason: 'InsufficientPods' })
  })

  it('counts an evicted pod as gone until it has had time to go', () => {
    const since = (seconds: number): unknown => {
      const status = { ...counts(2, 1, 3, 1), disruptedPods: { a: secondsAgo(seconds), gone: secondsAgo(1) } }
      return statusOf({ budget: budgetOf({ minAvailable: 1 }, status), pods: three })
    }
    expect(since(10)).toMatchObject({ currentHealthy: 1, disruptionsAllowed: 0, disruptedPods: { a: secondsAgo(10) } })
    expect(since(121)).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1 })
  })

  it('lets nobody go where it cannot count', () => {
    const status = statusOf({ budget: budgetOf({ maxUnavailable: 1 }), pods: three, scaleOf: () => undefined })
    expect(status).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [{ status: 'False', reason: 'SyncFailed', message: 'found no controllers for pod "a"' }],
    })
  })

  it('writes no status that is there already', () => {
    const budget = budgetOf({ minAvailable: 1 })
    const status = statusOf({ budget, pods: three }) as PodDisruptionBudgetStatus
    expect(statusOf({ budget: budgetOf({ minAvailable: 1 }, status), pods: three })).toBeUndefined()
  })

  it('warns of pods that nobody controls', () => {
    const observed = {
      nowMs: sampleNowMs,
      budget: budgetOf({ maxUnavailable: 1 }),
      pods: [pod('a', true, {})],
      scaleOf: () => undefined,
    }
    expect(reconcileBudget(observed)).toContainEqual(expect.objectContaining({ reason: 'UnmanagedPods' }))
  })
})
