import type { Clock } from '../../ports/clock.ts'
import type { KubeletPod } from '../pod-containers.ts'
import type { PodDiskUsage } from './pod-disk-usage.ts'

/** Kubernetes' volumeStatsAggPeriod: what a pod has written is measured no more often. */
const freshMs = 60_000

/** Measures what pods take up on the disk when asked, and remembers it for a while: each measurement walks over all that they wrote. */
export function diskUsageCache(
  clock: Clock,
  measure: (pod: KubeletPod) => Promise<PodDiskUsage>,
): (pod: KubeletPod) => Promise<PodDiskUsage> {
  const known = new Map<string, Readonly<{ usage: Promise<PodDiskUsage>; atMs: number }>>()
  return (pod) => {
    const nowMs = clock.monotonicMs()
    for (const [uid, { atMs }] of known) if (nowMs - atMs >= freshMs) known.delete(uid)
    const { uid } = pod.metadata
    const entry = known.get(uid) ?? { usage: measure(pod), atMs: nowMs }
    known.set(uid, entry)
    return entry.usage
  }
}
