import type { CronJob, Job } from '../kinds.generated.ts'
import { humanAge, humanDuration } from './human-duration.ts'
import { ageColumn, column, nameColumn, tableSpec } from './table-spec.ts'
import { containerCells, selectorText, templateColumns } from './workload-tables.ts'

export const jobTable = tableSpec<Job>(
  [
    nameColumn,
    column('Status', 'How far the job is.'),
    column('Completions', 'Pods that have succeeded, of all that must.'),
    column('Duration', 'How long the job has been or was at work.'),
    ageColumn,
    ...templateColumns,
  ],
  (job, nowMs) => [
    job.metadata?.name ?? '',
    statusText(job),
    completionsText(job),
    durationText(job, nowMs),
    humanAge(job.metadata?.creationTimestamp, nowMs),
    ...containerCells(job.spec?.template),
    selectorText(job.spec?.selector, '<error>', '<none>'),
  ],
)

function completionsText({ spec, status }: Job): string {
  const { succeeded = 0 } = status ?? {}
  const { completions, parallelism = 0 } = spec ?? {}
  if (completions !== undefined) return `${succeeded}/${completions}`
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function durationText({ status }: Job, nowMs: number): string {
  const { startTime, completionTime } = status ?? {}
  if (startTime === undefined) return ''
  return humanDuration((completionTime === undefined ? nowMs : Date.parse(completionTime)) - Date.parse(startTime))
}

function statusText({ metadata, status }: Job): string {
  const holds = (type: string): boolean =>
    status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
  if (holds('Complete')) return 'Complete'
  if (holds('Failed')) return 'Failed'
  if (metadata?.deletionTimestamp !== undefined) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(holds) ?? 'Running'
}

export const cronJobTable = tableSpec<CronJob>(
  [
    nameColumn,
    column('Schedule', 'When jobs are made.'),
    column('Timezone', 'Where the clock hangs that the schedule means.'),
    column('Suspend', 'Whether jobs are made at all.', 'boolean'),
    column('Active', 'Jobs that run.', 'integer'),
    column('Last Schedule', 'How long ago the last job was made.'),
    ageColumn,
    ...templateColumns,
  ],
  ({ metadata, spec, status }, nowMs) => [
    metadata?.name ?? '',
    spec?.schedule ?? '',
    spec?.timeZone ?? '<none>',
    suspendText(spec?.suspend),
    status?.active?.length ?? 0,
    status?.lastScheduleTime === undefined ? '<none>' : humanAge(status.lastScheduleTime, nowMs),
    humanAge(metadata?.creationTimestamp, nowMs),
    ...containerCells(spec?.jobTemplate?.spec?.template),
    selectorText(spec?.jobTemplate?.spec?.selector, '<error>', '<none>'),
  ],
)

function suspendText(suspend: boolean | undefined): string {
  if (suspend === undefined) return '<unset>'
  return suspend ? 'True' : 'False'
}
