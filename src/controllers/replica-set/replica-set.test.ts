import { describe, expect, it } from 'vitest'
import type { Pod, ReplicaSetStatus } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import type { Action } from '../action.ts'
import { brief, ownedBy, readyStatus, sampleNowMs, samplePod, sampleReplicaSet, secondsAgo } from '../sample-objects.ts'
import { type ObservedReplicaSet, reconcileReplicaSet, replicaSetAfterFailure } from './replica-set.ts'

const owner = sampleReplicaSet('web')
const labels = { app: 'web' }
const owned = (name: string, more: Parameters<typeof samplePod>[1] = {}) =>
  samplePod(name, { ...more, metadata: { labels, ...ownedBy(kinds.replicaSets, owner), ...more.metadata } })

function observed(replicas: number, pods: readonly Stored<Pod>[], more: Partial<ObservedReplicaSet> = {}) {
  const replicaSet = sampleReplicaSet('web', { spec: { replicas } })
  return { nowMs: sampleNowMs, replicaSet, pods, relatedPods: pods, ...more }
}

function statusOf(actions: readonly Action[]): ReplicaSetStatus | undefined {
  const action = actions.find(({ type }) => type === 'updateStatus')
  return action?.type === 'updateStatus' ? (action.object.status as ReplicaSetStatus) : undefined
}

const changes: readonly (readonly [string, ObservedReplicaSet, readonly string[]])[] = [
  ['makes what is missing', observed(2, []), ['create pods', 'create pods']],
  ['deletes what is too much', observed(0, [owned('a')]), ['delete pods/a']],
  [
    'counts neither ended nor ending pods',
    observed(1, [
      owned('a', { status: { phase: 'Failed' } }),
      owned('b', { metadata: { deletionTimestamp: secondsAgo(1) } }),
    ]),
    ['create pods'],
  ],
  ['adopts an orphan that matches', observed(1, [samplePod('a', { metadata: { labels } })]), ['patch pods/a']],
  [
    'leaves an orphan that does not match',
    observed(1, [samplePod('a', { metadata: { labels: { app: 'other' } } })]),
    ['create pods'],
  ],
  [
    'leaves an orphan that is being deleted',
    observed(1, [samplePod('a', { metadata: { labels, deletionTimestamp: secondsAgo(1) } })]),
    ['create pods'],
  ],
  [
    'releases what it no longer matches',
    observed(1, [owned('a', { metadata: { labels: { app: 'other' } } })]),
    ['patch pods/a', 'create pods'],
  ],
  [
    'does nothing while it is being deleted',
    observed(3, [samplePod('a', { metadata: { labels } })], {
      replicaSet: sampleReplicaSet('web', { spec: { replicas: 3 }, metadata: { deletionTimestamp: secondsAgo(1) } }),
    }),
    [],
  ],
]

