import { describe, expect, it } from 'vitest'
import type { ResourceQuota } from '../../api/kinds.generated.ts'
import type { ApiObject, Stored } from '../../api/object.ts'
import { sampleNowMs, samplePod, secondsAgo } from '../sample-objects.ts'
import { type ObservedQuota, reconcileQuota } from './quota.ts'

const quota = (spec: ResourceQuota['spec'], status: ResourceQuota['status'] = {}) =>
  ({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: secondsAgo(1) },
    spec,
    status,
  }) as unknown as Stored<ResourceQuota>

const pod = (name: string, spec: object = {}, more: object = {}) =>
  samplePod(name, {
    spec: {
      containers: [{ name: 'c', resources: { requests: { cpu: '100m', memory: '1Gi' }, limits: { cpu: '1' } } }],
      ...spec,
    },
    ...more,
  } as never) as unknown as ApiObject

const usedBy = (spec: ResourceQuota['spec'], objects: Readonly<Record<string, readonly ApiObject[]>>) => {
  const observed: ObservedQuota = { quota: quota(spec), objects: new Map(Object.entries(objects)), nowMs: sampleNowMs }
  const [action] = reconcileQuota(observed)
  return action?.type === 'updateStatus' ? (action.object.status as { used: object }).used : undefined
}

describe('a quota', () => {
  it('counts pods and what they ask for, but not those that have ended', () => {
    const pods = [
      pod('a'),
      pod('b', { overhead: { cpu: '50m' } }),
      pod('done', {}, { status: { phase: 'Succeeded' } }),
      pod('lost', {}, { metadata: { deletionTimestamp: secondsAgo(60), deletionGracePeriodSeconds: 30 } }),
    ]
    const hard = { pods: '5', 'count/pods': '9', 'requests.cpu': '1', 'limits.cpu': '4', memory: '9Gi' }
    expect(usedBy({ hard }, { pods })).toEqual({
      pods: '2',
      'count/pods': '4',
      'requests.cpu': '250m',
      'limits.cpu': '2050m',
      memory: '2Gi',
    })
  })

  const scopes: readonly (readonly [what: string, spec: ResourceQuota['spec'], names: string])[] = [
    ['Terminating', { scopes: ['Terminating'] }, '1'],
    ['NotTerminating', { scopes: ['NotTerminating'] }, '2'],
    ['BestEffort', { scopes: ['BestEffort'] }, '1'],
    ['NotBestEffort', { scopes: ['NotBestEffort', 'NotTerminating'] }, '1'],
    [
      'a priority class',
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] } },
      '1',
    ],
    [
      'no priority class of a name',
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['high'] }] } },
      '2',
    ],
    ['affinity across namespaces', { scopes: ['CrossNamespacePodAffinity'] }, '1'],
  ]
  it.each(scopes)('of %s counts what is in it', (_, spec, count) => {
    const term = { topologyKey: 'k', namespaces: ['other'] }
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
    const pods = [
      pod('ends', { activeDeadlineSeconds: 5 }),
      pod('best', { containers: [{ name: 'c' }], affinity }),
      pod('high', { priorityClassName: 'high' }),
    ]
    expect(usedBy({ ...spec, hard: { pods: '5' } }, { pods })).toEqual({ pods: count })
  })

  it('counts claims by class, Services by what they take, and anything else by number', () => {
    const claim = (storageClassName: string, storage: string) => ({
      metadata: {},
      spec: { storageClassName, resources: { requests: { storage } } },
    })
    const one = { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 }
    const three = { ...one, count: 3 }
    const all = { deviceClassName: 'nic', allocationMode: 'All' }
    const requests = [{ exactly: one }, { firstAvailable: [one, three, all] }]
    const objects = {
      persistentvolumeclaims: [claim('gold', '1Gi'), claim('silver', '2Gi')],
      services: [
        { metadata: {}, spec: { type: 'LoadBalancer', ports: [{}, {}] } },
        {
          metadata: {},
          spec: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ nodePort: 3 }] },
        },
        { metadata: {}, spec: { type: 'ClusterIP', ports: [{}] } },
      ],
      'deployments.apps': [{ metadata: {} }],
      configmaps: [],
      'resourceclaims.resource.k8s.io': [{ metadata: {}, spec: { devices: { requests } } }],
    } as unknown as Record<string, readonly ApiObject[]>
    const hard = {
      'requests.storage': '9Gi',
      'gold.storageclass.storage.k8s.io/requests.storage': '9Gi',
      'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '9',
      services: '9',
      'services.nodeports': '9',
      'services.loadbalancers': '9',
      'count/deployments.apps': '9',
      configmaps: '9',
      'gpu.deviceclass.resource.k8s.io/devices': '9',
      'nic.deviceclass.resource.k8s.io/devices': '99',
    }
    expect(usedBy({ hard }, objects)).toEqual({
      'requests.storage': '3Gi',
      'gold.storageclass.storage.k8s.io/requests.storage': '1Gi',
      'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
      services: '3',
      'services.nodeports': '3',
      'services.loadbalancers': '2',
      'count/deployments.apps': '1',
      configmaps: '0',
      'gpu.deviceclass.resource.k8s.io/devices': '4',
      'nic.deviceclass.resource.k8s.io/devices': '32',
    })
  })

  it('is written only when something is different', () => {
    const status = { hard: { pods: '5' }, used: { pods: '1' } }
    const pods = [pod('a')]
    const observed = (spec: ResourceQuota['spec']) =>
      reconcileQuota({ quota: quota(spec, status), objects: new Map([['pods', pods]]), nowMs: sampleNowMs })
    expect(observed({ hard: { pods: '5' } }).map(({ type }) => type)).toEqual(['requeue'])
    expect(observed({ hard: { pods: '6' } }).map(({ type }) => type)).toEqual(['updateStatus', 'requeue'])
  })
})
