import type { HttpResponse } from '../../ports/http.ts'
import { textResponse } from '../output/write-answer.ts'
import type { FlowControl } from './flow-control.ts'
import { stateOf } from './priority-level.ts'

const folder = '/debug/api_priority_and_fairness/'

/** What flow control is doing, for people: kube-apiserver's pages of the same names. */
export function flowDump(flow: Pick<FlowControl, 'levels'>, path: string): HttpResponse | undefined {
  if (path === `${folder}dump_priority_levels`) return textResponse(200, levelTable(flow))
  if (path === `${folder}dump_queues`) return textResponse(200, queueTable(flow))
  return undefined
}

const levelColumns = [
  'PriorityLevelName',
  'ActiveQueues',
  'IsIdle',
  'IsQuiescing',
  'WaitingRequests',
  'ExecutingRequests',
  'DispatchedRequests',
  'RejectedRequests',
  'TimedoutRequests',
  'CancelledRequests',
]

function levelTable({ levels }: Pick<FlowControl, 'levels'>): string {
  const rows = byName(levels()).map((level) => {
    const { activeQueues, waiting, executing } = stateOf(level)
    const { dispatched, rejected, timedOut, cancelled } = level.counts
    const isIdle = waiting === 0 && executing === 0
    return [
      level.config.name,
      activeQueues,
      isIdle,
      false,
      waiting,
      executing,
      dispatched,
      rejected,
      timedOut,
      cancelled,
    ]
  })
  return table([levelColumns, ...rows])
}

const queueColumns = [
  'PriorityLevelName',
  'Index',
  'PendingRequests',
  'ExecutingRequests',
  'SeatsInUse',
  'NextDispatchR',
  'InitialSeatsSum',
  'MaxSeatsSum',
  'TotalWorkSum',
]

function queueTable({ levels }: Pick<FlowControl, 'levels'>): string {
  const rows = byName(levels()).flatMap(({ config, queues }) =>
    (queues?.queueStates() ?? []).map((queue, index) => [
      config.name,
      index,
      queue.waiting,
      queue.executing,
      queue.seatsInUse,
      seatSeconds(queue.nextDispatchR),
      queue.waitingSeats,
      queue.waitingSeats,
      seatSeconds(queue.waitingWork),
    ]),
  )
  return table([queueColumns, ...rows])
}

function byName(levels: ReturnType<FlowControl['levels']>): ReturnType<FlowControl['levels']> {
  return levels.toSorted((a, b) => (a.config.name < b.config.name ? -1 : 1))
}

function seatSeconds(seatMs: number): string {
  return `${(seatMs / 1000).toFixed(8)}ss`
}

const leastWidth = 8

/** As Go's tabwriter: every cell but the last of a row as wide as the widest of its column. */
function table(rows: readonly (readonly unknown[])[]): string {
  const texts = rows.map((row) => row.map((cell, at) => (at === row.length - 1 ? String(cell) : `${cell},`)))
  const widths = (texts[0] ?? []).map((_, at) =>
    Math.max(leastWidth, ...texts.map((row) => (row[at]?.length ?? 0) + 1)),
  )
  return texts
    .map((row) => row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join(''))
    .map((line) => `${line}\n`)
    .join('')
}
