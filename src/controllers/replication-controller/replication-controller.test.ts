import { expect, it } from 'vitest'
import { kinds } from '../../api/kinds.ts'
import { ownedBy, readyStatus, sampleMeta, sampleNowMs, samplePod } from '../sample-objects.ts'
import { reconcileReplicationController, replicationControllerAfterFailure } from './replication-controller.ts'

const labels = { app: 'web' }
const controller = {
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: sampleMeta('rc', { generation: 1 }),
  spec: { replicas: 2, selector: labels, template: { metadata: { labels }, spec: { containers: [{ name: 'c' }] } } },
  status: { replicas: 0 },
}
const pod = samplePod('a', {
  metadata: { labels, ...ownedBy(kinds.replicationControllers, controller) },
  status: readyStatus(),
})
const observed = { nowMs: sampleNowMs, controller, pods: [pod], relatedPods: [pod] }

it('keeps as many pods as a ReplicaSet would, as its own', () => {
  const [create, status] = reconcileReplicationController(observed)
  expect(create).toMatchObject({
    type: 'create',
    object: {
      metadata: { generateName: 'rc-', ownerReferences: [{ apiVersion: 'v1', kind: 'ReplicationController' }] },
    },
  })
  expect(status).toMatchObject({
    type: 'updateStatus',
    kind: kinds.replicationControllers,
    object: { spec: { selector: labels } },
  })
  expect(status).toHaveProperty('object.status', {
    replicas: 1,
    fullyLabeledReplicas: 1,
    readyReplicas: 1,
    availableReplicas: 1,
    observedGeneration: 1,
  })
})

it('writes no status that is there already', () => {
  const status = { replicas: 1, fullyLabeledReplicas: 1, readyReplicas: 1, availableReplicas: 1, observedGeneration: 1 }
  const settled = { ...controller, spec: { ...controller.spec, replicas: 1 }, status }
  expect(reconcileReplicationController({ ...observed, controller: settled })).toEqual([])
})

it('adopts an orphan by its map of labels', () => {
  const orphan = samplePod('b', { metadata: { labels } })
  expect(reconcileReplicationController({ ...observed, pods: [pod, orphan] })[0]).toMatchObject({
    type: 'patch',
    whileAlive: { kind: kinds.replicationControllers, uid: 'uid-rc' },
  })
})

it('tells that pods could not be made', () => {
  const [create] = reconcileReplicationController(observed)
  if (create === undefined) throw new Error('nothing to do')
  const actions = replicationControllerAfterFailure(observed, {
    action: create,
    status: { code: 403, message: 'quota' },
  })
  expect(actions).toMatchObject([
    { object: { status: { conditions: [{ type: 'ReplicaFailure', reason: 'FailedCreate', message: 'quota' }] } } },
  ])
})
