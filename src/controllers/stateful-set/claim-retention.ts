import type { OwnerReference, PersistentVolumeClaim, Pod } from '../../api/kinds.generated.ts'
import { apiVersionOf, type Kind, kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { controllerRef } from '../owner.ts'
import { isInRange, ordinalOf, type SetObject } from './stateful-set-pods.ts'

type Claim = Stored<PersistentVolumeClaim>
type Owner = Readonly<{ kind: Kind; object: Stored<unknown> }>

/** Whose going takes the claim along: the set's, the pod's, or nobody's (persistentVolumeClaimRetentionPolicy). */
function wantedOwner(set: SetObject, pod: Stored<Pod>): Owner | undefined {
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = set.spec.persistentVolumeClaimRetentionPolicy ?? {}
  const isScaledDown = !isInRange(set, ordinalOf(set, pod.metadata.name) ?? -1)
  if (whenScaled === 'Delete' && isScaledDown) return { kind: kinds.pods, object: pod }
  return whenDeleted === 'Delete' ? { kind: kinds.statefulSets, object: set } : undefined
}

function owners(set: SetObject, pod: Stored<Pod>): readonly Owner[] {
  return [
    { kind: kinds.statefulSets, object: set },
    { kind: kinds.pods, object: pod },
  ]
}

function names({ kind, object }: Owner, reference: OwnerReference): boolean {
  const { apiVersion, kind: kindName, name } = reference
  return apiVersion === apiVersionOf(kind) && kindName === kind.kind && name === object.metadata.name
}

/** Of an earlier life of the set or of the pod: the garbage collector is about to take the claim. */
export function hasStaleOwner({ metadata }: Claim, owner: Owner): boolean {
  return (metadata.ownerReferences ?? []).some(
    (reference) => names(owner, reference) && reference.uid !== owner.object.metadata.uid,
  )
}

export function isStaleForPod(claim: Claim, pod: Stored<Pod>): boolean {
  return hasStaleOwner(claim, { kind: kinds.pods, object: pod })
}

/** Somebody else manages the claim: then the policy has no say. */
export function isManagedByOthers({ metadata }: Claim, set: SetObject, pod: Stored<Pod>): boolean {
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = set.spec.persistentVolumeClaimRetentionPolicy ?? {}
  if (whenDeleted === 'Retain' && whenScaled === 'Retain') return false
  const ours = owners(set, pod)
  return (metadata.ownerReferences ?? []).some((reference) => {
    const own = ours.find((owner) => names(owner, reference))
    return own === undefined ? reference.controller === true : reference.uid !== own.object.metadata.uid
  })
}

/** The claim with the owners that the policy asks for; undefined where it has them, or where they are not ours to change. */
export function withWantedOwners(claim: Claim, set: SetObject, pod: Stored<Pod>): Claim | undefined {
  const ours = owners(set, pod)
  if (ours.some((owner) => hasStaleOwner(claim, owner))) return undefined
  const references = claim.metadata.ownerReferences ?? []
  const others = references.filter((reference) => !ours.some((owner) => names(owner, reference)))
  const wanted = isManagedByOthers(claim, set, pod) ? undefined : wantedOwner(set, pod)
  const after = wanted === undefined ? others : [...others, controllerRef(wanted.kind, wanted.object)]
  const isSame =
    after.length === references.length &&
    after.every(({ uid, controller }) =>
      references.some((reference) => reference.uid === uid && reference.controller === controller),
    )
  return isSame ? undefined : { ...claim, metadata: { ...claim.metadata, ownerReferences: after } }
}
