import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import {
  classNameOf,
  isReachableFrom,
  provisionedBy,
  selectedNode,
  storageProvisioner,
  volumeMode,
  waitsForConsumer,
} from '../../api/persistent-volume.ts'
import type { Draft } from '../../client/client.ts'
import { localProvisioner } from './local-storage-manifests.ts'

type Claim = Stored<PersistentVolumeClaim>
type Volume = Stored<PersistentVolume>

/** What is to be done about a claim or a volume on this node. */
export type ProvisioningStep = Readonly<
  | { type: 'make'; claim: Claim; storageClass: Stored<StorageClass> }
  | { type: 'refuse'; claim: Claim; message: string }
  | { type: 'remove'; volume: Volume }
  | { type: 'nothing' }
>

/** Pure. Whether the claim waits for a volume that this node may make: most never concern it. */
export function isAskedFor({ metadata, spec }: Claim, nodeName: string): boolean {
  const { annotations = {}, deletionTimestamp } = metadata
  if (annotations[storageProvisioner] !== localProvisioner || deletionTimestamp !== undefined) return false
  return (spec.volumeName ?? '') === '' && (annotations[selectedNode] ?? nodeName) === nodeName
}

/** Pure. A claim that waits for a volume on this node gets one; whose volume is there, or is to be elsewhere, needs nothing. */
export function claimStep(
  claim: Claim,
  storageClass: Stored<StorageClass> | undefined,
  volume: Volume | undefined,
  nodeName: string,
): ProvisioningStep {
  if (!isAskedFor(claim, nodeName) || volume !== undefined) return { type: 'nothing' }
  if (storageClass?.provisioner !== localProvisioner) return { type: 'nothing' }
  // Bound at once, the volume may be on any node: whoever is first makes it.
  const isChosen = claim.metadata.annotations?.[selectedNode] !== undefined
  if (waitsForConsumer(storageClass) && !isChosen) return { type: 'nothing' }
  const why = refusal(claim)
  return why === undefined ? { type: 'make', claim, storageClass } : { type: 'refuse', claim, message: why }
}

function refusal(claim: Claim): string | undefined {
  if (volumeMode(claim) !== 'Filesystem') return `${localProvisioner} makes folders: volumeMode Block is not supported`
  return claim.spec.dataSource === undefined ? undefined : `${localProvisioner} cannot make a volume from a data source`
}

/** Pure. A volume of ours that lies on this node goes when its claim has gone, if its policy says so. */
export function volumeStep(volume: Volume, nodeName: string): ProvisioningStep {
  const isDone = volume.status.phase === 'Released' && volume.spec.persistentVolumeReclaimPolicy === 'Delete'
  return isDone && isOwnVolume(volume, nodeName) ? { type: 'remove', volume } : { type: 'nothing' }
}

/** Pure. Whether the provisioner made it, on this node. */
export function isOwnVolume(volume: Volume, nodeName: string): boolean {
  const { metadata, spec } = volume
  const isOurs = metadata.annotations?.[provisionedBy] === localProvisioner && spec.local !== undefined
  return isOurs && isVolumeOf(volume, nodeName)
}

export function isVolumeOf(volume: PersistentVolume, nodeName: string): boolean {
  return isReachableFrom(volume, { metadata: { name: nodeName, labels: { [hostnameLabel]: nodeName } } })
}

const hostnameLabel = 'kubernetes.io/hostname'

export function volumeNameFor({ metadata }: Claim): string {
  return `pvc-${metadata.uid}`
}

/** The folder that becomes the claim's volume, as the API is told of it. */
export function localVolume(
  claim: Claim,
  storageClass: Stored<StorageClass>,
  path: string,
  nodeName: string,
): Draft<PersistentVolume> {
  const { name, namespace = '', uid, resourceVersion } = claim.metadata
  const matchExpressions = [{ key: hostnameLabel, operator: 'In', values: [nodeName] }]
  const { reclaimPolicy, mountOptions } = storageClass
  return {
    metadata: { name: volumeNameFor(claim), annotations: { [provisionedBy]: localProvisioner } },
    spec: {
      capacity: { storage: claim.spec.resources?.requests?.storage ?? '0' },
      accessModes: claim.spec.accessModes ?? [],
      volumeMode: 'Filesystem',
      storageClassName: classNameOf(claim),
      persistentVolumeReclaimPolicy: reclaimPolicy ?? 'Delete',
      ...(mountOptions && { mountOptions }),
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion },
      local: { path },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
    },
  }
}
