import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import {
  betaStorageProvisioner,
  bindCompleted,
  boundByController,
  claimNamesClass,
  classNameOf,
  defaultStorageClass,
  findMatchingVolume,
  isBoundTo,
  mismatch,
  noProvisioner,
  selectedNode,
  storageProvisioner,
  waitsForConsumer,
} from '../../api/persistent-volume.ts'
import { type Action, event, update, updateStatus } from '../action.ts'
import { bindVolume, boundVolumePhase } from './volume.ts'

type Claim = Stored<PersistentVolumeClaim>
type Volume = Stored<PersistentVolume>

export type ObservedClaim = Readonly<{
  claim: Claim
  volumes: readonly Volume[]
  classes: readonly Stored<StorageClass>[]
  /** Names of pods that use the claim and have no node yet. */
  waitingPods: readonly string[]
}>

/**
 * The next step towards a claim that is bound to a volume that is bound to it, as kube-controller-manager's persistentvolume-binder takes
 * them: volume, its phase, claim, its status. What a step writes comes back as a change, and the step after it follows.
 */
export function reconcileClaim(observed: ObservedClaim): readonly Action[] {
  const { claim } = observed
  if (claim.metadata.annotations?.[bindCompleted] !== undefined) return keepBound(observed)
  return (claim.spec.volumeName ?? '') === '' ? findVolume(observed) : bindNamed(observed)
}

function keepBound({ claim, volumes }: ObservedClaim): readonly Action[] {
  const name = claim.spec.volumeName ?? ''
  if (name === '')
    return lost(claim, 'ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!')
  const volume = volumes.find(({ metadata }) => metadata.name === name)
  if (volume === undefined)
    return lost(claim, 'ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
  const { claimRef } = volume.spec
  if (claimRef === undefined || claimRef.uid === claim.metadata.uid) return bind(volume, claim)
  const message = 'Two claims are bound to the same volume, this one is bound incorrectly'
  return lost(claim, 'ClaimMisbound', message)
}

function lost(claim: Claim, reason: string, message: string): readonly Action[] {
  if (claim.status.phase === 'Lost') return []
  return [...withStatus(claim, 'Lost'), event(claim, 'Warning', reason, message)]
}

/** The claim asks for one volume by name. */
function bindNamed({ claim, volumes }: ObservedClaim): readonly Action[] {
  const volume = volumes.find(({ metadata }) => metadata.name === claim.spec.volumeName)
  if (volume === undefined) return withStatus(claim, 'Pending')
  if (isBoundTo(volume, claim)) return bind(volume, claim)
  const { name } = volume.metadata
  const refused = (reason: string, message: string): readonly Action[] => [
    event(claim, 'Warning', reason, message),
    ...withStatus(claim, 'Pending'),
  ]
  if (volume.spec.claimRef !== undefined)
    return refused('FailedBinding', `volume ${JSON.stringify(name)} already bound to a different claim.`)
  const why = mismatch(volume, claim)
  return why === undefined
    ? bind(volume, claim)
    : refused('VolumeMismatch', `Cannot bind to requested volume ${JSON.stringify(name)}: ${why}`)
}

function findVolume(observed: ObservedClaim): readonly Action[] {
  const { claim, volumes, classes } = observed
  const storageClass = classes.find(({ metadata }) => metadata.name === classNameOf(claim))
  const isDelayed = waitsForConsumer(storageClass)
  const volume = findMatchingVolume(claim, volumes, { onlyOwn: isDelayed })
  if (volume !== undefined) return bind(volume, claim)
  const byDefault = claimNamesClass(claim) ? undefined : defaultStorageClass(classes)
  if (byDefault !== undefined)
    return [
      update(kinds.persistentVolumeClaims, {
        ...claim,
        spec: { ...claim.spec, storageClassName: byDefault.metadata.name },
      }),
    ]
  if (isDelayed && claim.metadata.annotations?.[selectedNode] === undefined) return waiting(observed)
  if (classNameOf(claim) !== '') return provision(claim, storageClass)
  const message = 'no persistent volumes available for this claim and no storage class is set'
  return [event(claim, 'Normal', 'FailedBinding', message), ...withStatus(claim, 'Pending')]
}

function waiting({ claim, waitingPods }: ObservedClaim): readonly Action[] {
  const [one, ...others] = waitingPods
  const told = (reason: string, message: string): readonly Action[] => [
    event(claim, 'Normal', reason, message),
    ...withStatus(claim, 'Pending'),
  ]
  if (one === undefined) return told('WaitForFirstConsumer', 'waiting for first consumer to be created before binding')
  return others.length === 0
    ? told('WaitForPodScheduled', `waiting for pod ${one} to be scheduled`)
    : told('WaitForPodScheduled', `waiting for pods ${waitingPods.join(',')} to be scheduled`)
}

/** Who makes volumes of the class is told by an annotation. */
function provision(claim: Claim, storageClass: Stored<StorageClass> | undefined): readonly Action[] {
  if (storageClass === undefined) {
    const message = `storageclass.storage.k8s.io ${JSON.stringify(classNameOf(claim))} not found`
    return [event(claim, 'Warning', 'ProvisioningFailed', message)]
  }
  const { provisioner } = storageClass
  if (provisioner === noProvisioner) return withStatus(claim, 'Pending')
  const message =
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' ` +
    'or manually by the system administrator. If volume creation is delayed, please verify that ' +
    'the provisioner is running and correctly registered.'
  const told = event(claim, 'Normal', 'ExternalProvisioning', message)
  const { annotations } = claim.metadata
  if (annotations?.[storageProvisioner] === provisioner) return [told]
  const asked = { ...annotations, [storageProvisioner]: provisioner, [betaStorageProvisioner]: provisioner }
  return [update(kinds.persistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, annotations: asked } }), told]
}

