import { describe, expect, it } from 'vitest'
import type { CronJobSpec, CronJobStatus, Job } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Action } from '../action.ts'
import { ownedBy, sampleMeta } from '../sample-objects.ts'
import { type CronJobObject, type ObservedCronJob, reconcileCronJob } from './cron-job.ts'

const nowMs = Date.UTC(2026, 0, 1, 12, 0, 30)
const minute = (hours: number, minutes: number): number => Math.floor(Date.UTC(2026, 0, 1, hours, minutes) / 60_000)
const at = (hours: number, minutes: number): string => timestampOf(Date.UTC(2026, 0, 1, hours, minutes))

function cronJobOf(
  spec: Partial<CronJobSpec> = {},
  status: CronJobStatus = { lastScheduleTime: at(11, 55) },
): CronJobObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: sampleMeta('cron', { creationTimestamp: at(0, 0) }),
    spec: { schedule: '*/5 * * * *', concurrencyPolicy: 'Allow', jobTemplate: {}, ...spec },
    status,
  }
}

type Of = Readonly<{ done?: 'Complete' | 'Failed'; manual?: boolean; started?: string; ended?: string }>

function job(minuteOf: number, { done, manual = false, started = '', ended }: Of = {}): Stored<Job> {
  const name = manual ? `manual-${minuteOf}` : `cron-${minuteOf}`
  const annotations = { 'batch.kubernetes.io/cronjob-scheduled-timestamp': timestampOf(minuteOf * 60_000) }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: sampleMeta(name, { ...ownedBy(kinds.cronJobs, cronJobOf()), ...(manual ? {} : { annotations }) }),
    spec: { template: {} },
    status: {
      ...(done && { conditions: [{ type: done, status: 'True' }] }),
      ...(started === '' ? {} : { startTime: started }),
      ...(ended === undefined ? {} : { completionTime: ended }),
    },
  } as Stored<Job>
}

function observed(cronJob: CronJobObject, jobs: readonly Stored<Job>[] = []): ObservedCronJob {
  return { nowMs, cronJob, jobs, isTaken: (name) => jobs.some(({ metadata }) => metadata.name === name) }
}

function told(actions: readonly Action[]): readonly string[] {
  return actions.flatMap((action) => {
    if (action.type === 'create') return [`create ${action.object.metadata.name}`]
    if (action.type === 'delete') return [`delete ${action.target.name}`]
    return action.type === 'event' ? [action.reason] : []
  })
}

const due = `cron-${minute(12, 0)}`
const running = job(minute(11, 55))

const cases: readonly (readonly [string, ObservedCronJob, readonly string[]])[] = [
  ['makes a job that is due', observed(cronJobOf()), [`create ${due}`, 'SuccessfulCreate']],
  [
    'makes only the newest of those that were missed',
    observed(cronJobOf({}, { lastScheduleTime: at(11, 0) })),
    [`create ${due}`, 'SuccessfulCreate'],
  ],
  [
    'says when it has missed very many',
    observed(cronJobOf({}, {})),
    ['TooManyMissedTimes', `create ${due}`, 'SuccessfulCreate'],
  ],
  ['makes none before the time', observed(cronJobOf({}, { lastScheduleTime: at(12, 0) })), []],
  ['makes none while it is suspended', observed(cronJobOf({ suspend: true })), []],
  ['makes none twice', observed(cronJobOf({}, { lastScheduleTime: at(11, 55), active: [] }), [job(minute(12, 0))]), []],
  ['makes none that is too late', observed(cronJobOf({ startingDeadlineSeconds: 20 })), []],
  ['lets jobs run beside each other', observed(cronJobOf(), [running]), [`create ${due}`, 'SuccessfulCreate']],
  [
    'waits for one that runs, where others are forbidden',
    observed(cronJobOf({ concurrencyPolicy: 'Forbid' }), [running]),
    ['JobAlreadyActive'],
  ],
  [
    'replaces one that runs',
    observed(cronJobOf({ concurrencyPolicy: 'Replace' }), [running]),
    [`delete ${running.metadata.name}`, 'SuccessfulDelete', `create ${due}`, 'SuccessfulCreate'],
  ],
  [
    'does not replace one that has ended',
    observed(cronJobOf({ concurrencyPolicy: 'Replace' }), [job(minute(11, 55), { done: 'Complete' })]),
    [`create ${due}`, 'SuccessfulCreate'],
  ],
  [
    'minds a zone',
    observed(cronJobOf({ schedule: '0 7 * * *', timeZone: 'America/New_York' })),
    [`create ${due}`, 'SuccessfulCreate'],
  ],
  ['knows no such zone', observed(cronJobOf({ timeZone: 'Mars/Base' })), ['UnknownTimeZone']],
  ['cannot read such a schedule', observed(cronJobOf({ schedule: 'never' })), ['UnparseableSchedule']],
  [
    'tells of jobs that others made',
    observed(cronJobOf({ suspend: true }), [job(1, { manual: true })]),
    ['UnexpectedJob'],
  ],
  [
    'keeps as many that have ended as it should',
    observed(cronJobOf({ suspend: true, successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 }), [
      job(1, { done: 'Complete', started: at(2, 0) }),
      job(2, { done: 'Complete', started: at(1, 0) }),
      job(3, { done: 'Failed' }),
    ]),
    ['delete cron-2', 'SuccessfulDelete', 'delete cron-3', 'SuccessfulDelete'],
  ],
]

describe('a CronJob', () => {
  it.each(cases)('%s', (_name, state, expected) => {
    expect(told(reconcileCronJob(state))).toEqual(expected)
  })

  it('looks again a little after the next time', () => {
    const after = (state: ObservedCronJob): unknown => reconcileCronJob(state).find(({ type }) => type === 'requeue')
    expect(after(observed(cronJobOf()))).toEqual({ type: 'requeue', afterMs: 270_100 })
    expect(after(observed(cronJobOf({}, { lastScheduleTime: at(12, 0) })))).toEqual({
      type: 'requeue',
      afterMs: 270_100,
    })
    expect(after(observed(cronJobOf({ suspend: true })))).toBeUndefined()
  })

  it('lists the jobs that run, and tells of those that have ended', () => {
    const ended = job(minute(11, 50), { done: 'Complete', ended: at(11, 51) })
    const gone = { kind: 'Job', name: 'gone', uid: 'uid-gone' }
    const listed = { kind: 'Job', name: ended.metadata.name, uid: ended.metadata.uid }
    const status = { lastScheduleTime: at(12, 0), active: [listed, gone] }
    const actions = reconcileCronJob(observed(cronJobOf({}, status), [ended, running]))
    expect(told(actions)).toEqual(['SawCompletedJob', 'MissingJob'])
    expect(actions.find(({ type }) => type === 'updateStatus')).toMatchObject({
      object: { status: { active: [{ name: running.metadata.name }], lastSuccessfulTime: at(11, 51) } },
    })
  })

  it('stamps a job with its time by the clocks of the zone', () => {
    const spec = { schedule: '0 7 * * *', timeZone: 'America/New_York' }
    expect(reconcileCronJob(observed(cronJobOf(spec)))[0]).toMatchObject({
      object: {
        metadata: { annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T07:00:00-05:00' } },
      },
    })
  })
})
