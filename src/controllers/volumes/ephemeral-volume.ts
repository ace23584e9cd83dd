import type { PersistentVolumeClaim, Pod } from '../../api/kinds.generated.ts'
import { apiVersionOf, kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { claimNameOf } from '../../api/persistent-volume.ts'
import { type Action, create, event } from '../action.ts'

export type ObservedEphemeralVolumes = Readonly<{
  pod: Stored<Pod>
  /** Those that exist of the claims which the pod's ephemeral volumes are to have. */
  claims: ReadonlyMap<string, Stored<PersistentVolumeClaim>>
}>

/** Each generic ephemeral volume of a pod has a claim that the pod owns, made from the volume's template. */
export function reconcileEphemeralVolumes({ pod, claims }: ObservedEphemeralVolumes): readonly Action[] {
  if (pod.metadata.deletionTimestamp !== undefined) return []
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    const template = volume.ephemeral?.volumeClaimTemplate
    const name = claimNameOf(pod.metadata.name, volume)
    if (template === undefined || name === undefined) return []
    const known = claims.get(name)
    if (known !== undefined) return isOwnedBy(known, pod) ? [] : [foreign(pod, known)]
    const { labels, annotations } = template.metadata ?? {}
    return [
      create(kinds.persistentVolumeClaims, {
        metadata: {
          name,
          namespace: pod.metadata.namespace ?? '',
          ...(labels && { labels }),
          ...(annotations && { annotations }),
          ownerReferences: [ownerOf(pod)],
        },
        spec: template.spec,
      }),
    ]
  })
}

export function isOwnedBy({ metadata }: Stored<PersistentVolumeClaim>, pod: Stored<Pod>): boolean {
  return (
    metadata.ownerReferences?.some(({ uid, controller }) => uid === pod.metadata.uid && controller === true) === true
  )
}

function foreign(pod: Stored<Pod>, { metadata }: Stored<PersistentVolumeClaim>): Action {
  const claim = `${metadata.namespace}/${metadata.name}`
  const why = `PVC ${claim} was not created for pod ${pod.metadata.namespace}/${pod.metadata.name} (pod is not owner)`
  return event(pod, 'Warning', 'EphemeralVolumeCreationFailed', `ephemeral volume: ${why}`)
}

function ownerOf({ metadata: { name, uid } }: Stored<Pod>) {
  const head = { apiVersion: apiVersionOf(kinds.pods), kind: kinds.pods.kind }
  return { ...head, name, uid, controller: true, blockOwnerDeletion: true }
}
