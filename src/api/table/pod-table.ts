import type { Pod } from '../kinds.generated.ts'
import { humanAge } from './human-duration.ts'
import { summarizePod } from './pod-status.ts'
import {
  ageColumn,
  type Cell,
  column,
  nameColumn,
  orNone,
  type RowCondition,
  tableSpec,
  wideColumn,
} from './table-spec.ts'

export const podTable = tableSpec<Pod>(
  [
    nameColumn,
    column('Ready', 'Containers that are ready, of all that should run.'),
    column('Status', 'Phase of the pod, or why it is not further.'),
    column('Restarts', 'Restarts of its containers, and when the last one was.'),
    ageColumn,
    wideColumn('IP', 'Address of the pod.'),
    wideColumn('Node', 'Node that the pod is bound to.'),
    wideColumn('Nominated Node', 'Node that preemption is making room on.'),
    wideColumn('Readiness Gates', 'Readiness gates that are true, of all.'),
  ],
  podCells,
  podConditions,
)

function podCells(pod: Pod, nowMs: number): readonly Cell[] {
  const { status, readyContainers, totalContainers, restarts, lastRestart } = summarizePod(pod)
  const since = restarts === 0 || lastRestart === undefined ? '' : ` (${humanAge(lastRestart, nowMs)} ago)`
  return [
    pod.metadata?.name ?? '',
    `${readyContainers}/${totalContainers}`,
    status,
    `${restarts}${since}`,
    humanAge(pod.metadata?.creationTimestamp, nowMs),
    orNone(pod.status?.podIPs?.[0]?.ip),
    orNone(pod.spec?.nodeName),
    orNone(pod.status?.nominatedNodeName),
    readinessGates(pod),
  ]
}

function readinessGates({ spec, status }: Pod): string {
  const gates = spec?.readinessGates ?? []
  const isTrue = (type: string) => status?.conditions?.find((condition) => condition.type === type)?.status === 'True'
  if (gates.length === 0) return '<none>'
  return `${gates.filter(({ conditionType }) => isTrue(conditionType)).length}/${gates.length}`
}

function podConditions({ status }: Pod): readonly RowCondition[] | undefined {
  if (status?.phase === 'Succeeded') return [completed('Succeeded', 'The pod has completed successfully.')]
  return status?.phase === 'Failed' ? [completed('Failed', 'The pod failed.')] : undefined
}

function completed(reason: string, message: string): RowCondition {
  return { type: 'Completed', status: 'True', reason, message }
}
