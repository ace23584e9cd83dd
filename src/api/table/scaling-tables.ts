import type {
  V2MetricSpec as MetricSpec,
  V2MetricStatus as MetricStatus,
  V2MetricTarget as MetricTarget,
  V2MetricValueStatus as MetricValueStatus,
  PodDisruptionBudget,
  Scale,
  V2HorizontalPodAutoscaler,
} from '../kinds.generated.ts'
import { humanAge } from './human-duration.ts'
import { ageColumn, column, nameColumn, tableSpec } from './table-spec.ts'

export const podDisruptionBudgetTable = tableSpec<PodDisruptionBudget>(
  [
    nameColumn,
    column('Min Available', 'How many pods must stay.'),
    column('Max Unavailable', 'How many pods may be missing.'),
    column('Allowed Disruptions', 'How many pods may be evicted now.', 'integer'),
    ageColumn,
  ],
  ({ metadata, spec, status }, nowMs) => [
    metadata?.name ?? '',
    String(spec?.minAvailable ?? 'N/A'),
    String(spec?.maxUnavailable ?? 'N/A'),
    status?.disruptionsAllowed ?? 0,
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)

export const scaleTable = tableSpec<Scale>(
  [
    column('Name', 'The name of what is scaled.'),
    column('Desired', 'How many there should be.', 'integer'),
    column('Available', 'How many there are.', 'integer'),
    ageColumn,
  ],
  ({ metadata, spec, status }, nowMs) => [
    metadata?.name ?? '',
    spec?.replicas ?? 0,
    status?.replicas ?? 0,
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)

export const horizontalPodAutoscalerTable = tableSpec<V2HorizontalPodAutoscaler>(
  [
    nameColumn,
    column('Reference', 'What is scaled.'),
    column('Targets', 'Each metric: as it is, and as it should be.'),
    column('MinPods', 'The fewest pods.'),
    column('MaxPods', 'The most pods.'),
    column('Replicas', 'Pods that there are.'),
    ageColumn,
  ],
  ({ metadata, spec, status }, nowMs) => [
    metadata?.name ?? '',
    `${spec?.scaleTargetRef?.kind ?? ''}/${spec?.scaleTargetRef?.name ?? ''}`,
    metricsText(spec?.metrics ?? [], status?.currentMetrics ?? []),
    String(spec?.minReplicas ?? '<unset>'),
    spec?.maxReplicas ?? 0,
    status?.currentReplicas ?? 0,
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)

const shownMetrics = 2
const unknown = '<unknown>'

function metricsText(specs: readonly MetricSpec[], statuses: readonly (MetricStatus | undefined)[]): string {
  if (specs.length === 0) return '<none>'
  const texts = specs.map((spec, at) => metricText(spec, statuses[at]))
  const shown = texts.slice(0, shownMetrics).join(', ')
  return texts.length > shownMetrics ? `${shown} + ${texts.length - shownMetrics} more...` : shown
}

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case 'External':
      return valueText(spec.external?.target, status?.external?.current)
    case 'Object':
      return valueText(spec.object?.target, status?.object?.current)
    case 'Pods':
      return `${status?.pods?.current.averageValue ?? unknown}/${spec.pods?.target.averageValue ?? '0'}`
    case 'Resource':
      return resourceText(spec.resource, status?.resource?.current)
    case 'ContainerResource':
      return resourceText(spec.containerResource, status?.containerResource?.current)
    default:
      return '<unknown type>'
  }
}

function valueText(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  return target?.averageValue === undefined
    ? `${current?.value ?? unknown}/${target?.value ?? '0'}`
    : `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`
}

type Resource = Readonly<{ name: string; target: MetricTarget }>

function resourceText(source: Resource | undefined, current: MetricValueStatus | undefined): string {
  const { averageValue, averageUtilization } = source?.target ?? {}
  const name = source?.name ?? ''
  if (averageValue !== undefined) return `${name}: ${current?.averageValue ?? unknown}/${averageValue}`
  const wanted = averageUtilization === undefined ? '<auto>' : `${averageUtilization}%`
  const used = current?.averageUtilization
  return `${name}: ${used === undefined ? unknown : `${used}%`}/${wanted}`
}
