import type { Job, Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'
import { type Action, remove, requeue, targetOf } from '../action.ts'
import { conditionOf, isJobFinished } from './job-end.ts'
import { releaseActions } from './job-plan.ts'

/** Deletes a job ttlSecondsAfterFinished after its end, its pods first. */
export function reconcileJobTtl({ job, nowMs }: Readonly<{ job: Stored<Job>; nowMs: number }>): readonly Action[] {
  const ttlSeconds = job.spec?.ttlSecondsAfterFinished
  const end = conditionOf(job, 'Complete') ?? conditionOf(job, 'Failed')
  const endMs = msOfTimestamp(end?.lastTransitionTime)
  if (ttlSeconds === undefined || endMs === undefined || job.metadata.deletionTimestamp !== undefined) return []
  const leftMs = endMs + ttlSeconds * 1000 - nowMs
  return leftMs > 0 ? [requeue(leftMs)] : [remove(targetOf(kinds.jobs, job), { propagationPolicy: 'Foreground' })]
}

export type ObservedTrackedPod = Readonly<{
  pod: Stored<Pod>
  /** The very job that owns it. */
  job?: Stored<Job>
}>

/** A pod that no job counts any more must not be kept by the finalizer that waits for the counting. */
export function reconcileTrackedPod({ pod, job }: ObservedTrackedPod): readonly Action[] {
  return job !== undefined && !isJobFinished(job) ? [] : releaseActions([pod])
}
