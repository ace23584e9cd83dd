import type { Pod, PodCondition } from '../api/kinds.generated.ts'
import type { Stored } from '../api/object.ts'
import { msOfTimestamp } from '../client/timestamp.ts'

export function isPodTerminal({ status }: Stored<Pod>): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed'
}

/** Neither ended nor about to be. */
export function isPodActive(pod: Stored<Pod>): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined
}

/** Asked to end, but not ended. */
export function isPodTerminating(pod: Stored<Pod>): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp !== undefined
}

export function podCondition({ status }: Stored<Pod>, type: string): PodCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type)
}

export function isPodReady(pod: Stored<Pod>): boolean {
  return podCondition(pod, 'Ready')?.status === 'True'
}

/** Since when the pod is ready, or undefined while it is not. */
export function readySinceMs(pod: Stored<Pod>): number | undefined {
  const condition = podCondition(pod, 'Ready')
  return condition?.status === 'True' ? msOfTimestamp(condition.lastTransitionTime) : undefined
}

/** Ready for at least minReadySeconds. */
export function isPodAvailable(pod: Stored<Pod>, minReadySeconds: number, nowMs: number): boolean {
  if (!isPodReady(pod)) return false
  if (minReadySeconds === 0) return true
  const sinceMs = readySinceMs(pod)
  return sinceMs !== undefined && sinceMs + minReadySeconds * 1000 <= nowMs
}

/** Milliseconds until the next of these ready pods becomes available, or undefined when none will by waiting alone. */
export function nextAvailableMs(
  pods: readonly Stored<Pod>[],
  minReadySeconds: number,
  nowMs: number,
): number | undefined {
  let soonest: number | undefined
  for (const pod of pods) {
    const sinceMs = readySinceMs(pod)
    if (sinceMs === undefined || isPodAvailable(pod, minReadySeconds, nowMs)) continue
    const afterMs = sinceMs + minReadySeconds * 1000 - nowMs
    if (soonest === undefined || afterMs < soonest) soonest = afterMs
  }
  return soonest
}
