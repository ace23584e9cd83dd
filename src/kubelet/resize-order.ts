import { msOfTimestamp } from '../client/timestamp.ts'
import type { KubeletPod } from './pod-containers.ts'
import { qosClass } from './qos-class.ts'

/** A pod that waits for more, or other, resources than it was granted. */
export type WaitingResize = Readonly<{ pod: KubeletPod; growing: boolean; pendingSince: string | undefined }>

/** Who is asked first: what does not grow, then by priority, Guaranteed before Burstable, and whoever has waited longest. */
export function resizeOrder(waiting: readonly WaitingResize[]): readonly WaitingResize[] {
  return [...waiting].sort(
    (a, b) =>
      Number(a.growing) - Number(b.growing) ||
      (b.pod.spec.priority ?? 0) - (a.pod.spec.priority ?? 0) ||
      Number(qosClass(b.pod) === 'Guaranteed') - Number(qosClass(a.pod) === 'Guaranteed') ||
      sinceMs(a) - sinceMs(b),
  )
}

function sinceMs({ pendingSince }: WaitingResize): number {
  return msOfTimestamp(pendingSince) ?? 0
}
