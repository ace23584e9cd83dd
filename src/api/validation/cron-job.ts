import type { CronJob, CronJobSpec, JobTemplateSpec, ObjectMeta } from '../kinds.generated.ts'
import { zoneOffset } from '../time-zone.ts'
import { parseZonedSchedule } from '../zoned-schedule.ts'
import { child, type Errors, invalid, nonNegative, notSupported, oneOf, required } from './field-error.ts'
import { validateJobSpec } from './job.ts'
import { dnsSubdomainErrors } from './names.ts'
import { validateMetaUpdate, validateNewMeta } from './object-meta.ts'

type Spec = Partial<CronJobSpec>
type AnyCronJob = Readonly<{ metadata?: ObjectMeta; spec?: Spec }>

/** Jobs are named after it, with eleven characters more. */
const longestName = 52

export function validateCronJob({ metadata = {}, spec = {} }: AnyCronJob): Errors {
  const { name = '' } = metadata
  return [
    ...validateNewMeta(metadata, true, dnsSubdomainErrors),
    ...validateSpec(spec, undefined),
    ...(name.length > longestName
      ? [invalid('metadata.name', name, `must be no more than ${longestName} characters`)]
      : []),
  ]
}

export function validateCronJobUpdate({ metadata = {}, spec = {} }: AnyCronJob, old: AnyCronJob): Errors {
  return [...validateMetaUpdate(metadata, old.metadata ?? {}), ...validateSpec(spec, old.spec ?? {})]
}

/** What of the status may be written is not looked at. */
export function validateCronJobStatusUpdate(_now: CronJob, _old: CronJob): Errors {
  return []
}

const policies = ['Allow', 'Forbid', 'Replace']

function validateSpec(spec: Spec, old: Spec | undefined): Errors {
  const { schedule = '', timeZone } = spec
  const isZoneNew = old === undefined || old.timeZone !== timeZone
  return [
    ...(schedule === '' ? [required('spec.schedule')] : validateSchedule('spec.schedule', schedule, timeZone, old)),
    ...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...(isZoneNew && timeZone !== undefined ? validateTimeZone('spec.timeZone', timeZone) : []),
    ...oneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, policies),
    ...validateJobTemplate('spec.jobTemplate', spec.jobTemplate ?? {}),
    ...nonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...nonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
  ]
}

function validateSchedule(
  field: string,
  schedule: string,
  timeZone: string | undefined,
  old: Spec | undefined,
): Errors {
  const parsed = parseZonedSchedule(schedule)
  const namesZone = schedule.includes('TZ')
  // Schedules that named their zone before it was forbidden may stay.
  const mayNameZone = old?.schedule?.includes('TZ') ?? false
  const both = 'cannot use both timeZone field and TZ or CRON_TZ in schedule'
  const instead = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
  return [
    ...(parsed.ok ? [] : [invalid(field, schedule, parsed.error)]),
    ...(namesZone && mayNameZone && timeZone !== undefined ? [invalid(field, schedule, both)] : []),
    ...(namesZone && !mayNameZone ? [invalid(field, schedule, instead)] : []),
  ]
}

function validateTimeZone(field: string, timeZone: string): Errors {
  if (timeZone === '') return [invalid(field, timeZone, 'timeZone must be nil or non-empty string')]
  const unknown = [invalid(field, timeZone, `unknown time zone ${timeZone}`)]
  const isPart = (part: string): boolean =>
    part !== '.' && part !== '..' && !part.startsWith('-') && /^[A-Za-z.\-_0-9+]{1,14}$/.test(part)
  if (!timeZone.split('/').every(isPart)) return unknown
  if (timeZone.toLowerCase() === 'local') {
    const detail = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
    return [invalid(field, timeZone, detail), ...(timeZone === 'Local' ? [] : unknown)]
  }
  return zoneOffset(timeZone) === undefined ? unknown : []
}

function validateJobTemplate(field: string, { spec }: JobTemplateSpec): Errors {
  const { selector, manualSelector } = spec ?? {}
  const path = child(field, 'spec')
  return [
    ...validateJobSpec(path, spec ?? {}),
    ...(selector === undefined
      ? []
      : [invalid(child(path, 'selector'), selector, '`selector` will be auto-generated')]),
    ...(manualSelector === true ? [notSupported(child(path, 'manualSelector'), manualSelector, ['nil', 'false'])] : []),
  ]
}
