import type { CronSchedule } from '../../api/cron-schedule.ts'
import type { CronJob, CronJobSpec, CronJobStatus, Job, ObjectReference } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { zoneOffset } from '../../api/time-zone.ts'
import { timestampOf } from '../../api/wire-time.ts'
import { parseZonedSchedule } from '../../api/zoned-schedule.ts'
import type { Draft } from '../../client/client.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'
import { type Action, create, event, remove, requeue, targetOf, updateStatus } from '../action.ts'
import { controllerRef } from '../owner.ts'
import type { Failure } from '../perform.ts'
import { missedTimes, nextTimeMs } from './cron-times.ts'

export type CronJobObject = Stored<CronJob> & Readonly<{ spec: CronJobSpec }>

export type ObservedCronJob = Readonly<{
  nowMs: number
  cronJob: CronJobObject
  /** Those that it owns. */
  jobs: readonly Stored<Job>[]
  /** Whether a job of that name is there, whoever owns it. */
  isTaken: (jobName: string) => boolean
}>

const timestampAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp'

/** Makes a job at each time of the schedule, and tells which of them run. */
export function reconcileCronJob(observed: ObservedCronJob): readonly Action[] {
  const { cronJob, jobs } = observed
  const told = tellJobs(observed)
  const removed = trimHistory(cronJob, jobs)
  const start = cronJob.metadata.deletionTimestamp === undefined ? startJob(observed) : { actions: [] }
  const scheduled = start.scheduledMs === undefined ? {} : { lastScheduleTime: timestampOf(start.scheduledMs) }
  const status = { ...statusOf(cronJob, jobs), ...scheduled }
  return [...told, ...removed, ...start.actions, ...reportStatus(cronJob, status)]
}

function finishedAs({ status }: Stored<Job>): 'Complete' | 'Failed' | undefined {
  const isTrue = (type: string): boolean =>
    status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
  if (isTrue('Complete')) return 'Complete'
  return isTrue('Failed') ? 'Failed' : undefined
}

function isListed({ status }: CronJobObject, { metadata }: Stored<Job>): boolean {
  return status?.active?.some(({ uid }) => uid === metadata.uid) ?? false
}

function tellJobs({ cronJob, jobs }: ObservedCronJob): readonly Action[] {
  const known = new Set(jobs.map(({ metadata }) => metadata.uid))
  const missing = (cronJob.status?.active ?? []).filter(({ uid }) => !known.has(uid ?? ''))
  return [
    ...jobs.flatMap((job) => {
      const condition = finishedAs(job)
      const { name } = job.metadata
      if (condition !== undefined) {
        const message = `Saw completed job: ${name}, condition: ${condition}`
        return isListed(cronJob, job) ? [event(cronJob, 'Normal', 'SawCompletedJob', message)] : []
      }
      const message = `Saw a job that the controller did not create or forgot: ${name}`
      return isListed(cronJob, job) || isScheduled(cronJob, job)
        ? []
        : [event(cronJob, 'Warning', 'UnexpectedJob', message)]
    }),
    ...missing.map(({ name }) => event(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${name}`)),
  ]
}

/** Made by us for a time of the schedule, as its name tells. */
function isScheduled(cronJob: CronJobObject, { metadata }: Stored<Job>): boolean {
  const scheduledMs = msOfTimestamp(metadata.annotations?.[timestampAnnotation])
  return scheduledMs !== undefined && metadata.name === jobName(cronJob, scheduledMs)
}

function jobName({ metadata }: CronJobObject, scheduledMs: number): string {
  return `${metadata.name}-${Math.floor(scheduledMs / 60_000)}`
}

type Start = Readonly<{ actions: readonly Action[]; scheduledMs?: number }>

function startJob(observed: ObservedCronJob): Start {
  const { cronJob, nowMs } = observed
  const { schedule: text, timeZone, suspend = false } = cronJob.spec
  if (timeZone !== undefined && zoneOffset(timeZone) === undefined) {
    const message = `invalid timeZone: ${JSON.stringify(timeZone)}: unknown time zone ${timeZone}`
    return { actions: [event(cronJob, 'Warning', 'UnknownTimeZone', message)] }
  }
  if (suspend) return { actions: [] }
  const schedule = parseZonedSchedule(text, timeZone)
  if (!schedule.ok) {
    const message = `unparseable schedule: ${JSON.stringify(text)} : ${schedule.error}`
    return { actions: [event(cronJob, 'Warning', 'UnparseableSchedule', message)] }
  }
  const started = startDue(observed, schedule.value)
  const after = { ...cronJob, status: { ...cronJob.status, ...lastTime(started) } }
  const afterMs = nextTimeMs(after, schedule.value, nowMs)
  return { ...started, actions: [...started.actions, ...(afterMs === undefined ? [] : [requeue(afterMs)])] }
}

function lastTime({ scheduledMs }: Start): CronJobStatus {
  return scheduledMs === undefined ? {} : { lastScheduleTime: timestampOf(scheduledMs) }
}

const tooMany = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew'
const stillRunning = 'Not starting job because prior execution is running and concurrency policy is Forbid'

function startDue({ cronJob, jobs, nowMs, isTaken }: ObservedCronJob, schedule: CronSchedule): Start {
  const { spec, status } = cronJob
  const { recentMs, isMany } = missedTimes(cronJob, schedule, nowMs, true)
  if (recentMs === undefined) return { actions: [] }
  const warned = isMany ? [event(cronJob, 'Warning', 'TooManyMissedTimes', tooMany)] : []
  const deadlineSeconds = spec.startingDeadlineSeconds
  if (deadlineSeconds !== undefined && recentMs + deadlineSeconds * 1000 < nowMs) {
    const when = new Date(recentMs).toUTCString().replace('GMT', '+0000')
    const message = `Missed scheduled time to start a job: ${when}`
    return { actions: [...warned, event(cronJob, 'Warning', 'MissSchedule', message)] }
  }
  const name = jobName(cronJob, recentMs)
  const isDone = isTaken(name) || msOfTimestamp(status?.lastScheduleTime) === recentMs
  if (isDone) return { actions: warned }
  const running = jobs.filter((job) => finishedAs(job) === undefined && isOurs(cronJob, job))
  if (spec.concurrencyPolicy === 'Forbid' && running.length > 0) {
    return { actions: [...warned, event(cronJob, 'Normal', 'JobAlreadyActive', stillRunning)] }
  }
  const replaced = spec.concurrencyPolicy === 'Replace' ? running.flatMap((job) => deleteJob(cronJob, job)) : []
  const made = [
    create(kinds.jobs, newJob(cronJob, recentMs)),
    event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${name}`),
  ]
  return { actions: [...warned, ...replaced, ...made], scheduledMs: recentMs }
}

function isOurs(cronJob: CronJobObject, job: Stored<Job>): boolean {
  return isListed(cronJob, job) || isScheduled(cronJob, job)
}

function newJob(cronJob: CronJobObject, scheduledMs: number): Draft<Job> {
  const { metadata = {}, spec } = cronJob.spec.jobTemplate
  return {
    metadata: {
      name: jobName(cronJob, scheduledMs),
      namespace: cronJob.metadata.namespace ?? '',
      labels: { ...metadata.labels },
      annotations: { ...metadata.annotations, [timestampAnnotation]: wallTime(scheduledMs, cronJob.spec.timeZone) },
      ownerReferences: [controllerRef(kinds.cronJobs, cronJob)],
    },
    ...(spec === undefined ? {} : { spec }),
  }
}

/** RFC 3339 by the clocks of the zone: '2026-01-01T09:00:00-05:00'. */
function wallTime(atMs: number, timeZone = ''): string {
  const offsetMs = zoneOffset(timeZone)?.(atMs) ?? 0
  const wall = timestampOf(atMs + offsetMs)
  if (timeZone === '' || timeZone === 'UTC') return wall
  const minutes = Math.round(Math.abs(offsetMs) / 60_000)
  const two = (value: number): string => String(value).padStart(2, '0')
  const offset = `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
  return wall.replace('Z', minutes === 0 ? 'Z' : offset)
}

function deleteJob(cronJob: CronJobObject, job: Stored<Job>): readonly Action[] {
  return [
    remove(targetOf(kinds.jobs, job), { propagationPolicy: 'Background' }),
    event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`),
  ]
}

