import { parseIndexes, readIndexes } from '../job-indexes.ts'
import type { Job, JobStatus } from '../kinds.generated.ts'
import {
  child,
  duplicate,
  type Errors,
  index,
  invalid,
  invalidUnshown,
  nonNegative,
  required,
  sameValue,
} from './field-error.ts'
import { validateMetaUpdate } from './object-meta.ts'

const conditionsPath = 'status.conditions'

function holds(status: JobStatus, type: string): boolean {
  return status.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
}

function isFinished(status: JobStatus): boolean {
  return holds(status, 'Complete') || holds(status, 'Failed')
}

/** Rules that look at a field apply where it changes: what was wrong before must not stop other writes. */
export function validateJobStatusUpdate(job: Job, old: Job): Errors {
  const [now, before] = [job.status ?? {}, old.status ?? {}]
  return [
    ...validateMetaUpdate(job.metadata ?? {}, old.metadata ?? {}),
    ...validateCounts(now),
    ...validateEnd(job, now, before),
    ...validateIndexes(job, now, before),
    ...validateExclusions(job, now, before),
    ...validateTransitions(job, now, before),
  ]
}

function validateCounts(status: JobStatus): Errors {
  const { active, succeeded, failed, ready, terminating, uncountedTerminatedPods: uncounted } = status
  const seen = new Set<string>()
  return [
    ...Object.entries({ active, succeeded, failed, ready, terminating }).flatMap(([name, value]) =>
      nonNegative(child('status', name), value),
    ),
    ...(['succeeded', 'failed'] as const).flatMap((name) =>
      (uncounted?.[name] ?? []).flatMap((uid, at) => {
        const path = index(child('status.uncountedTerminatedPods', name), at)
        if (uid === '') return [invalid(path, uid, 'must not be empty')]
        if (seen.has(uid)) return [duplicate(path, uid)]
        seen.add(uid)
        return []
      }),
    ),
  ]
}

/** How a job may end: one way, with what must have come before. */
function validateEnd(job: Job, now: JobStatus, before: JobStatus): Errors {
  const [complete, failed, finished] = [holds(now, 'Complete'), holds(now, 'Failed'), isFinished(now)]
  const changed = (type: string): boolean => holds(now, type) !== holds(before, type)
  const finishes = finished !== isFinished(before)
  const endChanged = changed('Complete') || now.completionTime !== before.completionTime
  const timesChanged = now.startTime !== before.startTime || now.completionTime !== before.completionTime
  const uncounted = now.uncountedTerminatedPods
  const uncountedCount = (uncounted?.succeeded ?? []).length + (uncounted?.failed ?? []).length
  const emptyAndSuspended = job.spec?.suspend === true && job.spec.completions === 0
  const when = (condition: boolean, error: () => Errors[number]): Errors => (condition ? [error()] : [])
  const cannot = (what: string) => () => invalidUnshown(conditionsPath, `cannot set ${what}`)
  return [
    ...when(
      complete && failed && (changed('Complete') || changed('Failed')),
      cannot('Complete=True and Failed=true conditions'),
    ),
    ...when(
      complete && holds(now, 'FailureTarget') && (changed('Complete') || changed('FailureTarget')),
      cannot('Complete=True and FailureTarget=true conditions'),
    ),
    ...when(endChanged && now.completionTime !== undefined && !complete, () =>
      invalid(
        'status.completionTime',
        now.completionTime,
        'cannot set completionTime when there is no Complete=True condition',
      ),
    ),
    ...when(endChanged && now.completionTime === undefined && complete, () =>
      required('status.completionTime', 'completionTime is required for Complete jobs'),
    ),
    ...when(timesChanged && (now.completionTime ?? '~') < (now.startTime ?? ''), () =>
      invalid('status.completionTime', now.completionTime, 'must be equal to or after `startTime`'),
    ),
    ...when(
      failed && !holds(now, 'FailureTarget') && (changed('Failed') || now.failedIndexes !== before.failedIndexes),
      cannot('Failed=True condition without the FailureTarget=true condition'),
    ),
    ...when(
      complete && !holds(now, 'SuccessCriteriaMet') && (changed('Complete') || changed('SuccessCriteriaMet')),
      cannot('Complete=True condition without the SuccessCriteriaMet=true condition'),
    ),
    ...when(finished && (now.active ?? 0) > 0 && (finishes || now.active !== before.active), () =>
      invalid('status.active', now.active, 'active>0 is invalid for finished job'),
    ),
    ...when(
      finished && now.startTime === undefined && !emptyAndSuspended && (finishes || now.startTime !== before.startTime),
      () => required('status.startTime', 'startTime is required for finished job'),
    ),
    ...when(finished && uncountedCount > 0 && (finishes || !sameValue(uncounted, before.uncountedTerminatedPods)), () =>
      invalid('status.uncountedTerminatedPods', shownUncounted(uncounted), 'must be empty for finished job'),
    ),
  ]
}

/** As Go shows it. */
function shownUncounted(uncounted: JobStatus['uncountedTerminatedPods']): unknown {
  return { Succeeded: uncounted?.succeeded ?? null, Failed: uncounted?.failed ?? null }
}

