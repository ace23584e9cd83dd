import { formatIndexes } from '../../api/job-indexes.ts'
import type { Job, JobCondition, JobStatus, Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { selectorFromObject } from '../../api/label-selector.ts'
import type { Stored } from '../../api/object.ts'
import { timestampOf } from '../../api/wire-time.ts'
import { type Action, event, requeue, updateStatus } from '../action.ts'
import { claim } from '../claim.ts'
import { isPodActive, isPodReady, isPodTerminating } from '../pod-state.ts'
import { type Accounting, accountFor, countedStatus, failuresSoFar } from './job-accounting.ts'
import {
  completionsReached,
  conditionOf,
  deadlineLeftMs,
  type Ending,
  endingOf,
  interimType,
  isJobFinished,
  newCondition,
} from './job-end.ts'
import { failedIndexes } from './job-failed-indexes.ts'
import { noChange, type PodChange, planPods, podActions, releaseActions, removeAll } from './job-plan.ts'
import { isIndexed } from './job-pods.ts'

export type ObservedJob = Readonly<{
  nowMs: number
  job: Stored<Job>
  /** What it owns, and the orphans of its namespace. */
  pods: readonly Stored<Pod>[]
}>

const ownManager = 'kubernetes.io/job-controller'

/**
 * Runs pods to their end as often as the job asks for, as kube-controller-manager's syncJob. The status is written before pods change,
 * and tells how many there will be then.
 */
export function reconcileJob(observed: ObservedJob): readonly Action[] {
  const { nowMs } = observed
  const job = started(observed.job, nowMs)
  if (isJobFinished(job) || (job.spec?.managedBy ?? ownManager) !== ownManager) return []
  const { objects: pods, actions: claims } = claimPods(observed)
  const givenUp = failedIndexes(job, pods)
  const before = accountFor(job, pods, undefined)
  const counts = { failed: failuresSoFar(job, pods), succeededIndexes: before.succeededIndexes, failedIndexes: givenUp }
  const decided = endingOf(job, pods, counts, nowMs)
  const change = changeFor(job, pods, before, givenUp, decided, nowMs)
  const ending = decided ?? (isReached(job, pods, before, change) ? completionsReached : undefined)
  const accounting = accountFor(job, pods, ending)
  const active = pods.filter(isPodActive)
  const numbers = numbersAfter(active, pods.filter(isPodTerminating).length, change)
  const { conditions, actions: told } = conditionsAfter(job, ending, accounting, numbers.terminating, nowMs)
  const status = statusAfter(job, accounting, numbers, conditions, givenUp)
  const written = JSON.stringify(sorted(status)) !== JSON.stringify(sorted(observed.job.status))
  return [
    ...claims,
    ...(written ? [updateStatus(kinds.jobs, { ...job, status }), ...told] : []),
    ...podActions(job, change),
    ...releaseActions(accounting.release),
    ...nextLook(job, ending, change, nowMs),
  ]
}

/** startTime is when the job first was not suspended. */
function started(job: Stored<Job>, nowMs: number): Stored<Job> {
  if (job.status.startTime !== undefined || job.spec?.suspend === true) return job
  return { ...job, status: { ...job.status, startTime: timestampOf(nowMs) } }
}

function claimPods({ job, pods }: ObservedJob) {
  const selector = selectorFromObject(job.spec?.selector)
  return claim(kinds.jobs, job, selector.ok ? selector.value : undefined, kinds.pods, pods)
}

function changeFor(
  job: Stored<Job>,
  pods: readonly Stored<Pod>[],
  accounting: Accounting,
  givenUp: ReadonlySet<number>,
  ending: Ending | undefined,
  nowMs: number,
): PodChange {
  if (ending !== undefined) return removeAll(pods.filter(isPodActive))
  if (job.metadata.deletionTimestamp !== undefined) return noChange
  return planPods({ job, pods, accounting, givenUp, nowMs })
}

/** Without a number of completions one success ends the job, as soon as the others have ended. */
function isReached(
  { spec }: Stored<Job>,
  pods: readonly Stored<Pod>[],
  accounting: Accounting,
  change: PodChange,
): boolean {
  const active = pods.filter(isPodActive).length - change.remove.length + change.create.length
  if (active > 0 || change.waitMs > 0) return false
  const succeeded = accounting.succeeded + accounting.uncounted.succeeded.length
  return spec?.completions === undefined ? succeeded > 0 : succeeded >= spec.completions
}

type Numbers = Readonly<{ active: number; ready: number; terminating: number }>

function numbersAfter(active: readonly Stored<Pod>[], terminating: number, { create, remove }: PodChange): Numbers {
  return {
    active: active.length + create.length - remove.length,
    ready: active.filter(isPodReady).length - remove.filter(isPodReady).length,
    terminating: terminating + remove.length,
  }
}

type Told = Readonly<{ conditions: readonly JobCondition[]; actions: readonly Action[] }>

/** The end is told in two steps: what it will be, and, when every pod has ended and is counted, that it is. */
function conditionsAfter(
  job: Stored<Job>,
  ending: Ending | undefined,
  { uncounted, release, isComplete }: Accounting,
  terminating: number,
  nowMs: number,
): Told {
  const known = job.status.conditions ?? []
  if (ending === undefined) return suspension(job, known, nowMs)
  const { type, reason, message } = ending
  const interim = interimType(ending)
  const conditions =
    conditionOf(job, interim) === undefined ? [...known, newCondition(interim, 'True', reason, message, nowMs)] : known
  const open = uncounted.succeeded.length + uncounted.failed.length + release.length + terminating
  if (open > 0 || !isComplete) return { conditions, actions: [] }
  return {
    conditions: [...conditions, newCondition(type, 'True', reason, message, nowMs)],
    actions: [
      type === 'Complete' ? event(job, 'Normal', 'Completed', 'Job completed') : event(job, 'Warning', reason, message),
    ],
  }
}

function suspension(job: Stored<Job>, known: readonly JobCondition[], nowMs: number): Told {
  if (job.metadata.deletionTimestamp !== undefined) return { conditions: known, actions: [] }
  const current = known.find(({ type }) => type === 'Suspended')
  const suspended = job.spec?.suspend === true
  const isTold = suspended ? current?.status === 'True' : current === undefined || current.status === 'False'
  if (isTold) return { conditions: known, actions: [] }
  const [word, status] = suspended ? (['suspended', 'True'] as const) : (['resumed', 'False'] as const)
  const reason = suspended ? 'Suspended' : 'Resumed'
  const condition = newCondition('Suspended', status, `Job${reason}`, `Job ${word}`, nowMs)
  const conditions =
    current === undefined ? [...known, condition] : known.map((each) => (each === current ? condition : each))
  return { conditions, actions: [event(job, 'Normal', reason, `Job ${word}`)] }
}

function statusAfter(
  job: Stored<Job>,
  accounting: Accounting,
  numbers: Numbers,
  conditions: readonly JobCondition[],
  givenUp: ReadonlySet<number>,
): JobStatus {
  const { active, ...counts } = numbers
  const completedIndexes = isIndexed(job) ? formatIndexes(accounting.succeededIndexes) : ''
  const complete = conditions.find(({ type, status }) => type === 'Complete' && status === 'True')
  const startTime = startTimeAfter(job, conditions)
  return {
    ...counts,
    ...countedStatus(accounting),
    ...(active > 0 ? { active } : {}),
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(startTime === undefined ? {} : { startTime }),
    ...(complete?.lastTransitionTime === undefined ? {} : { completionTime: complete.lastTransitionTime }),
    ...(completedIndexes === '' ? {} : { completedIndexes }),
    ...(job.spec?.backoffLimitPerIndex === undefined ? {} : { failedIndexes: formatIndexes(givenUp) }),
  }
}

/** A job that is resumed begins anew: its deadline does not count the time it was suspended. */
function startTimeAfter({ status }: Stored<Job>, conditions: readonly JobCondition[]): string | undefined {
  const [before, now] = [status.conditions ?? [], conditions].map((list) =>
    list.find(({ type }) => type === 'Suspended'),
  )
  const resumed = before?.status === 'True' && now?.status === 'False'
  return resumed ? now.lastTransitionTime : status.startTime
}

function nextLook(
  job: Stored<Job>,
  ending: Ending | undefined,
  { waitMs }: PodChange,
  nowMs: number,
): readonly Action[] {
  if (ending !== undefined) return []
  const leftMs = deadlineLeftMs(job, nowMs)
  return [...(waitMs > 0 ? [requeue(waitMs)] : []), ...(leftMs === undefined ? [] : [requeue(Math.max(leftMs, 0))])]
}

/** Key order, and counts of nothing, do not matter. */
function sorted(status: JobStatus | undefined): unknown {
  const entries = Object.entries(status ?? {}).filter(([name, value]) => !(name === 'active' && value === 0))
  return entries.sort(([a], [b]) => (a < b ? -1 : 1))
}
