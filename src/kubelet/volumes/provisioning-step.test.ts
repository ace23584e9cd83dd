import { describe, expect, it } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { localProvisioner } from './local-storage-manifests.ts'
import { claimStep, localVolume, volumeStep } from './provisioning-step.ts'

type Annotations = Readonly<Record<string, string>>

const meta = (name: string, annotations: Annotations = {}) => ({
  name,
  uid: `uid-${name}`,
  resourceVersion: '7',
  creationTimestamp: '2026-01-01T00:00:00Z',
  annotations,
})

function storageClass(more: Partial<StorageClass> = {}): Stored<StorageClass> {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: meta('standard'),
    provisioner: localProvisioner,
    volumeBindingMode: 'WaitForFirstConsumer',
    reclaimPolicy: 'Delete',
    ...more,
  } as Stored<StorageClass>
}

const asked = { 'volume.kubernetes.io/storage-provisioner': localProvisioner }
const here = { ...asked, 'volume.kubernetes.io/selected-node': 'n1' }

function claim(
  annotations: Annotations,
  spec: Partial<PersistentVolumeClaim['spec']> = {},
): Stored<PersistentVolumeClaim> {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...meta('data', annotations), namespace: 'x' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: 'standard',
      ...spec,
    },
    status: { phase: 'Pending' },
  }
}

function made(
  phase: string,
  more: Partial<PersistentVolume['spec']> = {},
  annotations?: Annotations,
): Stored<PersistentVolume> {
  const { metadata, spec } = localVolume(claim(here), storageClass(), '/volumes/pvc-uid-data', 'n1')
  const name = metadata.name ?? ''
  const by = (metadata as Readonly<{ annotations: Annotations }>).annotations
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: meta(name, annotations ?? by),
    spec: { ...spec, ...more },
    status: { phase },
  }
}

describe('a claim', () => {
  const immediate = storageClass({ volumeBindingMode: 'Immediate' })
  it.each([
    ['that waits for a volume here gets one', claim(here), storageClass(), 'make'],
    ['whose pod has no node yet waits', claim(asked), storageClass(), 'nothing'],
    [
      'for another node is not ours',
      claim({ ...here, 'volume.kubernetes.io/selected-node': 'n2' }),
      storageClass(),
      'nothing',
    ],
    ['that is bound at once gets one anywhere', claim(asked), immediate, 'make'],
    [
      'of another provisioner is not ours',
      claim({ ...here, ...{ 'volume.kubernetes.io/storage-provisioner': 'x' } }),
      storageClass(),
      'nothing',
    ],
    ['whose class has gone waits', claim(here), undefined, 'nothing'],
    ['that names its volume has it', claim(here, { volumeName: 'v' }), storageClass(), 'nothing'],
    ['for a block device is refused', claim(here, { volumeMode: 'Block' }), storageClass(), 'refuse'],
    [
      'for a copy is refused',
      claim(here, { dataSource: { kind: 'PersistentVolumeClaim', name: 'a' } }),
      storageClass(),
      'refuse',
    ],
  ])('%s', (_, one, ofClass, expected) => {
    expect(claimStep(one, ofClass, undefined, 'n1').type).toBe(expected)
  })

  it('gets one volume only', () => {
    expect(claimStep(claim(here), storageClass(), made('Available'), 'n1').type).toBe('nothing')
  })

  it('gets a volume that is its own, on this node, for as long as it lives', () => {
    expect(localVolume(claim(here), storageClass(), '/volumes/pvc-uid-data', 'n1')).toMatchObject({
      metadata: { name: 'pvc-uid-data', annotations: { 'pv.kubernetes.io/provisioned-by': localProvisioner } },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'standard',
        persistentVolumeReclaimPolicy: 'Delete',
        claimRef: { namespace: 'x', name: 'data', uid: 'uid-data' },
        local: { path: '/volumes/pvc-uid-data' },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['n1'] }] },
            ],
          },
        },
      },
    })
  })
})

describe('a volume', () => {
  it.each([
    ['whose claim has gone is removed', made('Released'), 'n1', 'remove'],
    ['that is used stays', made('Bound'), 'n1', 'nothing'],
    ['that is to be kept stays', made('Released', { persistentVolumeReclaimPolicy: 'Retain' }), 'n1', 'nothing'],
    ['on another node is for that node to remove', made('Released'), 'n2', 'nothing'],
    ['that somebody else made is not ours', made('Released', {}, {}), 'n1', 'nothing'],
  ])('%s', (_, volume, nodeName, expected) => {
    expect(volumeStep(volume, nodeName).type).toBe(expected)
  })
})
