import type { Job } from '../kinds.generated.ts'
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
