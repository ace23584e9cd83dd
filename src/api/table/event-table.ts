import type { Event } from '../kinds.generated.ts'
import { humanAge } from './human-duration.ts'
import { type Cell, column, nameColumn, tableSpec, wideColumn } from './table-spec.ts'

export const eventTable = tableSpec<Event>(
  [
    column('Last Seen', 'When it happened last.'),
    column('Type', 'Normal or Warning.'),
    column('Reason', 'What happened, in a word.'),
    column('Object', 'What it happened to.'),
    wideColumn('Subobject', 'Which part of the object.'),
    wideColumn('Source', 'Who says so.'),
    column('Message', 'What happened.'),
    wideColumn('First Seen', 'When it happened first.'),
    wideColumn('Count', 'How often it has happened.'),
    { ...nameColumn, priority: 1 },
  ],
  eventCells,
)

function eventCells(event: Event, nowMs: number): readonly Cell[] {
  const { involvedObject, series, source } = event
  const first = humanAge(event.firstTimestamp || event.eventTime, nowMs)
  const last = event.lastTimestamp ? humanAge(event.lastTimestamp, nowMs) : first
  const kind = (involvedObject.kind ?? '').toLowerCase()
  const component = source?.component || event.reportingComponent || ''
  const instance = source?.host || event.reportingInstance || ''
  return [
    series ? humanAge(series.lastObservedTime, nowMs) : last,
    event.type ?? '',
    event.reason ?? '',
    involvedObject.name ? `${kind}/${involvedObject.name}` : kind,
    involvedObject.fieldPath ?? '',
    instance === '' ? component : `${component}, ${instance}`,
    (event.message ?? '').trim(),
    first,
    series ? (series.count ?? 0) : event.count || 1,
    event.metadata.name ?? '',
  ]
}