describe('a ReplicaSet', () => {
  it.each(changes)('%s', (_name, state, expected) => {
    const actions = reconcileReplicaSet(state).filter(({ type }) => type !== 'updateStatus')
    expect(brief(actions)).toEqual(expected)
  })

  it('makes pods from its template, owned by it, and reports each', () => {
    const [action] = reconcileReplicaSet(observed(1, []))
    expect(action).toMatchObject({
      type: 'create',
      object: {
        metadata: {
          generateName: 'web-',
          namespace: 'default',
          labels,
          ownerReferences: [{ uid: 'uid-web', controller: true }],
        },
        spec: { containers: [{ name: 'web' }] },
      },
      report: { done: { reason: 'SuccessfulCreate', message: 'Created pod: ' } },
    })
  })

  it('adopts only while it still lives', () => {
    const [action] = reconcileReplicaSet(observed(1, [samplePod('a', { metadata: { labels } })]))
    expect(action).toMatchObject({ whileAlive: { uid: 'uid-web' }, patch: { body: { metadata: { uid: 'uid-a' } } } })
  })

  it('makes at most 500 pods in one go', () => {
    expect(reconcileReplicaSet(observed(2000, [])).filter(({ type }) => type === 'create')).toHaveLength(500)
  })

  it('tells counts of replicas, ready and available ones, and of those that are ending', () => {
    const pods = [
      owned('a', { status: readyStatus(300) }),
      owned('b', { status: readyStatus(10) }),
      owned('c', { status: readyStatus(10, 'False') }),
      owned('d', { metadata: { deletionTimestamp: secondsAgo(1) } }),
    ]
    const replicaSet = sampleReplicaSet('web', { spec: { replicas: 3, minReadySeconds: 60 } })
    const actions = reconcileReplicaSet(observed(3, pods, { replicaSet }))
    expect(statusOf(actions)).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 2,
      availableReplicas: 1,
      terminatingReplicas: 1,
      observedGeneration: 1,
    })
    expect(brief(actions).at(-1)).toBe('requeue 50000')
  })

  it('writes no status that is there already', () => {
    const pods = [owned('a', { status: readyStatus() })]
    const first = statusOf(reconcileReplicaSet(observed(1, pods)))
    const replicaSet = sampleReplicaSet('web', { ...(first && { status: first }) })
    expect(reconcileReplicaSet(observed(1, pods, { replicaSet }))).toEqual([])
  })

  it('says that it cannot make pods, once, until it can', () => {
    const state = observed(1, [])
    const [create] = reconcileReplicaSet(state)
    if (create === undefined) throw new Error('nothing to do')
    const failure = { action: create, status: { code: 403, message: 'quota' } }
    const status = statusOf(replicaSetAfterFailure(state, failure))
    const condition = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota' }
    expect(status?.conditions).toMatchObject([condition])
    const failing = observed(1, [], { replicaSet: sampleReplicaSet('web', { ...(status && { status }) }) })
    expect(replicaSetAfterFailure(failing, { action: create, status: { code: 403, message: 'other' } })).toEqual([])
    expect(statusOf(reconcileReplicaSet(failing))?.conditions).toBeUndefined()
  })
})

/** The first of the two must go. */
const ranking: readonly (readonly [string, Stored<Pod>, Stored<Pod>])[] = [
  ['unassigned', owned('z', { spec: { nodeName: '' } }), owned('a')],
  ['pending', owned('z', { status: { phase: 'Pending' } }), owned('a')],
  ['unready', owned('z', { status: readyStatus(9, 'False') }), owned('a', { status: readyStatus() })],
  [
    'cheaper to delete',
    owned('z', { metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-5' } } }),
    owned('a'),
  ],
  ['ready for less time', owned('z', { status: readyStatus(10) }), owned('a', { status: readyStatus(1000) })],
  [
    'restarted more often',
    owned('z', {
      status: { containerStatuses: [{ name: 'web', image: '', imageID: '', ready: false, restartCount: 3 }] },
    }),
    owned('a'),
  ],
  ['newer', owned('z', { metadata: { creationTimestamp: secondsAgo(5) } }), owned('a')],
  [
    'of about the same age, by uid',
    owned('a', { metadata: { creationTimestamp: secondsAgo(600) } }),
    owned('b', { metadata: { creationTimestamp: secondsAgo(601) } }),
  ],
]

describe('of too many pods', () => {
  it.each(ranking)('the one that is %s goes first', (_name, first, second) => {
    for (const pods of [
      [first, second],
      [second, first],
    ]) {
      expect(brief(reconcileReplicaSet(observed(1, pods)))[0]).toBe(`delete pods/${first.metadata.name}`)
    }
  })

  it('one that shares its node with more of its siblings goes first', () => {
    const crowded = owned('z', { spec: { nodeName: 'n2' } })
    const sibling = samplePod('s', { spec: { nodeName: 'n2' } })
    const actions = reconcileReplicaSet(
      observed(1, [owned('a'), crowded], { relatedPods: [owned('a'), crowded, sibling] }),
    )
    expect(brief(actions)[0]).toBe('delete pods/z')
  })
})
