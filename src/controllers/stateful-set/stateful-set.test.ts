import { describe, expect, it } from 'vitest'
import type { Pod, StatefulSetSpec, StatefulSetStatus } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import type { Action } from '../action.ts'
import { revisionsOf } from '../controller-revision.ts'
import { ownedBy, readyStatus, sampleMeta, sampleNowMs, samplePod, secondsAgo } from '../sample-objects.ts'
import { type ObservedStatefulSet, reconcileStatefulSet } from './stateful-set.ts'
import { podNameLabel, revisionLabel, type SetObject } from './stateful-set-pods.ts'

const labels = { app: 'web' }
const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } }
const oldTemplate = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:0' }] } }

function setOf(spec: Partial<StatefulSetSpec> = {}, status: Partial<StatefulSetStatus> = {}): SetObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: sampleMeta('web', { generation: 1 }),
    spec: {
      replicas: 3,
      serviceName: 'web',
      selector: { matchLabels: labels },
      template,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...spec,
    },
    status: { replicas: 0, ...status },
  }
}

const newest = revisionOf(setOf())
const older = revisionOf(setOf({ template: oldTemplate }))

function revisionOf(set: SetObject) {
  const [made] = revisionsOf(kinds.statefulSets, set, [], 'controller.kubernetes.io/hash').actions
  if (made?.type !== 'create') throw new Error('no revision')
  const { name = '', labels: own } = made.object.metadata as { name?: string; labels?: Record<string, string> }
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    ...(made.object as object),
    metadata: sampleMeta(name, { ...(own && { labels: own }) }),
  } as Stored<{
    revision: number
  }>
}

type Of = Readonly<{ revision?: string; ready?: boolean; phase?: string; dying?: boolean; unlabelled?: boolean }>

function pod(
  ordinal: number,
  { revision = newest.metadata.name, ready = true, phase = 'Running', dying = false, unlabelled = false }: Of = {},
): Stored<Pod> {
  const name = `web-${ordinal}`
  return samplePod(name, {
    metadata: {
      ...ownedBy(kinds.statefulSets, setOf()),
      labels: { ...labels, [revisionLabel]: revision, ...(unlabelled ? {} : { [podNameLabel]: name }) },
      ...(dying ? { deletionTimestamp: secondsAgo(1) } : {}),
    },
    status: { phase, ...readyStatus(300, ready ? 'True' : 'False') },
  })
}

function observed(
  set: SetObject,
  pods: readonly Stored<Pod>[],
  more: Partial<ObservedStatefulSet> = {},
): ObservedStatefulSet {
  return { nowMs: sampleNowMs, set, pods, revisions: [{ ...newest, revision: 1 }], claimOf: () => undefined, ...more }
}

function told(actions: readonly Action[]): readonly string[] {
  return actions.flatMap((action) => {
    if (action.type === 'create') return [`create ${action.kind.plural}/${action.object.metadata.name}`]
    if (action.type === 'delete') return [`delete ${action.target.kind.plural}/${action.target.name}`]
    if (action.type === 'update') return [`update ${action.kind.plural}/${action.object.metadata.name}`]
    return []
  })
}

const oldName = older.metadata.name
const both = [
  { ...older, revision: 1 },
  { ...newest, revision: 2 },
]
const updating = { revisions: both }
const onOld = { currentRevision: oldName }
const rolling = (rollingUpdate: object) => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } })
const parallel = { podManagementPolicy: 'Parallel' }
const withClaims = { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }] }

