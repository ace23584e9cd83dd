import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  PodTemplate,
  PodTemplateSpec,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from '../kinds.generated.ts'
import { formatSelector, selectorFromLabels, selectorFromObject } from '../label-selector.ts'
import { humanAge } from './human-duration.ts'
import { ageColumn, type Cell, column, nameColumn, orNone, tableSpec, wideColumn } from './table-spec.ts'

export const templateColumns = [
  wideColumn('Containers', 'Names of the containers in the template.'),
  wideColumn('Images', 'Images of the containers in the template.'),
  wideColumn('Selector', 'Labels of the pods that belong to it.'),
]

export const deploymentTable = tableSpec<Deployment>(
  [
    nameColumn,
    column('Ready', 'Pods that are ready, of all that are wanted.'),
    column('Up-to-date', 'Pods of the newest template.'),
    column('Available', 'Pods that have been ready for minReadySeconds.'),
    ageColumn,
    ...templateColumns,
  ],
  ({ metadata, spec, status }, nowMs) => [
    metadata?.name ?? '',
    `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    status?.updatedReplicas ?? 0,
    status?.availableReplicas ?? 0,
    humanAge(metadata?.creationTimestamp, nowMs),
    ...containerCells(spec?.template),
    selectorText(spec?.selector, '<invalid>', ''),
  ],
)

const replicaColumns = [
  nameColumn,
  column('Desired', 'Pods that are wanted.', 'integer'),
  column('Current', 'Pods that there are.', 'integer'),
  column('Ready', 'Pods that are ready.', 'integer'),
  ageColumn,
  ...templateColumns,
]

export const replicaSetTable = tableSpec<ReplicaSet>(replicaColumns, ({ metadata, spec, status }, nowMs) => [
  metadata?.name ?? '',
  spec?.replicas ?? 0,
  status?.replicas ?? 0,
  status?.readyReplicas ?? 0,
  humanAge(metadata?.creationTimestamp, nowMs),
  ...containerCells(spec?.template),
  selectorText(spec?.selector, '<error>', '<none>'),
])

export const replicationControllerTable = tableSpec<ReplicationController>(
  replicaColumns,
  ({ metadata, spec, status }, nowMs) => [
    metadata?.name ?? '',
    spec?.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    humanAge(metadata?.creationTimestamp, nowMs),
    ...containerCells(spec?.template),
    orNone(formatSelector(selectorFromLabels(spec?.selector))),
  ],
)

export const statefulSetTable = tableSpec<StatefulSet>(
  [
    nameColumn,
    column('Ready', 'Pods that are ready, of all that are wanted.'),
    ageColumn,
    ...templateColumns.slice(0, 2),
  ],
  ({ metadata, spec, status }, nowMs) => [
    metadata?.name ?? '',
    `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    humanAge(metadata?.creationTimestamp, nowMs),
    ...containerCells(spec?.template),
  ],
)

export const podTemplateTable = tableSpec<PodTemplate>(
  [
    nameColumn,
    column('Containers', 'Names of the containers in the template.'),
    column('Images', 'Images of the containers in the template.'),
    column('Pod Labels', 'Labels of pods that are made of it.'),
  ],
  ({ metadata, template }) => [
    metadata?.name ?? '',
    ...containerCells(template),
    orNone(formatSelector(selectorFromLabels(template?.metadata?.labels))),
  ],
)

const count = (name: string, description: string) => column(name, description, 'integer')

export const daemonSetTable = tableSpec<DaemonSet>(
  [
    nameColumn,
    count('Desired', 'Nodes that want a pod.'),
    count('Current', 'Nodes that want a pod and have one.'),
    count('Ready', 'Nodes whose pod is ready.'),
    count('Up-to-date', 'Nodes whose pod is of the newest template.'),
    count('Available', 'Nodes whose pod has been ready for minReadySeconds.'),
    column('Node Selector', 'Labels of the nodes that want a pod.'),
    ageColumn,
    ...templateColumns,
  ],
  ({ metadata, spec, status }, nowMs) => [
    metadata?.name ?? '',
    status?.desiredNumberScheduled ?? 0,
    status?.currentNumberScheduled ?? 0,
    status?.numberReady ?? 0,
    status?.updatedNumberScheduled ?? 0,
    status?.numberAvailable ?? 0,
    orNone(formatSelector(selectorFromLabels(spec?.template.spec?.nodeSelector))),
    humanAge(metadata?.creationTimestamp, nowMs),
    ...containerCells(spec?.template),
    selectorText(spec?.selector, '<error>', '<none>'),
  ],
)

export const controllerRevisionTable = tableSpec<ControllerRevision>(
  [
    nameColumn,
    column('Controller', 'What the revision is a revision of.'),
    column('Revision', 'The higher, the newer.'),
    ageColumn,
  ],
  ({ metadata, revision = 0 }, nowMs) => {
    const owner = metadata?.ownerReferences?.find(({ controller }) => controller)
    const group = owner?.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : ''
    const controller = owner === undefined ? '<none>' : `${owner.kind.toLowerCase()}${group}/${owner.name}`
    return [metadata?.name ?? '', controller, revision, humanAge(metadata?.creationTimestamp, nowMs)]
  },
)

export function containerCells(template: PodTemplateSpec | undefined): readonly Cell[] {
  const containers = template?.spec?.containers ?? []
  return [containers.map(({ name }) => name).join(','), containers.map(({ image = '' }) => image).join(',')]
}

export function selectorText(object: Parameters<typeof selectorFromObject>[0], invalid: string, empty: string): string {
  const selector = selectorFromObject(object)
  if (!selector.ok) return invalid
  return selector.value === undefined || selector.value.length === 0 ? empty : formatSelector(selector.value)
}
