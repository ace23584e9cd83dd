import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import { claimKeysOf, claimNameOf } from '../../api/persistent-volume.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { type ObservedClaim, reconcileClaim } from './claim.ts'
import { type ObservedEphemeralVolumes, reconcileEphemeralVolumes } from './ephemeral-volume.ts'
import { type ObservedVolume, reconcileVolume } from './volume.ts'
import {
  classesOfClaim,
  keyOfVolumeClaim,
  type ObservedProtectedClaim,
  type ObservedProtectedClass,
  reconcileProtectedClaim,
  reconcileProtectedClass,
  reconcileProtectedVolume,
  waitingPods,
} from './volume-protection.ts'

/** Which volume a claim gets. One at a time: two claims must not choose the same volume. */
export function claimController({ informers }: ControllerDeps): Controller<ObservedClaim> {
  const claims = informers.of(kinds.persistentVolumeClaims)
  const volumes = informers.of(kinds.persistentVolumes)
  const classes = informers.of(kinds.storageClasses)
  const pods = informers.of(kinds.pods)
  const pending = (): readonly string[] =>
    claims.list().flatMap((claim) => ((claim.spec.volumeName ?? '') === '' ? [objectKey(claim)] : []))
  return {
    name: 'persistentvolume-controller',
    concurrency: 1,
    sources: [
      source(kinds.persistentVolumeClaims, (claim) => [objectKey(claim)]),
      // A volume that is free may serve any claim that waits.
      source(kinds.persistentVolumes, (volume) => (volume.spec.claimRef ? keyOfVolumeClaim(volume) : pending())),
      source(kinds.storageClasses, pending),
      source(kinds.pods, claimKeysOf),
    ],
    observe(key) {
      const claim = claims.get(key)
      if (claim === undefined) return undefined
      const users = pods.indexed('claim', key)
      return { claim, volumes: volumes.list(), classes: classes.list(), waitingPods: waitingPods(users) }
    },
    reconcile: reconcileClaim,
  }
}

/** What becomes of a volume whose claim comes or goes. */
export function volumeController({ client, informers }: ControllerDeps): Controller<ObservedVolume> {
  const claims = informers.of(kinds.persistentVolumeClaims)
  const volumes = informers.of(kinds.persistentVolumes)
  const claimFor = async (volume: Stored<PersistentVolume>): Promise<ObservedVolume['claim']> => {
    const { name = '', namespace = '', uid = '' } = volume.spec.claimRef ?? {}
    if (uid === '') return undefined
    const known = claims.get(`${namespace}/${name}`)
    if (known?.metadata.uid === uid) return known
    // Data may be deleted for it: the informer could be behind.
    const live = await client.get(kinds.persistentVolumeClaims, name, namespace)
    if (live.ok) return live.value
    return live.error.code === 404 ? undefined : 'unknown'
  }
  return {
    name: 'persistentvolume-controller',
    concurrency: 1,
    sources: [
      source(kinds.persistentVolumes, (volume) => [objectKey(volume)]),
      source(kinds.persistentVolumeClaims, (claim) => {
        const bound = volumes.list().filter((volume) => keyOfVolumeClaim(volume)[0] === objectKey(claim))
        return [...bound.map(objectKey), ...(claim.spec.volumeName ? [claim.spec.volumeName] : [])]
      }),
    ],
    async observe(key) {
      const volume = volumes.get(key)
      if (volume === undefined) return undefined
      const claim = await claimFor(volume)
      return { volume, ...(claim && { claim }) }
    },
    reconcile: reconcileVolume,
  }
}

export function claimProtectionController({ client, informers }: ControllerDeps): Controller<ObservedProtectedClaim> {
  const claims = informers.of(kinds.persistentVolumeClaims)
  const pods = informers.of(kinds.pods)
  /** Before a claim goes for good the API itself is asked: a pod may be newer than the informer. */
  const usersOf = async (claim: Stored<PersistentVolumeClaim>): Promise<readonly Stored<Pod>[] | 'unknown'> => {
    const known = pods.indexed('claim', objectKey(claim))
    if (known.length > 0 || claim.metadata.deletionTimestamp === undefined) return known
    const live = await client.list(kinds.pods, { namespace: claim.metadata.namespace ?? '' })
    return live.ok ? live.value.items.filter((pod) => claimKeysOf(pod).includes(objectKey(claim))) : 'unknown'
  }
  return {
    name: 'pvc-protection-controller',
    concurrency: 1,
    sources: [source(kinds.persistentVolumeClaims, (claim) => [objectKey(claim)]), source(kinds.pods, claimKeysOf)],
    async observe(key) {
      const claim = claims.get(key)
      return claim && { claim, pods: await usersOf(claim) }
    },
    reconcile: reconcileProtectedClaim,
  }
}

export function volumeProtectionController({ informers }: ControllerDeps): Controller<Stored<PersistentVolume>> {
  const volumes = informers.of(kinds.persistentVolumes)
  return {
    name: 'pv-protection-controller',
    concurrency: 1,
    sources: [source(kinds.persistentVolumes, (volume) => [objectKey(volume)])],
    observe: (key) => volumes.get(key),
    reconcile: reconcileProtectedVolume,
  }
}

export function classProtectionController({ informers }: ControllerDeps): Controller<ObservedProtectedClass> {
  const classes = informers.of(kinds.volumeAttributesClasses)
  const claims = informers.of(kinds.persistentVolumeClaims)
  const volumes = informers.of(kinds.persistentVolumes)
  const doomed = (): readonly string[] =>
    classes.list().flatMap(({ metadata }) => (metadata.deletionTimestamp === undefined ? [] : [metadata.name]))
  return {
    name: 'volumeattributesclass-protection-controller',
    concurrency: 1,
    sources: [
      source(kinds.volumeAttributesClasses, ({ metadata }) => [metadata.name]),
      // One that lets go tells no more what it had.
      source(kinds.persistentVolumeClaims, (claim) => [...classesOfClaim(claim), ...doomed()]),
      source(kinds.persistentVolumes, doomed),
    ],
    observe(key) {
      const attributesClass = classes.get(key)
      return attributesClass && { attributesClass, claims: claims.list(), volumes: volumes.list() }
    },
    reconcile: reconcileProtectedClass,
  }
}

export function ephemeralVolumeController({ informers }: ControllerDeps): Controller<ObservedEphemeralVolumes> {
  const pods = informers.of(kinds.pods)
  const claims = informers.of(kinds.persistentVolumeClaims)
  return {
    name: 'ephemeral-volume-controller',
    concurrency: 1,
    sources: [
      source(kinds.pods, (pod) => (pod.spec.volumes?.some(({ ephemeral }) => ephemeral) ? [objectKey(pod)] : [])),
      source(kinds.persistentVolumeClaims, ({ metadata }) =>
        (metadata.ownerReferences ?? []).flatMap(({ kind, name }) =>
          kind === 'Pod' ? [`${metadata.namespace ?? ''}/${name}`] : [],
        ),
      ),
    ],
    observe(key) {
      const pod = pods.get(key)
      if (pod === undefined) return undefined
      const wanted = (pod.spec.volumes ?? []).flatMap((volume) => claimNameOf(pod.metadata.name, volume) ?? [])
      const found = wanted.flatMap((name) => {
        const claim = claims.get(`${pod.metadata.namespace ?? ''}/${name}`)
        return claim === undefined ? [] : [[name, claim] as const]
      })
      return { pod, claims: new Map(found) }
    },
    reconcile: reconcileEphemeralVolumes,
  }
}
