import type { Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { allocationFinalizer, type Claim } from '../../api/resource-claim.ts'
import { type Action, remove, targetOf, update, updateStatus } from '../action.ts'
import { isPodOver } from './pod-claims.ts'

export type ObservedClaimUse = Readonly<{
  claim: Claim
  /** Those of its users, and its owner, that there are, by uid. */
  pods: ReadonlyMap<string, Stored<Pod>>
}>

/** Gives devices back that nobody uses any more, and removes claims that were made for pods that are over. */
export function reconcileClaimUse({ claim, pods }: ObservedClaimUse): readonly Action[] {
  const reserved = claim.status?.reservedFor ?? []
  const using = reserved.filter(({ uid, resource }) => resource !== 'pods' || uses(pods.get(uid)))
  const isFree = using.length === 0
  const isAllocated = claim.status?.allocation !== undefined
  const isLeaving = claim.metadata.deletionTimestamp !== undefined
  if (using.length < reserved.length || (isLeaving && isFree && isAllocated))
    return [updateStatus(kinds.resourceClaims, withUsers(claim, using))]
  if (isFree && !isAllocated && claim.metadata.finalizers?.includes(allocationFinalizer)) {
    const finalizers = claim.metadata.finalizers.filter((name) => name !== allocationFinalizer)
    return [update(kinds.resourceClaims, { ...claim, metadata: { ...claim.metadata, finalizers } })]
  }
  const owner = claim.metadata.ownerReferences?.find(({ controller, kind }) => controller === true && kind === 'Pod')
  const pod = owner && pods.get(owner.uid)
  return isFree && !isLeaving && pod !== undefined && isPodOver(pod)
    ? [remove(targetOf(kinds.resourceClaims, claim))]
    : []
}

/** A pod that goes without ever having had a node uses nothing. */
function uses(pod: Stored<Pod> | undefined): boolean {
  if (pod === undefined || isPodOver(pod)) return false
  return pod.metadata.deletionTimestamp === undefined || (pod.spec.nodeName ?? '') !== ''
}

/** Without users there are no devices either. */
function withUsers(claim: Claim, reservedFor: NonNullable<Claim['status']>['reservedFor'] & object): Claim {
  const { reservedFor: _, allocation, devices, ...rest } = claim.status ?? {}
  if (reservedFor.length === 0) return { ...claim, status: rest }
  return { ...claim, status: { ...rest, reservedFor, ...(allocation && { allocation }), ...(devices && { devices }) } }
}
