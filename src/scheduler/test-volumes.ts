import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../api/kinds.generated.ts'
import { objectKey, type Stored } from '../api/object.ts'
import { noVolumes, type VolumeView } from './volume-binding.ts'

/** Claims, volumes and classes as short as a test wants to write them. */

type Claim = Stored<PersistentVolumeClaim>
type Volume = Stored<PersistentVolume>

export const meta = (name: string, annotations: Readonly<Record<string, string>> = {}) => ({
  name,
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
  annotations,
})

export function claim(name: string, spec: Partial<PersistentVolumeClaim['spec']> = {}, annotations = {}): Claim {
  const resources = { requests: { storage: '1Gi' } }
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...meta(name, annotations), namespace: 'x' },
    spec: { accessModes: ['ReadWriteOnce'], resources, storageClassName: 'late', ...spec },
    status: { phase: 'Pending' },
  }
}

export const boundTo = (name: string, volumeName: string): Claim =>
  claim(name, { volumeName }, { 'pv.kubernetes.io/bind-completed': 'yes' })

function storageClass(name: string, volumeBindingMode: string, provisioner = 'example.com/disk'): Stored<StorageClass> {
  return { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: meta(name), provisioner, volumeBindingMode }
}

const classes = [
  storageClass('late', 'WaitForFirstConsumer'),
  storageClass('early', 'Immediate'),
  storageClass('by-hand', 'WaitForFirstConsumer', 'kubernetes.io/no-provisioner'),
]

export function volumeView(
  claims: readonly Claim[],
  volumes: readonly Volume[] = [],
  reserved: readonly string[] = [],
): VolumeView {
  return {
    ...noVolumes,
    claim: (key) => claims.find((one) => objectKey(one) === key),
    volume: (name) => volumes.find(({ metadata }) => metadata.name === name),
    volumes: () => volumes,
    storageClass: (name) => classes.find(({ metadata }) => metadata.name === name),
    reserved: () => new Set(reserved),
  }
}
