import { countIndexes, parseIndexes } from '../../api/job-indexes.ts'
import type { Job, JobCondition, Pod, SuccessPolicy } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { timestampOf } from '../../api/wire-time.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'
import { isFailed, matchFailurePolicy, restartsOf } from './job-pods.ts'

/** What a job comes to. It is written down first (FailureTarget, SuccessCriteriaMet), and is final when all pods have ended. */
export type Ending = Readonly<{ type: 'Failed' | 'Complete'; reason: string; message: string }>

export type Counts = Readonly<{
  failed: number
  succeededIndexes: ReadonlySet<number>
  failedIndexes: ReadonlySet<number>
}>

const interim = { Failed: 'FailureTarget', Complete: 'SuccessCriteriaMet' } as const

export function interimType({ type }: Ending): string {
  return interim[type]
}

export function conditionOf({ status }: Stored<Job>, type: string): JobCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type && condition.status === 'True')
}

export function isJobFinished(job: Stored<Job>): boolean {
  return conditionOf(job, 'Complete') !== undefined || conditionOf(job, 'Failed') !== undefined
}

export function newCondition(
  type: string,
  status: string,
  reason: string,
  message: string,
  nowMs: number,
): JobCondition {
  const at = timestampOf(nowMs)
  return { type, status, lastProbeTime: at, lastTransitionTime: at, reason, message }
}

/** The first that holds, in the order of kube-controller-manager's syncJob: what is decided, failures, the success policy. */
export function endingOf(
  job: Stored<Job>,
  pods: readonly Stored<Pod>[],
  counts: Counts,
  nowMs: number,
): Ending | undefined {
  return (
    decided(job, 'Complete') ??
    decided(job, 'Failed') ??
    byFailurePolicy(job, pods) ??
    byBackoffLimit(job, pods, counts.failed) ??
    byDeadline(job, nowMs) ??
    byFailedIndexes(job, counts) ??
    bySuccessPolicy(job, counts.succeededIndexes)
  )
}

function decided(job: Stored<Job>, type: Ending['type']): Ending | undefined {
  const condition = conditionOf(job, interim[type])
  return condition && { type, reason: condition.reason ?? '', message: condition.message ?? '' }
}

function byFailurePolicy(job: Stored<Job>, pods: readonly Stored<Pod>[]): Ending | undefined {
  const policy = job.spec?.podFailurePolicy
  if (policy === undefined) return undefined
  for (const pod of pods) {
    const message = isFailed(pod, job) ? matchFailurePolicy(policy, pod).failJobMessage : undefined
    if (message !== undefined) return { type: 'Failed', reason: 'PodFailurePolicy', message }
  }
  return undefined
}

function byBackoffLimit({ spec }: Stored<Job>, pods: readonly Stored<Pod>[], failed: number): Ending | undefined {
  const limit = spec?.backoffLimit ?? 6
  const restarted = spec?.template.spec?.restartPolicy === 'OnFailure' && restartsOf(pods) >= Math.max(1, limit)
  if (failed <= limit && !restarted) return undefined
  const message = 'Job has reached the specified backoff limit'
  return { type: 'Failed', reason: 'BackoffLimitExceeded', message }
}

function byDeadline(job: Stored<Job>, nowMs: number): Ending | undefined {
  const leftMs = deadlineLeftMs(job, nowMs)
  if (leftMs === undefined || leftMs > 0) return undefined
  return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
}

/** Until activeDeadlineSeconds; undefined where there is no such end, or the job does not run. */
export function deadlineLeftMs({ spec, status }: Stored<Job>, nowMs: number): number | undefined {
  const startMs = msOfTimestamp(status.startTime)
  if (spec?.activeDeadlineSeconds === undefined || spec.suspend === true || startMs === undefined) return undefined
  return startMs + spec.activeDeadlineSeconds * 1000 - nowMs
}

function byFailedIndexes({ spec }: Stored<Job>, { failedIndexes, succeededIndexes }: Counts): Ending | undefined {
  if (failedIndexes.size === 0) return undefined
  if (spec?.maxFailedIndexes !== undefined && failedIndexes.size > spec.maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes'
    return { type: 'Failed', reason: 'MaxFailedIndexesExceeded', message }
  }
  if (failedIndexes.size + succeededIndexes.size < (spec?.completions ?? 0)) return undefined
  return { type: 'Failed', reason: 'FailedIndexes', message: 'Job has failed indexes' }
}

function bySuccessPolicy({ spec }: Stored<Job>, succeeded: ReadonlySet<number>): Ending | undefined {
  if (spec?.completionMode !== 'Indexed' || succeeded.size === 0) return undefined
  const met = matchingRule(spec.successPolicy, succeeded, spec.completions ?? 0)
  if (met === undefined) return undefined
  return { type: 'Complete', reason: 'SuccessPolicy', message: `Matched rules at index ${met}` }
}

function matchingRule(
  policy: SuccessPolicy | undefined,
  succeeded: ReadonlySet<number>,
  completions: number,
): number | undefined {
  const at = (policy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && succeeded.size >= succeededCount
    const wanted = parseIndexes(succeededIndexes, completions)
    if (!wanted.ok || wanted.value.length === 0) return false
    const had = [...succeeded].filter((index) =>
      wanted.value.some(({ first, last }) => first <= index && index <= last),
    )
    return had.length === countIndexes(wanted.value) || (succeededCount !== undefined && had.length >= succeededCount)
  })
  return at < 0 ? undefined : at
}

export const completionsReached: Ending = {
  type: 'Complete',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
}
