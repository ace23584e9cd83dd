import { describe, expect, it } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { findMatchingVolume } from '../../api/persistent-volume.ts'
import type { Action } from '../action.ts'
import { brief, ownedBy, sampleMeta, sampleNode, samplePod, secondsAgo } from '../sample-objects.ts'
import { type ObservedClaim, reconcileClaim } from './claim.ts'
import { reconcileEphemeralVolumes } from './ephemeral-volume.ts'
import { reconcileVolume } from './volume.ts'
import { reconcileProtectedClaim, reconcileProtectedClass, reconcileProtectedVolume } from './volume-protection.ts'

type Claim = Stored<PersistentVolumeClaim>
type Volume = Stored<PersistentVolume>
type Annotations = Readonly<Record<string, string>>

function claim(
  spec: Partial<PersistentVolumeClaim['spec']> = {},
  annotations: Annotations = {},
  more: Partial<Claim> = {},
): Claim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: sampleMeta('data', { annotations }),
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: '',
      ...spec,
    },
    status: { phase: 'Pending' },
    ...more,
  }
}

function volume(
  name: string,
  spec: Partial<PersistentVolume['spec']> = {},
  phase = 'Available',
  annotations: Annotations = {},
): Volume {
  const { namespace: _, ...metadata } = sampleMeta(name, { annotations })
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata,
    spec: {
      capacity: { storage: '2Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: '/x' },
      ...spec,
    },
    status: { phase },
  }
}

function storageClass(
  name: string,
  mode = 'Immediate',
  isDefault = false,
  provisioner = 'example.com/disk',
): Stored<StorageClass> {
  const { namespace: _, ...metadata } = sampleMeta(name, {
    annotations: isDefault ? { 'storageclass.kubernetes.io/is-default-class': 'true' } : {},
  })
  return { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata, provisioner, volumeBindingMode: mode }
}

const refTo = (name = 'data', uid = `uid-${name}`) => ({
  kind: 'PersistentVolumeClaim',
  namespace: 'default',
  name,
  uid,
})
const observed = (one: Claim, volumes: readonly Volume[] = [], more: Partial<ObservedClaim> = {}): ObservedClaim => ({
  claim: one,
  volumes,
  classes: [],
  waitingPods: [],
  ...more,
})
const bound = { 'pv.kubernetes.io/bind-completed': 'yes' }

describe('a claim gets its volume', () => {
  it('in four steps, each of which is the answer to what the one before has made', () => {
    let one = claim()
    let two = volume('v')
    const steps: string[] = []
    for (let step = 0; step < 6; step++) {
      const [action] = reconcileClaim(observed(one, [two]))
      if (action === undefined) break
      steps.push(...brief([action]))
      if (action.type !== 'update' && action.type !== 'updateStatus') throw new Error(action.type)
      if (action.kind === kinds.persistentVolumes) two = action.object as unknown as Volume
      else one = action.object as unknown as Claim
    }
    expect(steps).toEqual([
      'update persistentvolumes/v',
      'updateStatus persistentvolumes/v',
      'update persistentvolumeclaims/data',
      'updateStatus persistentvolumeclaims/data',
    ])
    expect(two.spec.claimRef).toMatchObject(refTo())
    expect(one).toMatchObject({
      metadata: { annotations: { ...bound, 'pv.kubernetes.io/bound-by-controller': 'yes' } },
      spec: { volumeName: 'v' },
      status: { phase: 'Bound', capacity: { storage: '2Gi' }, accessModes: ['ReadWriteOnce'] },
    })
    expect(reconcileVolume({ volume: two, claim: one })).toEqual([])
  })

  const toStandard = claim({ storageClassName: 'standard' })
  const chosen = { 'volume.kubernetes.io/selected-node': 'n1' }
  const { storageClassName: _, ...classless } = claim().spec
  const cases: readonly (readonly [string, ObservedClaim, readonly string[]])[] = [
    [
      'and says so where there is none',
      observed(claim()),
      ['event FailedBinding: no persistent volumes available for this claim and no storage class is set'],
    ],
    [
      'of the default class, if it names none',
      observed({ ...claim(), spec: classless }, [], { classes: [storageClass('standard', 'Immediate', true)] }),
      ['update persistentvolumeclaims/data'],
    ],
    [
      'from who makes volumes of its class',
      observed(toStandard, [], { classes: [storageClass('standard')] }),
      [
        'update persistentvolumeclaims/data',
        "event ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'example.com/disk' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
      ],
    ],
    [
      'not while the class is not there',
      observed(toStandard),
      ['event ProvisioningFailed: storageclass.storage.k8s.io "standard" not found'],
    ],
    [
      'when a pod that uses it is there',
      observed(toStandard, [volume('v', { storageClassName: 'standard' })], {
        classes: [storageClass('standard', 'WaitForFirstConsumer')],
      }),
      ['event WaitForFirstConsumer: waiting for first consumer to be created before binding'],
    ],
    [
      'when the pod has a node',
      observed(toStandard, [], { classes: [storageClass('standard', 'WaitForFirstConsumer')], waitingPods: ['p'] }),
      ['event WaitForPodScheduled: waiting for pod p to be scheduled'],
    ],
    [
      'which is then provisioned there',
      observed(claim({ storageClassName: 'standard' }, chosen), [], {
        classes: [storageClass('standard', 'WaitForFirstConsumer')],
      }),
      ['update persistentvolumeclaims/data', expect.stringContaining('event ExternalProvisioning')],
    ],
    [
      'that it names, unless somebody else has it',
      observed(claim({ volumeName: 'v' }), [volume('v', { claimRef: refTo('other') }, 'Bound')]),
      ['event FailedBinding: volume "v" already bound to a different claim.'],
    ],
    [
      'that it names, unless it does not fit',
      observed(claim({ volumeName: 'v' }), [volume('v', { capacity: { storage: '1Mi' } })]),
      ['event VolumeMismatch: Cannot bind to requested volume "v": requested PV is too small'],
    ],
    [
      'and is lost with it',
      observed(claim({ volumeName: 'v' }, bound)),
      [
        'updateStatus persistentvolumeclaims/data',
        'event ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!',
      ],
    ],
    [
      'and is lost when another claim has it',
      observed(claim({ volumeName: 'v' }, bound), [volume('v', { claimRef: refTo('other') }, 'Bound')]),
      [
        'updateStatus persistentvolumeclaims/data',
        'event ClaimMisbound: Two claims are bound to the same volume, this one is bound incorrectly',
      ],
    ],
  ]
  it.each(cases)('%s', (_name, state, expected) => {
    expect(brief(reconcileClaim(state))).toEqual(expected)
  })
})

