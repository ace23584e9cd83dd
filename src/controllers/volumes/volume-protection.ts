import type { PersistentVolume, PersistentVolumeClaim, Pod, VolumeAttributesClass } from '../../api/kinds.generated.ts'
import { type Kind, kinds } from '../../api/kinds.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import { attributesClassFinalizer, claimFinalizer, claimKeysOf, volumeFinalizer } from '../../api/persistent-volume.ts'
import { type Action, requeue, update } from '../action.ts'
import { isPodTerminal } from '../pod-state.ts'

export type ObservedProtectedClaim = Readonly<{
  claim: Stored<PersistentVolumeClaim>
  /** That name the claim; 'unknown' where the API was asked, and did not tell. */
  pods: readonly Stored<Pod>[] | 'unknown'
}>

const askAgainMs = 1000

/** A claim that is deleted goes when no pod on a node uses it any more. */
export function reconcileProtectedClaim({ claim, pods }: ObservedProtectedClaim): readonly Action[] {
  if (pods === 'unknown') return [requeue(askAgainMs)]
  return protect(kinds.persistentVolumeClaims, claim, claimFinalizer, pods.some(holdsClaims))
}

/** A volume that is deleted goes when it is bound to no claim any more. */
export function reconcileProtectedVolume(volume: Stored<PersistentVolume>): readonly Action[] {
  return protect(kinds.persistentVolumes, volume, volumeFinalizer, volume.status.phase === 'Bound')
}

export type ObservedProtectedClass = Readonly<{
  attributesClass: Stored<VolumeAttributesClass>
  claims: readonly Stored<PersistentVolumeClaim>[]
  volumes: readonly Stored<PersistentVolume>[]
}>

/** A class of attributes that is deleted goes when no claim and no volume has it, or is to get it (kube-controller-manager's vac-protection). */
export function reconcileProtectedClass(observed: ObservedProtectedClass): readonly Action[] {
  const { attributesClass, claims, volumes } = observed
  const { name } = attributesClass.metadata
  const isUsed = claims.some((claim) => classesOfClaim(claim).includes(name)) || volumes.some(hasClass(name))
  return protect(kinds.volumeAttributesClasses, attributesClass, attributesClassFinalizer, isUsed)
}

function hasClass(name: string): (volume: Stored<PersistentVolume>) => boolean {
  return ({ spec }) => spec.volumeAttributesClassName === name
}

/** Wanted, in effect, and on the way. */
export function classesOfClaim({ spec, status }: Stored<PersistentVolumeClaim>): readonly string[] {
  const { currentVolumeAttributesClassName, modifyVolumeStatus } = status
  const names = [
    spec.volumeAttributesClassName,
    currentVolumeAttributesClassName,
    modifyVolumeStatus?.targetVolumeAttributesClassName,
  ]
  return names.flatMap((name) => (name ? [name] : []))
}

/** Pods that have ended hold their claims, too, until they are deleted: their volumes may still be mounted. */
function holdsClaims(pod: Stored<Pod>): boolean {
  return (pod.spec.nodeName ?? '') !== '' && claimKeysOf(pod).length > 0
}

/** Pods that a claim waits for, in the order of their names. */
export function waitingPods(pods: readonly Stored<Pod>[]): readonly string[] {
  return pods
    .filter((pod) => (pod.spec.nodeName ?? '') === '' && !isPodTerminal(pod))
    .map(({ metadata }) => metadata.name)
}

function protect<T>(kind: Kind<T>, object: Stored<T>, finalizer: string, isUsed: boolean): readonly Action[] {
  const { finalizers = [], deletionTimestamp } = object.metadata
  const has = finalizers.includes(finalizer)
  const withFinalizers = (wanted: readonly string[]): readonly Action[] => [
    update(kind, { ...object, metadata: { ...object.metadata, finalizers: wanted } }),
  ]
  if (deletionTimestamp === undefined) return has ? [] : withFinalizers([...finalizers, finalizer])
  return has && !isUsed ? withFinalizers(finalizers.filter((one) => one !== finalizer)) : []
}

export function keyOfVolumeClaim({ spec }: Stored<PersistentVolume>): readonly string[] {
  const { name = '', namespace = '' } = spec.claimRef ?? {}
  return name === '' ? [] : [objectKey({ metadata: { name, namespace } })]
}
