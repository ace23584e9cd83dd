import { describe, expect, it } from 'vitest'
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import type { Action } from '../action.ts'
import {
  brief,
  ownedBy,
  sampleDeployment,
  sampleNowMs,
  samplePod,
  sampleReplicaSet,
  secondsAgo,
} from '../sample-objects.ts'
import { deploymentAfterFailure, type ObservedDeployment, reconcileDeployment } from './deployment.ts'
import { newReplicaSetName } from './deployment-template.ts'

const newName = newReplicaSetName(sampleDeployment())
const oldTemplate = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:0' }] } }
type Sizes = Readonly<{
  replicas: number
  available?: number
  revision?: number
  desired?: number
  max?: number
  age?: number
}>

function set(name: string, sizes: Sizes, template?: ReplicaSet['spec']): Stored<ReplicaSet> {
  const { replicas, available = replicas, revision = 1, desired = 3, max = 4, age = 100 } = sizes
  const annotations = {
    'deployment.kubernetes.io/revision': String(revision),
    'deployment.kubernetes.io/desired-replicas': String(desired),
    'deployment.kubernetes.io/max-replicas': String(max),
  }
  return sampleReplicaSet(name, {
    metadata: { annotations, creationTimestamp: secondsAgo(age), ...ownedBy(kinds.deployments, sampleDeployment()) },
    spec: { replicas, ...template },
    status: {
      replicas,
      readyReplicas: available,
      availableReplicas: available,
      observedGeneration: 1,
      terminatingReplicas: 0,
    },
  })
}
const newSet = (sizes: Sizes) => set(newName, { revision: 2, age: 10, ...sizes })
const oldSet = (sizes: Sizes, name = 'web-old') => set(name, sizes, { selector: {}, template: oldTemplate })

function observed(sets: readonly Stored<ReplicaSet>[], deployment = sampleDeployment(), more = {}): ObservedDeployment {
  return { nowMs: sampleNowMs, deployment, replicaSets: sets, pods: [], ...more }
}
function statusOf(actions: readonly Action[]): DeploymentStatus | undefined {
  const action = actions.find(({ type }) => type === 'updateStatus')
  return action?.type === 'updateStatus' ? (action.object.status as DeploymentStatus) : undefined
}
const writes = (state: ObservedDeployment) =>
  brief(reconcileDeployment(state)).filter((line) => !line.startsWith('updateStatus') && !line.startsWith('requeue'))
const sized = (replicas: number, spec: Partial<Deployment['spec']> = {}) =>
  sampleDeployment({ spec: { replicas, ...spec } })
const recreate = { strategy: { type: 'Recreate' } }
const scaled = (name: string, from: number, to: number) =>
  `event ScalingReplicaSet: Scaled ${from < to ? 'up' : 'down'} replica set ${name} from ${from} to ${to}`

const steps: readonly (readonly [string, ObservedDeployment, readonly string[]])[] = [
  ['makes its first ReplicaSet', observed([]), [`create replicasets/${newName}`, scaled(newName, 0, 3)]],
  [
    'makes the next one as large as the surge allows',
    observed([oldSet({ replicas: 3 })]),
    [`create replicasets/${newName}`, scaled(newName, 0, 1)],
  ],
  [
    'shrinks the old one by what is available too much',
    observed([newSet({ replicas: 1 }), oldSet({ replicas: 3 })]),
    ['update replicasets/web-old replicas=2', scaled('web-old', 3, 2)],
  ],
  [
    'waits for new pods to become available',
    observed([newSet({ replicas: 1, available: 0 }), oldSet({ replicas: 3 })]),
    [],
  ],
  [
    'gives unhealthy old pods up first',
    observed(
      [newSet({ replicas: 1, available: 0 }), oldSet({ replicas: 3, available: 1 })],
      sized(3, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } }),
    ),
    ['update replicasets/web-old replicas=2', scaled('web-old', 3, 2)],
  ],
  [
    'takes a ReplicaSet back into use when it is rolled back to',
    observed([set(newName, { replicas: 0, revision: 1, age: 500 }), oldSet({ replicas: 3, revision: 2 })]),
    [`update replicasets/${newName} replicas=1`, scaled(newName, 0, 1)],
  ],
  [
    'scales its only ReplicaSet',
    observed([newSet({ replicas: 3 })], sized(7)),
    [`update replicasets/${newName} replicas=7`, scaled(newName, 3, 7)],
  ],
  [
    'scales in proportion in the midst of a rollout',
    observed(
      [newSet({ replicas: 5, desired: 10, max: 13 }), oldSet({ replicas: 8, desired: 10, max: 13 })],
      sized(20, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } }),
    ),
    [
      `update replicasets/${newName} replicas=9`,
      scaled(newName, 5, 9),
      'update replicasets/web-old replicas=14',
      scaled('web-old', 8, 14),
    ],
  ],
  ['does not roll out while it is paused', observed([oldSet({ replicas: 3 })], sized(3, { paused: true })), []],
  [
    'scales while it is paused',
    observed([oldSet({ replicas: 3 })], sized(5, { paused: true })),
    ['update replicasets/web-old replicas=5', scaled('web-old', 3, 5)],
  ],
  [
    'with Recreate empties the old ReplicaSet first',
    observed([oldSet({ replicas: 3 })], sized(3, recreate)),
    ['update replicasets/web-old replicas=0', scaled('web-old', 3, 0)],
  ],
  [
    'with Recreate waits for the last old pod',
    observed([oldSet({ replicas: 0 })], sized(3, recreate), {
      pods: [samplePod('a', { metadata: ownedBy(kinds.replicaSets, oldSet({ replicas: 0 })) })],
    }),
    [],
  ],
  [
    'with Recreate makes the new one when nothing old is left',
    observed([oldSet({ replicas: 0 })], sized(3, recreate)),
    [`create replicasets/${newName}`, scaled(newName, 0, 3)],
  ],
]

