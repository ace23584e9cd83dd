import { readIndexes } from '../../api/job-indexes.ts'
import type { Job, Pod } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { completionIndex, isFailed, matchFailurePolicy } from './job-pods.ts'

/** How often pods of the index had failed when this one was made. */
export const failureCountAnnotation = 'batch.kubernetes.io/job-index-failure-count'

/** Failures of each index that count; each pod knows how many there were before it, so that pods may go. */
export function failuresByIndex(job: Stored<Job>, pods: readonly Stored<Pod>[]): ReadonlyMap<number, number> {
  const failures = new Map<number, number>()
  for (const pod of pods) {
    const index = completionIndex(pod, job)
    if (index === undefined) continue
    const counts = isFailed(pod, job) && matchFailurePolicy(job.spec?.podFailurePolicy, pod).counts
    const before = Number(pod.metadata.annotations?.[failureCountAnnotation] ?? 0)
    failures.set(index, Math.max(failures.get(index) ?? 0, before + (counts ? 1 : 0)))
  }
  return failures
}

/** Indexes that are given up: they failed more often than backoffLimitPerIndex, or in a way that fails them at once. */
export function failedIndexes(job: Stored<Job>, pods: readonly Stored<Pod>[]): ReadonlySet<number> {
  const limit = job.spec?.backoffLimitPerIndex
  if (limit === undefined) return new Set()
  const failed = new Set(readIndexes(job.status.failedIndexes, job.spec?.completions ?? 0))
  for (const [index, count] of failuresByIndex(job, pods)) if (count > limit) failed.add(index)
  for (const pod of pods) {
    const index = completionIndex(pod, job)
    const isFinal = isFailed(pod, job) && matchFailurePolicy(job.spec?.podFailurePolicy, pod).failsIndex === true
    if (index !== undefined && isFinal) failed.add(index)
  }
  return failed
}
