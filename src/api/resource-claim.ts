import type {
  DeviceTaint,
  DeviceToleration,
  Pod,
  PodResourceClaim,
  ResourceV1ResourceClaim,
} from './kinds.generated.ts'
import type { Stored } from './object.ts'

/** The words in which controller, scheduler and kubelet speak of devices (k8s.io/dynamic-resource-allocation). */

/** Of claims that have devices: they are given back first. */
export const allocationFinalizer = 'resource.kubernetes.io/delete-protection'
/** On claims made for a pod: which of its entries they are for. */
export const podClaimAnnotation = 'resource.kubernetes.io/pod-claim-name'
/** On claims that the scheduler makes for a pod's extended resources: 'true'. */
export const extendedClaimAnnotation = 'resource.kubernetes.io/extended-resource-claim'
/** Kubernetes: how many may share a claim. */
export const mostConsumers = 256

export type Claim = Stored<ResourceV1ResourceClaim>

/** The name of the claim for one of the pod's entries; undefined before it has been made. */
export function claimNameFor({ status }: Pod, entry: PodResourceClaim): string | undefined {
  if (entry.resourceClaimName !== undefined) return entry.resourceClaimName
  return status?.resourceClaimStatuses?.find(({ name }) => name === entry.name)?.resourceClaimName
}

/** Of 'namespace/name', as far as they have been made. */
export function resourceClaimKeysOf(pod: Stored<Pod>): readonly string[] {
  const { namespace = '' } = pod.metadata
  return (pod.spec.resourceClaims ?? []).flatMap((entry) => {
    const name = claimNameFor(pod, entry)
    return name === undefined ? [] : [`${namespace}/${name}`]
  })
}

export function isReservedFor({ status }: Claim, podUid: string): boolean {
  return status?.reservedFor?.some(({ uid }) => uid === podUid) === true
}

/** The claim with the pod among those that use it. */
export function reservedFor(claim: Claim, { metadata: { name, uid } }: Stored<Pod>): Claim {
  const reserved = [...(claim.status?.reservedFor ?? []), { resource: 'pods', name, uid }]
  return { ...claim, status: { ...claim.status, reservedFor: reserved } }
}

/** A claim that was made for one pod is no other's. */
export function isClaimOf({ metadata }: Claim, pod: Stored<Pod>): boolean {
  return (
    metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === pod.metadata.uid) === true
  )
}

/** An empty effect stands for all of them, an empty key, with Exists, for all of these (resourceclaim.ToleratesTaint). */
export function toleratesDeviceTaint(
  { key = '', operator = 'Equal', value = '', effect = '' }: DeviceToleration,
  taint: DeviceTaint,
): boolean {
  if (effect !== '' && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  return operator === 'Exists' || (key !== '' && value === (taint.value ?? ''))
}
