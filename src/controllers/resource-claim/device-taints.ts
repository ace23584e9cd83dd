import type { DeviceRequestAllocationResult, DeviceTaint, Pod, ResourceSlice } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { type Claim, isReservedFor, toleratesDeviceTaint } from '../../api/resource-claim.ts'
import { type Action, event, requeue } from '../action.ts'
import { disruptionTarget, disruptPod } from '../disrupt-pod.ts'

export type ObservedDeviceUser = Readonly<{
  nowMs: number
  pod: Stored<Pod>
  /** Those that the pod names. */
  claims: readonly Claim[]
  /** Of drivers that have devices in them. */
  slices: readonly Stored<ResourceSlice>[]
  /** Its end had been decided, and the time for it was running. */
  wasDoomed: boolean
}>

/**
 * Takes devices with NoExecute taints away from pods that do not tolerate them: at once, or when the shortest toleration has run out since
 * the taint was added (the original's pkg/controller/devicetainteviction).
 */
export function reconcileDeviceUser({ nowMs, pod, claims, slices, wasDoomed }: ObservedDeviceUser): readonly Action[] {
  if (pod.metadata.deletionTimestamp !== undefined || (pod.spec.nodeName ?? '') === '') return []
  const atMs = claims
    .filter((claim) => isReservedFor(claim, pod.metadata.uid))
    .map((claim) => endOf(claim, slices))
    .reduce((first, one) => Math.min(first, one), Number.POSITIVE_INFINITY)
  if (atMs === Number.POSITIVE_INFINITY) return wasDoomed ? [told(pod, 'Cancelling deletion')] : []
  return atMs > nowMs ? [requeue(atMs - nowMs)] : evict(pod, nowMs)
}

/** Whether any of the claim's devices will have to be left some time. */
export function isDoomed(claim: Claim, slices: readonly Stored<ResourceSlice>[]): boolean {
  return endOf(claim, slices) !== Number.POSITIVE_INFINITY
}

/** When the claim's pods have to go; infinity: not at all. */
function endOf({ status }: Claim, slices: readonly Stored<ResourceSlice>[]): number {
  const ends = (status?.allocation?.devices?.results ?? []).flatMap((result) =>
    taintsOf(result, slices).map((taint) => endUnder(taint, result)),
  )
  return Math.min(Number.POSITIVE_INFINITY, ...ends)
}

function endUnder(taint: DeviceTaint, { tolerations = [] }: DeviceRequestAllocationResult): number {
  const addedMs = Date.parse(taint.timeAdded ?? '1970-01-01T00:00:00Z')
  const tolerating = tolerations.filter((one) => one.effect === 'NoExecute' && toleratesDeviceTaint(one, taint))
  if (tolerating.length === 0) return addedMs
  if (tolerating.some(({ tolerationSeconds }) => tolerationSeconds === undefined)) return Number.POSITIVE_INFINITY
  return addedMs + 1000 * Math.min(...tolerating.map(({ tolerationSeconds = 0 }) => Math.max(0, tolerationSeconds)))
}

/** NoExecute taints of the device, in the newest generation of its pool. */
function taintsOf(
  { driver, pool, device }: DeviceRequestAllocationResult,
  slices: readonly Stored<ResourceSlice>[],
): readonly DeviceTaint[] {
  const own = slices.filter(({ spec }) => spec.driver === driver && spec.pool.name === pool)
  const newest = Math.max(...own.map(({ spec }) => spec.pool.generation))
  return own
    .filter(({ spec }) => spec.pool.generation === newest)
    .flatMap(({ spec }) => spec.devices ?? [])
    .filter(({ name }) => name === device)
    .flatMap(({ taints = [] }) => taints.filter(({ effect }) => effect === 'NoExecute'))
}

function evict(pod: Stored<Pod>, nowMs: number): readonly Action[] {
  const why = disruptionTarget(
    'DeletionByDeviceTaintManager',
    'Device Taint manager: deleting due to NoExecute taint',
    nowMs,
  )
  return [told(pod, 'Marking for deletion'), ...disruptPod(pod, why)]
}

function told(pod: Stored<Pod>, what: string): Action {
  return event(pod, 'Normal', 'DeviceTaintManagerEviction', what)
}