describe('the volume that serves a claim', () => {
  const onN2 = {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'host', operator: 'In', values: ['n2'] }] }] },
  }
  const volumes = [
    volume('small', { capacity: { storage: '1Mi' } }),
    volume('block', { volumeMode: 'Block' }),
    volume('other-class', { storageClassName: 'fast' }),
    volume('taken', { claimRef: refTo('other') }, 'Bound'),
    volume('wide', { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce', 'ReadWriteMany'] }),
    volume('large', { capacity: { storage: '10Gi' } }),
    volume('elsewhere', { capacity: { storage: '3Gi' }, nodeAffinity: onN2 }),
    volume('fits'),
  ]
  const node = (name: string) => sampleNode(name, 'True', { metadata: { labels: { host: name } } })
  it('is the smallest of those that allow no more than it asks for', () => {
    expect(findMatchingVolume(claim(), volumes)?.metadata.name).toBe('fits')
  })
  it('is its own, where one was made for it', () => {
    const own = volume('own', { claimRef: { namespace: 'default', name: 'data' } })
    expect(findMatchingVolume(claim(), [...volumes, own], { onlyOwn: true })?.metadata.name).toBe('own')
    expect(findMatchingVolume(claim(), volumes, { onlyOwn: true })).toBeUndefined()
  })
  it('can be reached from where the pod is to run', () => {
    const excluded = new Set(['fits', 'wide'])
    expect(findMatchingVolume(claim(), volumes, { node: node('n1'), excluded })?.metadata.name).toBe('large')
    expect(findMatchingVolume(claim(), volumes, { node: node('n2'), excluded })?.metadata.name).toBe('elsewhere')
  })
  it('has the labels that the claim selects by', () => {
    expect(findMatchingVolume(claim({ selector: { matchLabels: { tier: 'gold' } } }), volumes)).toBeUndefined()
  })
})

