import type { Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { allocationFinalizer, type Claim } from '../../api/resource-claim.ts'
import { type Action, remove, targetOf, updateStatus } from '../action.ts'
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
  if (using.length < reserved.length || (isLeaving && isFree && isAllocated)) {
    const told = updateStatus(kinds.resourceClaims, withUsers(claim, using))
    return isFree ? [told, ...unmark(claim)] : [told]
  }
  // Otherwise the mark may be the scheduler's, which is about to write the devices.
  if (isLeaving && isFree) return unmark(claim)
  const owner = claim.metadata.ownerReferences?.find(({ controller, kind }) => controller === true && kind === 'Pod')
  const pod = owner && pods.get(owner.uid)
  return isFree && pod !== undefined && isPodOver(pod) ? [remove(targetOf(kinds.resourceClaims, claim))] : []
}

/** It has no devices that would have to be given back before it goes. */
function unmark(claim: Claim): readonly Action[] {
  const { finalizers = [] } = claim.metadata
  if (!finalizers.includes(allocationFinalizer)) return []
  const body = { metadata: { finalizers: finalizers.filter((name) => name !== allocationFinalizer) } }
  return [{ type: 'patch', target: targetOf(kinds.resourceClaims, claim), patch: { type: 'merge', body } }]
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
