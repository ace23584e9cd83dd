import type { AllocationResult, DeviceClass, Pod, ResourceSlice } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import type { Claim } from '../../api/resource-claim.ts'
import { type DeviceMatcher, deviceMatcher } from './device-selector.ts'

/** What the scheduler knows of devices. */
export interface DeviceView {
  /** By 'namespace/name'. */
  claim(key: string): Claim | undefined
  deviceClass(name: string): Stored<DeviceClass> | undefined
  /** Whose devices stand for an extended resource. */
  classFor(resource: string): Stored<DeviceClass> | undefined
  /** A claim that was made for the pod's extended resources by an earlier try. */
  extendedClaim(pod: Stored<Pod>): Claim | undefined
  slices(): readonly Stored<ResourceSlice>[]
  /** Of all claims that have devices, also where that has been decided and cannot be seen yet, by the claim's uid. */
  allocations(): ReadonlyMap<string, AllocationResult>
  readonly matches: DeviceMatcher
  /** The time of the decision. */
  nowMs(): number
}

export const noDevices: DeviceView = {
  claim: () => undefined,
  deviceClass: () => undefined,
  classFor: () => undefined,
  extendedClaim: () => undefined,
  slices: () => [],
  allocations: () => new Map(),
  matches: deviceMatcher(),
  nowMs: () => 0,
}