/** The first step that has not been taken. */
function bind(volume: Volume, claim: Claim): readonly Action[] {
  const volumeStep = bindVolume(volume, claim) ?? boundVolumePhase(volume)
  if (volumeStep !== undefined) return [volumeStep]
  const { annotations } = claim.metadata
  const isNamed = claim.spec.volumeName === volume.metadata.name
  if (isNamed && annotations?.[bindCompleted] !== undefined) return withStatus(claim, 'Bound', volume)
  const marks = { ...annotations, ...(isNamed ? {} : { [boundByController]: 'yes' }), [bindCompleted]: 'yes' }
  return [
    update(kinds.persistentVolumeClaims, {
      ...claim,
      metadata: { ...claim.metadata, annotations: marks },
      spec: { ...claim.spec, volumeName: volume.metadata.name },
    }),
  ]
}

function withStatus(claim: Claim, phase: 'Pending' | 'Bound' | 'Lost', volume?: Volume): readonly Action[] {
  const { status } = claim
  const { accessModes: _modes, capacity: _capacity, currentVolumeAttributesClassName: _class, ...others } = status
  const wanted = volume === undefined ? { ...others, phase } : boundStatus(claim, volume)
  const isSame =
    status.phase === phase &&
    (volume === undefined
      ? _modes === undefined && _capacity === undefined && _class === undefined
      : String(_modes) === String(volume.spec.accessModes))
  return isSame ? [] : [updateStatus(kinds.persistentVolumeClaims, { ...claim, status: wanted })]
}

/** The capacity is the volume's when the claim gets bound; later it is for whoever resizes volumes to say. */
function boundStatus({ status }: Claim, { spec }: Volume): Claim['status'] {
  const isNew = status.phase !== 'Bound'
  const attributes = spec.volumeAttributesClassName
  return {
    ...status,
    phase: 'Bound',
    ...(spec.accessModes && { accessModes: spec.accessModes }),
    ...(isNew && spec.capacity ? { capacity: spec.capacity } : {}),
    ...(isNew && attributes !== undefined ? { currentVolumeAttributesClassName: attributes } : {}),
  }
}