function validateIndexes({ spec }: Job, now: JobStatus, before: JobStatus): Errors {
  const { completedIndexes = '', failedIndexes } = now
  const [path, failedPath] = ['status.completedIndexes', 'status.failedIndexes']
  const changed = completedIndexes !== (before.completedIndexes ?? '')
  const failedChanged = failedIndexes !== before.failedIndexes
  const completions = spec?.completions
  const perIndex = spec?.backoffLimitPerIndex !== undefined
  const parsed = parseIndexes(completedIndexes, completions ?? 0)
  const parsedFailed = parseIndexes(failedIndexes ?? '', completions ?? 0)
  const both = [...readIndexes(failedIndexes, completions ?? 0)].find((each) =>
    readIndexes(completedIndexes, completions ?? 0).has(each),
  )
  const errors: Errors[number][] = []
  if (changed && completions !== undefined && !parsed.ok)
    errors.push(invalid(path, completedIndexes, `error parsing completedIndexes: ${parsed.error}`))
  if (failedChanged && completions !== undefined && perIndex && !parsedFailed.ok)
    errors.push(invalid(failedPath, failedIndexes, `error parsing failedIndexes: ${parsedFailed.error}`))
  if (changed && completedIndexes !== '' && spec?.completionMode !== 'Indexed')
    errors.push(
      invalid(path, completedIndexes, 'cannot set non-empty completedIndexes when non-indexed completion mode'),
    )
  if (failedChanged && !perIndex && failedIndexes !== undefined)
    errors.push(
      invalid(failedPath, failedIndexes, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'),
    )
  const readable = parsed.ok && parsedFailed.ok
  if ((changed || failedChanged) && completions !== undefined && readable && both !== undefined)
    errors.push(invalid(failedPath, failedIndexes, `failedIndexes and completedIndexes overlap at index: ${both}`))
  return errors
}

function validateExclusions({ spec }: Job, now: JobStatus, before: JobStatus): Errors {
  const { ready = 0, active = 0, terminating = 0 } = now
  const finishes = isFinished(now) !== isFinished(before)
  const activeChanged = active !== (before.active ?? 0)
  const met = holds(now, 'SuccessCriteriaMet')
  const errors: Errors[number][] = []
  if (isFinished(now) && terminating > 0 && (finishes || terminating !== before.terminating))
    errors.push(invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job'))
  if (ready > active && (activeChanged || ready !== before.ready))
    errors.push(invalid('status.ready', ready, 'cannot set more ready pods than active'))
  for (const [type, shown] of [
    ['Failed', 'Failed'],
    ['FailureTarget', 'FailureTarget'],
  ] as const) {
    if (met && holds(now, type))
      errors.push(invalidUnshown(conditionsPath, `cannot set SuccessCriteriaMet=True and ${shown}=true conditions`))
  }
  if (spec?.successPolicy !== undefined && !met && holds(now, 'Complete'))
    errors.push(
      invalidUnshown(
        conditionsPath,
        'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
      ),
    )
  return errors
}

function validateTransitions({ spec }: Job, now: JobStatus, before: JobStatus): Errors {
  const errors: Errors[number][] = []
  const lost = (type: string): boolean => holds(before, type) && !holds(now, type)
  for (const type of ['Failed', 'Complete', 'FailureTarget'])
    if (lost(type)) errors.push(invalidUnshown(conditionsPath, `cannot disable the terminal ${type}=True condition`))
  if ((now.failed ?? 0) < (before.failed ?? 0))
    errors.push(invalid('status.failed', now.failed ?? 0, 'cannot decrease the failed counter'))
  // Where all run at once, an Indexed job may shrink, and forget indexes beyond its new end.
  const shrinks = spec?.completionMode === 'Indexed' && spec.completions === spec.parallelism
  if (!shrinks && (now.succeeded ?? 0) < (before.succeeded ?? 0))
    errors.push(invalid('status.succeeded', now.succeeded ?? 0, 'cannot decrease the succeeded counter'))
  const ended = before.completionTime !== undefined && now.completionTime !== undefined
  if (ended && before.completionTime !== now.completionTime)
    errors.push(invalid('status.completionTime', now.completionTime, 'field is immutable'))
  const resumes =
    holds(before, 'Suspended') && now.conditions?.some((each) => each.type === 'Suspended' && each.status === 'False')
  const restarted = before.startTime !== undefined && before.startTime !== now.startTime
  if (restarted && spec?.suspend !== true && !resumes)
    errors.push(invalid('status.startTime', now.startTime ?? null, 'field is immutable for unsuspended job once set'))
  if (lost('SuccessCriteriaMet'))
    errors.push(invalidUnshown(conditionsPath, 'cannot disable the SuccessCriteriaMet=True condition'))
  if (holds(before, 'Complete') && !holds(before, 'SuccessCriteriaMet') && holds(now, 'SuccessCriteriaMet'))
    errors.push(
      invalidUnshown(conditionsPath, 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'),
    )
  return errors
}