describe('a Deployment', () => {
  it.each(steps)('%s', (_name, state, expected) => {
    expect(writes(state)).toEqual(expected)
  })

  it('gives its ReplicaSet the template, a hash, the next revision and its own annotations', () => {
    const deployment = sampleDeployment({
      metadata: { annotations: { team: 'a', 'kubectl.kubernetes.io/last-applied-configuration': '{}' } },
    })
    const [create] = reconcileDeployment(observed([oldSet({ replicas: 3, revision: 7 })], deployment))
    const hash = newName.slice('web-'.length)
    const labels = { app: 'web', 'pod-template-hash': hash }
    expect(create).toMatchObject({
      object: {
        metadata: { labels, ownerReferences: [{ uid: 'uid-web' }] },
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } },
      },
    })
    expect(create?.type === 'create' && create.object.metadata).toMatchObject({
      annotations: {
        team: 'a',
        'deployment.kubernetes.io/revision': '8',
        'deployment.kubernetes.io/desired-replicas': '3',
        'deployment.kubernetes.io/max-replicas': '4',
      },
    })
    expect(
      create?.type === 'create' && Object.keys((create.object.metadata as { annotations?: object }).annotations ?? {}),
    ).toHaveLength(4)
  })

  it('shows the revision of its newest ReplicaSet, along with its status', () => {
    const shown = (deployment: Stored<Deployment>) => {
      const actions = reconcileDeployment(observed([newSet({ replicas: 3 })], deployment))
      const written = actions.find(({ type }) => type === 'updateStatus')
      return written?.type === 'updateStatus' ? written.object.metadata.annotations : undefined
    }
    expect(shown(sampleDeployment())).toEqual({ 'deployment.kubernetes.io/revision': '2' })
  })

  it('keeps the history of revisions when it rolls back', () => {
    const [write] = reconcileDeployment(observed([set(newName, { replicas: 0 }), oldSet({ replicas: 3, revision: 2 })]))
    expect(write?.type === 'update' && write.object.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    })
  })

  it('has a hash that depends on the template and the collisions, and on nothing else', () => {
    const reordered = {
      spec: { containers: [{ image: 'web:1', name: 'web' }], volumes: [] },
      metadata: { labels: { app: 'web' } },
    }
    expect(newReplicaSetName(sampleDeployment({ spec: { template: reordered } }))).toBe(newName)
    expect(newReplicaSetName(sampleDeployment({ spec: { template: oldTemplate } }))).not.toBe(newName)
    expect(newReplicaSetName(sampleDeployment({ status: { collisionCount: 1 } }))).not.toBe(newName)
    expect(newName).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{1,10}$/)
  })

  it('takes another name when its own is taken', () => {
    const actions = reconcileDeployment(
      observed([], sampleDeployment(), { occupant: oldSet({ replicas: 1 }, newName) }),
    )
    expect(brief(actions)).toEqual(['updateStatus deployments/web'])
    expect(statusOf(actions)?.collisionCount).toBe(1)
  })

  it('deletes old ReplicaSets beyond its history limit, the oldest revisions first, once it is complete', () => {
    const done = { updatedReplicas: 3, replicas: 3, availableReplicas: 3, observedGeneration: 1 }
    const deployment = sampleDeployment({ spec: { revisionHistoryLimit: 1 }, status: done })
    const olds = [5, 2, 3].map((revision) => oldSet({ replicas: 0, revision }, `web-r${revision}`))
    const state = observed([newSet({ replicas: 3, revision: 6 }), ...olds], deployment)
    expect(writes(state)).toEqual(['delete replicasets/web-r2', 'delete replicasets/web-r3'])
    expect(writes({ ...state, deployment: sampleDeployment({ spec: { revisionHistoryLimit: 1 } }) })).toEqual([])
  })

  it('tells of a ReplicaSet that could not be made', () => {
    const state = observed([])
    const [action] = reconcileDeployment(state)
    if (action === undefined) throw new Error('nothing to do')
    const actions = deploymentAfterFailure(state, { action, status: { code: 422, message: 'bad' } })
    const message = `Failed to create new replica set "${newName}": bad`
    expect(brief(actions)).toEqual(['updateStatus deployments/web', `event ReplicaSetCreateError: ${message}`])
    expect(statusOf(actions)?.conditions).toMatchObject([{ type: 'Progressing', status: 'False', message }])
  })
})

