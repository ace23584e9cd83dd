import type { Job, JobStatus, Pod } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import type { Ending } from './job-end.ts'
import { completedBefore, completionIndex, isFailed, isIndexed, isTracked, matchFailurePolicy } from './job-pods.ts'

/** UIDs that one status holds at most: a status has to stay small. */
const maxUncounted = 500

type Uncounted = Readonly<{ succeeded: readonly string[]; failed: readonly string[] }>

/** Where the counting of pods stands: each is counted once, whatever fails in between. */
export type Accounting = Readonly<{
  /** Counters that pods without finalizers have come to. */
  succeeded: number
  failed: number
  uncounted: Uncounted
  /** Indexes that are done, those of pods that end now included. */
  succeededIndexes: ReadonlySet<number>
  /** Pods that are in the status that is to be written, and so may lose their finalizer. */
  release: readonly Stored<Pod>[]
  /** All pods that have ended are in the status. */
  isComplete: boolean
}>

/**
 * The two steps of counting without losing or doubling: the uid of a pod that has ended goes into status.uncountedTerminatedPods before
 * its finalizer goes; when that is gone, the uid becomes part of the counter. (Indexed Jobs know their successes by index alone.)
 */
export function accountFor(job: Stored<Job>, pods: readonly Stored<Pod>[], ending: Ending | undefined): Accounting {
  const { status } = job
  const tracked = new Map(pods.filter(isTracked).map((pod) => [pod.metadata.uid, pod]))
  const known = status.uncountedTerminatedPods ?? {}
  const [wereSucceeded, wereFailed] = [known.succeeded ?? [], known.failed ?? []]
  const succeeded = wereSucceeded.filter((uid) => tracked.has(uid))
  const failed = wereFailed.filter((uid) => tracked.has(uid))
  const before = completedBefore(job)
  const done = new Set(before)
  const release: Stored<Pod>[] = []
  let isComplete = true
  for (const pod of tracked.values()) {
    const end = endOf(pod, job, ending)
    if (end === undefined) continue
    if (succeeded.length + failed.length + done.size - before.size >= maxUncounted) {
      isComplete = false
      break
    }
    release.push(pod)
    const { uid } = pod.metadata
    const index = completionIndex(pod, job)
    if (isIndexed(job) && index === undefined) continue
    if (end === 'succeeded' && !failed.includes(uid)) {
      if (index !== undefined && isIndexed(job)) done.add(index)
      else if (!succeeded.includes(uid)) succeeded.push(uid)
    } else if (end === 'failed' && !failed.includes(uid)) failed.push(uid)
  }
  return {
    succeeded: isIndexed(job)
      ? done.size
      : (status.succeeded ?? 0) + wereSucceeded.length - stillThere(wereSucceeded, tracked),
    failed: (status.failed ?? 0) + wereFailed.length - stillThere(wereFailed, tracked),
    uncounted: { succeeded, failed },
    succeededIndexes: done,
    release,
    isComplete,
  }
}

function stillThere(uids: readonly string[], tracked: ReadonlyMap<string, unknown>): number {
  return uids.filter((uid) => tracked.has(uid)).length
}

/** Undefined for pods that are still at work; 'ignored' for those that end without being counted. */
function endOf(
  pod: Stored<Pod>,
  job: Stored<Job>,
  ending: Ending | undefined,
): 'succeeded' | 'failed' | 'ignored' | undefined {
  if (pod.status.phase === 'Succeeded') return 'succeeded'
  const failed = isFailed(pod, job)
  if (failed || ending?.type === 'Failed')
    return matchFailurePolicy(job.spec?.podFailurePolicy, pod).counts ? 'failed' : 'ignored'
  return ending !== undefined || job.metadata.deletionTimestamp !== undefined ? 'ignored' : undefined
}

/** Failures as the backoff limit counts them, the newest included. */
export function failuresSoFar(job: Stored<Job>, pods: readonly Stored<Pod>[]): number {
  const { failed, uncounted } = accountFor(job, pods, undefined)
  return failed + uncounted.failed.length
}

export function countedStatus({
  uncounted,
  succeeded,
  failed,
}: Accounting): Pick<JobStatus, 'uncountedTerminatedPods' | 'succeeded' | 'failed'> {
  return {
    uncountedTerminatedPods: {
      ...(uncounted.succeeded.length > 0 ? { succeeded: uncounted.succeeded } : {}),
      ...(uncounted.failed.length > 0 ? { failed: uncounted.failed } : {}),
    },
    ...(succeeded > 0 ? { succeeded } : {}),
    ...(failed > 0 ? { failed } : {}),
  }
}
