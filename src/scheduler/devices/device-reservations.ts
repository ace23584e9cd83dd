import type { AllocationResult, ResourceV1ResourceClaim } from '../../api/kinds.generated.ts'
import { objectKey } from '../../api/object.ts'
import type { Informer } from '../../client/informer.ts'
import type { DeviceChoice } from './choose-devices.ts'

/** Devices that claims have, also where that has been decided and the informer does not show it yet. */
export interface DeviceReservations {
  /** By the claims' uids. */
  allocations(): ReadonlyMap<string, AllocationResult>
  reserve(choice: DeviceChoice): void
  release(uids: readonly string[]): void
}

/** key: none of a claim that has yet to be made. */
type Choice = Readonly<{ key: string | undefined; allocation: AllocationResult }>

export function makeDeviceReservations(resourceClaims: Informer<ResourceV1ResourceClaim>): DeviceReservations {
  const chosen = new Map<string, Choice>()
  return {
    allocations() {
      const all = new Map<string, AllocationResult>()
      for (const [uid, { key, allocation }] of chosen) {
        const claim = key === undefined ? undefined : resourceClaims.get(key)
        const isGone = key !== undefined && claim?.metadata.uid !== uid
        if (isGone || claim?.status?.allocation !== undefined) chosen.delete(uid)
        else all.set(uid, allocation)
      }
      for (const { metadata, status } of resourceClaims.list())
        if (status?.allocation !== undefined) all.set(metadata.uid, status.allocation)
      return all
    },
    reserve({ claims }) {
      for (const { claim, allocation, mappings } of claims) {
        const key = mappings === undefined ? objectKey(claim) : undefined
        if (allocation !== undefined) chosen.set(claim.metadata.uid, { key, allocation })
      }
    },
    release(uids) {
      for (const uid of uids) chosen.delete(uid)
    },
  }
}