/** The oldest that have ended go, beyond the limits. */
function trimHistory(cronJob: CronJobObject, jobs: readonly Stored<Job>[]): readonly Action[] {
  const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = cronJob.spec
  const limits = { Complete: successfulJobsHistoryLimit, Failed: failedJobsHistoryLimit }
  return Object.entries(limits).flatMap(([condition, limit]) => {
    if (limit === undefined) return []
    const ended = jobs.filter((job) => finishedAs(job) === condition && job.metadata.deletionTimestamp === undefined)
    const surplus = Math.max(0, ended.length - limit)
    return [...ended]
      .sort(byStart)
      .slice(0, surplus)
      .flatMap((job) => deleteJob(cronJob, job))
  })
}

function byStart(a: Stored<Job>, b: Stored<Job>): number {
  // Those that never began come last.
  const [left, right] = [a, b].map(({ status }) => status?.startTime ?? '~')
  if (left === right) return a.metadata.name < b.metadata.name ? -1 : 1
  return (left ?? '') < (right ?? '') ? -1 : 1
}

/** In the order in which they were made; what is listed already stays as it stands. */
function statusOf(cronJob: CronJobObject, jobs: readonly Stored<Job>[]): CronJobStatus {
  const { active: listed = [], lastScheduleTime, lastSuccessfulTime } = cronJob.status ?? {}
  const running = jobs.filter((job) => finishedAs(job) === undefined && isOurs(cronJob, job))
  const kept = listed.filter(({ uid }) => running.some(({ metadata }) => metadata.uid === uid))
  const added = running.filter((job) => !isListed(cronJob, job)).map(referenceTo)
  const active = [...kept, ...added]
  const times = jobs.filter((job) => finishedAs(job) === 'Complete').map(({ status }) => status?.completionTime ?? '')
  const successful = [...times, lastSuccessfulTime ?? ''].sort().at(-1) ?? ''
  return {
    ...(active.length === 0 ? {} : { active }),
    ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }),
    ...(successful === '' ? {} : { lastSuccessfulTime: successful }),
  }
}

function referenceTo({ metadata }: Stored<Job>): ObjectReference {
  const { name, namespace = '', uid, resourceVersion } = metadata
  return { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid, resourceVersion }
}

function reportStatus(cronJob: CronJobObject, status: CronJobStatus): readonly Action[] {
  const { active = [], lastScheduleTime, lastSuccessfulTime } = cronJob.status ?? {}
  const uids = (list: readonly ObjectReference[]): string => list.map(({ uid }) => uid).join()
  const isSame =
    uids(active) === uids(status.active ?? []) &&
    lastScheduleTime === status.lastScheduleTime &&
    lastSuccessfulTime === status.lastSuccessfulTime
  return isSame ? [] : [updateStatus(kinds.cronJobs, { ...cronJob, status })]
}

export function cronJobAfterFailure({ cronJob }: ObservedCronJob, { action, status }: Failure): readonly Action[] {
  const why = status.message ?? ''
  if (action.type === 'create') return [event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${why}`)]
  return action.type === 'delete' ? [event(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${why}`)] : []
}
