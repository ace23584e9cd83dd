import { describe, expect, it } from 'vitest'
import type { Pod, ResourceClaimTemplate } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { allocationFinalizer, type Claim, podClaimAnnotation } from '../../api/resource-claim.ts'
import type { Action } from '../action.ts'
import { ownedBy, sampleMeta, samplePod } from '../sample-objects.ts'
import { reconcileClaimUse } from './claim-use.ts'
import { type ObservedPodClaims, reconcilePodClaims } from './pod-claims.ts'

const pod = samplePod('web', {
  spec: { nodeName: '', resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'gpus' }] },
})
const template: Stored<ResourceClaimTemplate> = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaimTemplate',
  metadata: sampleMeta('gpus'),
  spec: { metadata: { labels: { a: 'b' } }, spec: { devices: { requests: [{ name: 'one' }] } } },
}

function claim(status: Claim['status'] = {}, metadata: object = {}): Claim {
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: sampleMeta('web-gpu-1', {
      ...ownedBy(kinds.pods, pod),
      annotations: { [podClaimAnnotation]: 'gpu' },
      ...metadata,
    }),
    spec: {},
    status: status ?? {},
  }
}

function forPod(more: Partial<ObservedPodClaims>): readonly Action[] {
  return reconcilePodClaims({ pod, templates: new Map([['gpus', template]]), own: [], named: new Map(), ...more })
}

describe('a pod with a claim template', () => {
  it('gets a claim of its own, and is told its name', () => {
    expect(forPod({})).toMatchObject([
      {
        type: 'create',
        object: {
          metadata: { generateName: 'web-gpu-', labels: { a: 'b' }, annotations: { [podClaimAnnotation]: 'gpu' } },
          spec: { devices: { requests: [{ name: 'one' }] } },
        },
      },
    ])
    const names = { status: { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'web-gpu-1' }] } }
    expect(forPod({ own: [claim()] })).toMatchObject([{ type: 'patch', patch: { body: names } }])
    const told: Stored<Pod> = { ...pod, status: { ...pod.status, ...names.status } }
    expect(forPod({ pod: told, own: [claim()] })).toEqual([])
  })

  it('hears of a template that there is not', () => {
    expect(forPod({ templates: new Map() })).toMatchObject([
      {
        reason: 'FailedResourceClaimCreation',
        message:
          'PodResourceClaim gpu: resource claim template "gpus": resourceclaimtemplate.resource.k8s.io "gpus" not found',
      },
    ])
  })

  it('has what is allocated reserved where its node was not the scheduler’s choice', () => {
    const bound = samplePod('web', { spec: { resourceClaims: [{ name: 'gpu', resourceClaimName: 'mine' }] } })
    const named = new Map([['mine', claim({ allocation: {} })]])
    expect(forPod({ pod: bound, named })).toMatchObject([
      {
        type: 'updateStatus',
        object: { status: { reservedFor: [{ resource: 'pods', name: 'web', uid: 'uid-web' }] } },
      },
    ])
  })
})

describe('a claim', () => {
  const user = { resource: 'pods', name: 'web', uid: 'uid-web' }
  const used = (status: NonNullable<Claim['status']>, pods: readonly Stored<Pod>[], metadata: object = {}) =>
    reconcileClaimUse({ claim: claim(status, metadata), pods: new Map(pods.map((one) => [one.metadata.uid, one])) })

  it('keeps its devices while a pod uses them, and gives them back after that', () => {
    expect(used({ allocation: {}, reservedFor: [user] }, [samplePod('web')])).toEqual([])
    const [freed] = used({ allocation: {}, reservedFor: [user] }, [])
    expect(freed).toMatchObject({ type: 'updateStatus', object: { status: {} } })
    const over = samplePod('web', { status: { phase: 'Succeeded' } })
    expect(used({ allocation: {}, reservedFor: [user] }, [over])).toMatchObject([{ type: 'updateStatus' }])
    const finalizers = [allocationFinalizer, 'other']
    expect(used({ allocation: {}, reservedFor: [user] }, [], { finalizers })).toMatchObject([
      { type: 'updateStatus' },
      { type: 'patch', patch: { body: { metadata: { finalizers: ['other'] } } } },
    ])
    // Who marks it is about to write its devices.
    expect(used({}, [samplePod('web')], { finalizers })).toEqual([])
  })

  it('that is to go gives its devices back when nobody uses them', () => {
    const leaving = { deletionTimestamp: '2026-01-01T00:00:00Z' }
    expect(used({ allocation: {} }, [], leaving)).toMatchObject([{ type: 'updateStatus' }])
    expect(used({ allocation: {}, reservedFor: [user] }, [samplePod('web')], leaving)).toEqual([])
    expect(used({}, [], { ...leaving, finalizers: [allocationFinalizer] })).toMatchObject([{ type: 'patch' }])
  })

  it('that was made for a pod goes when the pod is over', () => {
    expect(used({}, [samplePod('web', { status: { phase: 'Failed' } })])).toMatchObject([{ type: 'delete' }])
    expect(used({}, [samplePod('web')])).toEqual([])
  })
})
