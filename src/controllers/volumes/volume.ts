import type { PersistentVolume, PersistentVolumeClaim } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { boundByController, isBoundTo, provisionedBy, volumeMode } from '../../api/persistent-volume.ts'
import { type Action, event, requeue, update, updateStatus } from '../action.ts'

type Claim = Stored<PersistentVolumeClaim>
type Volume = Stored<PersistentVolume>

export type ObservedVolume = Readonly<{
  volume: Volume
  /** The claim that claimRef names, if it lives. The API itself has been asked where the informer does not know it, and may not have told. */
  claim?: Claim | 'unknown'
}>

const askAgainMs = 1000

/** The volume's side of a binding, and what becomes of it when its claim has gone (persistentvolume-binder's syncVolume). */
export function reconcileVolume({ volume, claim }: ObservedVolume): readonly Action[] {
  const { claimRef } = volume.spec
  if ((claimRef?.uid ?? '') === '') return inPhase(volume, 'Available')
  if (claim === 'unknown') return [requeue(askAgainMs)]
  const owner = claim?.metadata.uid === claimRef?.uid ? claim : undefined
  if (owner === undefined) return release(volume)
  const wanted = owner.spec.volumeName ?? ''
  if (wanted === volume.metadata.name) return inPhase(volume, 'Bound')
  if (wanted === '') return volumeMode(owner) === volumeMode(volume) ? [] : unfit(volume, owner)
  const wasMadeForIt = volume.metadata.annotations?.[provisionedBy] !== undefined
  return wasMadeForIt && volume.spec.persistentVolumeReclaimPolicy === 'Delete' ? release(volume) : unbind(volume)
}

/** Gives the volume to the claim; undefined: it has been. */
export function bindVolume(volume: Volume, claim: Claim): Action | undefined {
  const { name, namespace, uid, resourceVersion } = claim.metadata
  const { claimRef } = volume.spec
  if (claimRef?.name === name && claimRef.namespace === namespace && claimRef.uid === uid) return undefined
  const { annotations } = volume.metadata
  // Who made the volume for the claim bound it; otherwise we did, and may undo it.
  const marks = isBoundTo(volume, claim) ? annotations : { ...annotations, [boundByController]: 'yes' }
  return update(kinds.persistentVolumes, {
    ...volume,
    metadata: { ...volume.metadata, ...(marks && { annotations: marks }) },
    spec: {
      ...volume.spec,
      claimRef: {
        kind: 'PersistentVolumeClaim',
        namespace: namespace ?? '',
        name,
        uid,
        apiVersion: 'v1',
        resourceVersion,
      },
    },
  })
}

export function boundVolumePhase(volume: Volume): Action | undefined {
  return inPhase(volume, 'Bound')[0]
}

function inPhase(volume: Volume, phase: string, message?: string): readonly Action[] {
  if (volume.status.phase === phase) return []
  const { message: _, ...status } = volume.status
  const wanted = { ...status, phase, ...(message === undefined ? {} : { message }) }
  return [updateStatus(kinds.persistentVolumes, { ...volume, status: wanted })]
}

function unfit(volume: Volume, claim: Claim): readonly Action[] {
  const why = 'due to incompatible volumeMode.'
  const { name } = claim.metadata
  return [
    event(
      volume,
      'Warning',
      'VolumeMismatch',
      `Cannot bind PersistentVolume to requested PersistentVolumeClaim ${JSON.stringify(name)} ${why}`,
    ),
    event(
      claim,
      'Warning',
      'VolumeMismatch',
      `Cannot bind PersistentVolume ${JSON.stringify(volume.metadata.name)} to requested PersistentVolumeClaim ${why}`,
    ),
  ]
}

/** Retained, or deleted by who provisioned it; what nobody here can delete or recycle has failed. */
function release(volume: Volume): readonly Action[] {
  const { phase } = volume.status
  const released = phase === 'Released' || phase === 'Failed' ? [] : inPhase(volume, 'Released')
  if (released.length > 0 || phase === 'Failed') return released
  const { persistentVolumeReclaimPolicy: policy } = volume.spec
  const { name, annotations } = volume.metadata
  if (policy === 'Retain' || (policy === 'Delete' && annotations?.[provisionedBy] !== undefined)) return []
  const failed = (reason: string, message: string): readonly Action[] => [
    ...inPhase(volume, 'Failed', message),
    event(volume, 'Warning', reason, message),
  ]
  const quoted = JSON.stringify(name)
  if (policy === 'Delete')
    return failed(
      'VolumeFailedDelete',
      `error getting deleter volume plugin for volume ${quoted}: no deletable volume plugin matched`,
    )
  if (policy === 'Recycle') return failed('VolumeFailedRecycle', 'No recycler plugin found for the volume!')
  return failed('VolumeUnknownReclaimPolicy', 'Volume has unrecognized PersistentVolumeReclaimPolicy')
}

/** The claim has another volume: this one is free again, or waits for its claim by name where a user bound it. */
function unbind(volume: Volume): readonly Action[] {
  const { [boundByController]: bound, ...annotations } = volume.metadata.annotations ?? {}
  const { claimRef, ...spec } = volume.spec
  if (bound === undefined) {
    const { uid: _, ...kept } = claimRef ?? {}
    return [update(kinds.persistentVolumes, { ...volume, spec: { ...spec, claimRef: kept } })]
  }
  return [update(kinds.persistentVolumes, { ...volume, metadata: { ...volume.metadata, annotations }, spec })]
}
