import type { AllocatedDeviceStatus, DeviceRequestAllocationResult } from '../../api/kinds.generated.ts'
import type { Claim } from '../../api/resource-claim.ts'

/** DynamicResourcesArgs.bindingTimeout. */
export const bindingTimeoutMs = 600_000

/** pending: some device is not ready for its node yet. */
export type Readiness =
  | Readonly<{ type: 'ready' | 'pending' | 'timed-out' }>
  | Readonly<{ type: 'failed'; message: string }>

/** How far drivers have come with what a claim's devices need before pods can use them (isClaimReadyForBinding, isClaimTimeout). */
export function readinessOf({ metadata, status }: Claim, nowMs: number): Readiness {
  const { allocation, devices = [] } = status ?? {}
  const waiting = (allocation?.devices?.results ?? []).filter(needsBinding)
  for (const result of waiting) {
    const told = devices.find((one) => isSameDevice(one, result))
    const failed = told?.conditions?.find((one) => one.status === 'True' && isFailure(result, one.type))
    if (failed !== undefined) {
      const why = `claim=${metadata.name}, reason=${failed.reason}, message=${JSON.stringify(failed.message)}`
      return { type: 'failed', message: `device binding failed: ${why}` }
    }
    if (!(result.bindingConditions ?? []).every((type) => isTrue(told, type))) return late(allocation, nowMs)
  }
  return { type: 'ready' }
}

export function needsBinding({ bindingConditions = [] }: DeviceRequestAllocationResult): boolean {
  return bindingConditions.length > 0
}

function late(allocation: Readonly<{ allocationTimestamp?: string }> | undefined, nowMs: number): Readiness {
  const since = allocation?.allocationTimestamp
  const isOver = since !== undefined && Date.parse(since) + bindingTimeoutMs < nowMs
  return { type: isOver ? 'timed-out' : 'pending' }
}

function isFailure({ bindingFailureConditions = [] }: DeviceRequestAllocationResult, type: string): boolean {
  return bindingFailureConditions.includes(type)
}

function isTrue(told: AllocatedDeviceStatus | undefined, type: string): boolean {
  return told?.conditions?.some((one) => one.type === type && one.status === 'True') === true
}

function isSameDevice(one: AllocatedDeviceStatus, other: DeviceRequestAllocationResult): boolean {
  return one.driver === other.driver && one.pool === other.pool && one.device === other.device
}