const progressing = (reason: string, agoSeconds: number, status = 'True') => ({
  type: 'Progressing',
  status,
  reason,
  message: 'm',
  lastUpdateTime: secondsAgo(agoSeconds),
  lastTransitionTime: secondsAgo(900),
})
const counts = {
  replicas: 4,
  updatedReplicas: 1,
  readyReplicas: 3,
  availableReplicas: 3,
  unavailableReplicas: 1,
  observedGeneration: 1,
}
const rolling = [newSet({ replicas: 1, available: 0 }), oldSet({ replicas: 3 })]

const progress: readonly (readonly [string, ObservedDeployment, object])[] = [
  [
    'a new ReplicaSet',
    observed([]),
    { status: 'True', reason: 'NewReplicaSetCreated', message: `Created new replica set "${newName}"` },
  ],
  [
    'one that it found',
    observed(rolling, sampleDeployment({ status: counts })),
    { status: 'True', reason: 'FoundNewReplicaSet', message: `Found new replica set "${newName}"` },
  ],
  [
    'progress, and moves the time of the last',
    observed(
      rolling,
      sampleDeployment({
        status: { ...counts, updatedReplicas: 0, conditions: [progressing('ReplicaSetUpdated', 30)] },
      }),
    ),
    {
      reason: 'ReplicaSetUpdated',
      message: `ReplicaSet "${newName}" is progressing.`,
      lastUpdateTime: secondsAgo(0),
      lastTransitionTime: secondsAgo(900),
    },
  ],
  [
    'success',
    observed(
      [newSet({ replicas: 3 })],
      sampleDeployment({ status: { conditions: [progressing('ReplicaSetUpdated', 30)] } }),
    ),
    {
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "${newName}" has successfully progressed.`,
    },
  ],
  [
    'that the deadline has passed',
    observed(rolling, sampleDeployment({ status: { ...counts, conditions: [progressing('ReplicaSetUpdated', 601)] } })),
    {
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `ReplicaSet "${newName}" has timed out progressing.`,
    },
  ],
  [
    'that it is paused',
    observed(
      rolling,
      sampleDeployment({ spec: { paused: true }, status: { conditions: [progressing('ReplicaSetUpdated', 700)] } }),
    ),
    { status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' },
  ],
  [
    'that it is resumed, without having timed out meanwhile',
    observed(
      rolling,
      sampleDeployment({ status: { ...counts, conditions: [progressing('DeploymentPaused', 9999, 'Unknown')] } }),
    ),
    { status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' },
  ],
]

describe('the status of a Deployment', () => {
  it.each(progress)('tells of %s', (_name, state, expected) => {
    const conditions = statusOf(reconcileDeployment(state))?.conditions ?? []
    expect(conditions.find(({ type }) => type === 'Progressing')).toMatchObject(expected)
  })

  it.each([
    ['True', 'MinimumReplicasAvailable', 3],
    ['False', 'MinimumReplicasUnavailable', 1],
  ])('is available: %s', (status, reason, available) => {
    const state = observed([newSet({ replicas: 3, available })])
    const conditions = statusOf(reconcileDeployment(state))?.conditions ?? []
    expect(conditions.find(({ type }) => type === 'Available')).toMatchObject({ status, reason })
  })

  it('settles: what is written once is not written again', () => {
    const state = observed([newSet({ replicas: 3 })])
    const status = statusOf(reconcileDeployment(state))
    const annotations = { 'deployment.kubernetes.io/revision': '2' }
    const settled = sampleDeployment({ metadata: { annotations }, ...(status && { status }) })
    expect(reconcileDeployment({ ...state, deployment: settled })).toEqual([])
  })

  it('looks again at its deadline, and at nothing when it has none', () => {
    const state = observed(
      rolling,
      sampleDeployment({ status: { ...counts, conditions: [progressing('ReplicaSetUpdated', 100)] } }),
    )
    expect(brief(reconcileDeployment(state)).at(-1)).toBe('requeue 501000')
    const endless = { ...state, deployment: sized(3, { progressDeadlineSeconds: 2 ** 31 - 1 }) }
    expect(brief(reconcileDeployment(endless)).filter((line) => line.startsWith('requeue'))).toEqual([])
    expect(statusOf(reconcileDeployment(endless))?.conditions?.map(({ type }) => type)).toEqual(['Available'])
  })
})
