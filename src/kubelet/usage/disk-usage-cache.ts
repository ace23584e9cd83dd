import type { Clock } from '../../ports/clock.ts'
import type { KubeletPod } from '../pod-containers.ts'

/** Kubernetes' volumeStatsAggPeriod: what a pod has written is measured no more often. */
const freshMs = 60_000

/**
 * Measures what pods take up on disks when asked, and remembers it for a while: each measurement walks over all that they wrote, or asks
 * drivers.
 */
export function diskUsageCache<T>(
  clock: Clock,
  measure: (pod: KubeletPod) => Promise<T>,
): (pod: KubeletPod) => Promise<T> {
  const known = new Map<string, Readonly<{ usage: Promise<T>; atMs: number }>>()
  return (pod) => {
    const nowMs = clock.monotonicMs()
    for (const [uid, { atMs }] of known) if (nowMs - atMs >= freshMs) known.delete(uid)
    const { uid } = pod.metadata
    const before = known.get(uid)
    if (before !== undefined) return before.usage
    const usage = measure(pod)
    known.set(uid, { usage, atMs: nowMs })
    // What failed once may go well the next time.
    usage.catch(() => known.delete(uid))
    return usage
  }
}