describe('a volume whose claim has gone', () => {
  const dynamic = { 'pv.kubernetes.io/provisioned-by': 'example.com/disk' }
  const held = (policy: string, phase: string, annotations: Annotations = {}) => ({
    volume: volume('v', { claimRef: refTo(), persistentVolumeReclaimPolicy: policy }, phase, annotations),
  })
  const cases: readonly (readonly [string, Parameters<typeof reconcileVolume>[0], readonly string[]])[] = [
    ['is released', held('Retain', 'Bound'), ['updateStatus persistentvolumes/v']],
    ['is kept', held('Retain', 'Released'), []],
    ['is left to who provisioned it', held('Delete', 'Released', dynamic), []],
    [
      'has failed where nobody can delete it',
      held('Delete', 'Released'),
      [
        'updateStatus persistentvolumes/v',
        'event VolumeFailedDelete: error getting deleter volume plugin for volume "v": no deletable volume plugin matched',
      ],
    ],
    ['stays as it is while nobody can tell', { ...held('Delete', 'Bound'), claim: 'unknown' }, ['requeue 1000']],
    [
      'is free again when its claim has another',
      {
        volume: volume('v', { claimRef: refTo() }, 'Bound', { 'pv.kubernetes.io/bound-by-controller': 'yes' }),
        claim: claim({ volumeName: 'w' }),
      },
      ['update persistentvolumes/v'],
    ],
  ]
  it.each(cases)('%s', (_name, state, expected) => {
    expect(brief(reconcileVolume(state))).toEqual(expected)
  })
})

describe('what is in use is protected', () => {
  const dying = (finalizer: string) => ({ deletionTimestamp: secondsAgo(1), finalizers: [finalizer, 'mine'] })
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }]
  const finalizersOf = (actions: readonly Action[]): unknown =>
    actions.map((action) => (action.type === 'update' ? action.object.metadata.finalizers : action.type))
  const doomed: Claim = { ...claim(), metadata: sampleMeta('data', dying('kubernetes.io/pvc-protection')) }
  it('a claim, while a pod on a node uses it', () => {
    expect(finalizersOf(reconcileProtectedClaim({ claim: claim(), pods: [] }))).toEqual([
      ['kubernetes.io/pvc-protection'],
    ])
    expect(reconcileProtectedClaim({ claim: doomed, pods: [samplePod('p', { spec: { volumes } })] })).toEqual([])
    expect(brief(reconcileProtectedClaim({ claim: doomed, pods: 'unknown' }))).toEqual(['requeue 1000'])
    const unscheduled = samplePod('p', { spec: { volumes, nodeName: '' } })
    expect(finalizersOf(reconcileProtectedClaim({ claim: doomed, pods: [unscheduled] }))).toEqual([['mine']])
  })
  it('a volume, while it is bound', () => {
    const going = (phase: string): Volume => {
      const one = volume('v', {}, phase)
      return { ...one, metadata: { ...one.metadata, ...dying('kubernetes.io/pv-protection') } }
    }
    expect(reconcileProtectedVolume(going('Bound'))).toEqual([])
    expect(finalizersOf(reconcileProtectedVolume(going('Released')))).toEqual([['mine']])
  })
  it('a class of attributes, while a claim or a volume has it', () => {
    const type = { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttributesClass', driverName: 'd' }
    const attributesClass = { ...type, metadata: sampleMeta('gold', dying('kubernetes.io/vac-protection')) }
    const wanting = { ...claim(), spec: { ...claim().spec, volumeAttributesClassName: 'gold' } }
    const having = { ...volume('v'), spec: { ...volume('v').spec, volumeAttributesClassName: 'gold' } }
    const free = { attributesClass, claims: [claim()], volumes: [volume('v')] }
    expect(reconcileProtectedClass({ ...free, claims: [wanting] })).toEqual([])
    expect(reconcileProtectedClass({ ...free, volumes: [having] })).toEqual([])
    expect(finalizersOf(reconcileProtectedClass(free))).toEqual([['mine']])
  })
})

describe('an ephemeral volume', () => {
  const volumes = [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: claim().spec } } }]
  const pod = samplePod('p', { spec: { volumes } })
  const named = (metadata: object): Claim => ({ ...claim(), metadata: sampleMeta('p-scratch', metadata) })
  it('has a claim that the pod owns', () => {
    const [action] = reconcileEphemeralVolumes({ pod, claims: new Map() })
    expect(brief(action === undefined ? [] : [action])).toEqual(['create persistentvolumeclaims/p-scratch'])
    const own = named(ownedBy(kinds.pods, pod))
    expect(reconcileEphemeralVolumes({ pod, claims: new Map([['p-scratch', own]]) })).toEqual([])
  })
  it("does not take somebody else's", () => {
    expect(brief(reconcileEphemeralVolumes({ pod, claims: new Map([['p-scratch', named({})]]) }))).toEqual([
      'event EphemeralVolumeCreationFailed: ephemeral volume: PVC default/p-scratch was not created for pod default/p (pod is not owner)',
    ])
  })
})