const cases: readonly (readonly [string, ObservedStatefulSet, readonly string[]])[] = [
  [
    'writes down its first revision, then makes the first pod alone',
    observed(setOf(), [], { revisions: [] }),
    [`create controllerrevisions/${newest.metadata.name}`, 'create pods/web-0'],
  ],
  ['makes the next when all before are ready', observed(setOf(), [pod(0)]), ['create pods/web-1']],
  ['waits for one that is not ready', observed(setOf(), [pod(0, { ready: false })]), []],
  ['waits for one that ends', observed(setOf(), [pod(0, { dying: true })]), []],
  ['fills a gap first', observed(setOf(), [pod(0), pod(2)]), ['create pods/web-1']],
  ['waits until a ready pod is available', observed(setOf({ minReadySeconds: 600 }), [pod(0)]), []],
  [
    'makes all at once in parallel',
    observed(setOf(parallel), []),
    ['create pods/web-0', 'create pods/web-1', 'create pods/web-2'],
  ],
  [
    'begins at its first ordinal',
    observed(setOf({ ordinals: { start: 5 }, replicas: 2 }), [pod(5)]),
    ['create pods/web-6'],
  ],
  ['makes room for a pod that has failed', observed(setOf(), [pod(0, { phase: 'Failed' })]), ['delete pods/web-0']],
  ['gives up the last pod first', observed(setOf({ replicas: 1 }), [pod(0), pod(1), pod(2)]), ['delete pods/web-2']],
  [
    'gives up one that is not well only where it is the first such',
    observed(setOf({ replicas: 1 }), [pod(0), pod(1, { ready: false }), pod(2, { ready: false })]),
    [],
  ],
  [
    'gives up all at once in parallel',
    observed(setOf({ ...parallel, replicas: 0 }), [pod(0), pod(1)]),
    ['delete pods/web-1', 'delete pods/web-0'],
  ],
  [
    'updates from the last',
    observed(
      setOf({}, onOld),
      [pod(0, { revision: oldName }), pod(1, { revision: oldName }), pod(2, { revision: oldName })],
      updating,
    ),
    ['delete pods/web-2'],
  ],
  [
    'updates the next when the last is ready',
    observed(setOf({}, onOld), [pod(0, { revision: oldName }), pod(1, { revision: oldName }), pod(2)], updating),
    ['delete pods/web-1'],
  ],
  [
    'waits for an updated one that is not ready',
    observed(
      setOf(parallel, onOld),
      [pod(0, { revision: oldName }), pod(1, { revision: oldName }), pod(2, { ready: false })],
      updating,
    ),
    [],
  ],
  [
    'keeps what is below the partition',
    observed(
      setOf(rolling({ partition: 2 }), onOld),
      [pod(0, { revision: oldName }), pod(1, { revision: oldName }), pod(2)],
      updating,
    ),
    [],
  ],
  [
    'updates as many at once as may be unavailable',
    observed(
      setOf(rolling({ maxUnavailable: 2 }), onOld),
      [pod(0, { revision: oldName }), pod(1, { revision: oldName }), pod(2, { revision: oldName })],
      updating,
    ),
    ['delete pods/web-2', 'delete pods/web-1'],
  ],
  [
    'leaves old pods on delete',
    observed(
      setOf({ updateStrategy: { type: 'OnDelete' } }, onOld),
      [pod(0, { revision: oldName }), pod(1), pod(2)],
      updating,
    ),
    [],
  ],
  [
    'makes claims before their pod',
    observed(setOf({ ...withClaims, replicas: 1 }), []),
    ['create persistentvolumeclaims/data-web-0', 'create pods/web-0'],
  ],
  [
    'gives back a label that was taken away',
    observed(setOf({ replicas: 1 }), [pod(0, { unlabelled: true })]),
    ['update pods/web-0'],
  ],
  [
    'does nothing while it is being deleted',
    observed({ ...setOf(), metadata: sampleMeta('web', { deletionTimestamp: secondsAgo(1) }) }, [pod(0)]),
    [],
  ],
  [
    'trims revisions that nobody is of',
    observed(setOf({ revisionHistoryLimit: 0 }), [pod(0), pod(1), pod(2)], updating),
    [`delete controllerrevisions/${oldName}`],
  ],
]

describe('a StatefulSet', () => {
  it.each(cases)('%s', (_name, state, expected) => {
    expect(told(reconcileStatefulSet(state))).toEqual(expected)
  })

  it('names each pod, its host and its claims by its number', () => {
    const made = reconcileStatefulSet(observed(setOf(withClaims), [])).find(
      (action) => action.type === 'create' && action.kind.kind === 'Pod',
    )
    expect(made).toMatchObject({
      object: {
        metadata: {
          name: 'web-0',
          labels: {
            app: 'web',
            'statefulset.kubernetes.io/pod-name': 'web-0',
            'apps.kubernetes.io/pod-index': '0',
            'controller-revision-hash': newest.metadata.name,
          },
        },
        spec: {
          hostname: 'web-0',
          subdomain: 'web',
          volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-web-0' } }],
        },
      },
    })
  })

  it('makes pods below the partition of the revision that it started from', () => {
    const state = observed(setOf(rolling({ partition: 1 }), onOld), [], updating)
    const made = reconcileStatefulSet(state).find((action) => action.type === 'create')
    expect(made).toMatchObject({ object: { spec: { containers: [{ image: 'web:0' }] } } })
  })

  it('counts its pods, and is done with an update when all are new and ready', () => {
    const status = (pods: readonly Stored<Pod>[]): unknown => {
      const action = reconcileStatefulSet(observed(setOf({}, onOld), pods, updating)).find(
        ({ type }) => type === 'updateStatus',
      )
      return action?.type === 'updateStatus' ? action.object.status : undefined
    }
    expect(status([pod(0, { revision: oldName }), pod(1), pod(2, { ready: false })])).toMatchObject({
      ...{ replicas: 3, readyReplicas: 2, availableReplicas: 2, currentReplicas: 1, updatedReplicas: 2 },
      ...{ currentRevision: oldName, updateRevision: newest.metadata.name, collisionCount: 0 },
    })
    expect(status([pod(0), pod(1), pod(2)])).toMatchObject({
      currentReplicas: 3,
      currentRevision: newest.metadata.name,
    })
  })

  it('lets claims go with the set or with the pod, as its policy says', () => {
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: sampleMeta('data-web-0') }
    const owners = (whenDeleted: string, whenScaled: string, replicas: number): readonly string[] => {
      const policy = { persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } }
      const state = observed(setOf({ ...withClaims, ...policy, replicas }), [volumed(pod(0))], {
        claimOf: () => claim as never,
      })
      const action = reconcileStatefulSet(state).find((one) => one.type === 'update' && one.kind.kind !== 'Pod')
      const references = action?.type === 'update' ? (action.object.metadata.ownerReferences ?? []) : []
      return references.map(({ kind }) => kind)
    }
    expect(owners('Retain', 'Retain', 1)).toEqual([])
    expect(owners('Delete', 'Retain', 1)).toEqual(['StatefulSet'])
    expect(owners('Delete', 'Delete', 0)).toEqual(['Pod'])
    expect(owners('Retain', 'Delete', 1)).toEqual([])
  })
})

function volumed(of: Stored<Pod>): Stored<Pod> {
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data-web-0' } }]
  return { ...of, spec: { ...of.spec, volumes } }
}
