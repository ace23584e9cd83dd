import { groupResource, type Kind } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import type { Versioning } from '../versioning.ts'
import { priorityClassTable, resourceQuotaTable, runtimeClassTable } from './cluster-tables.ts'
import {
  componentStatusTable,
  configMapTable,
  leaseTable,
  namespaceTable,
  secretTable,
  serviceAccountTable,
} from './core-tables.ts'
import { eventTable } from './event-table.ts'
import {
  admissionPolicyBindingTable,
  apiServiceTable,
  certificateSigningRequestTable,
  flowSchemaTable,
  mutatingAdmissionPolicyTable,
  namedTable,
  priorityLevelTable,
  resourceClaimTable,
  resourceSliceTable,
  validatingAdmissionPolicyTable,
  webhookConfigurationTable,
} from './extension-tables.ts'
import { cronJobTable, jobTable } from './job-tables.ts'
import {
  ingressClassTable,
  ingressTable,
  ipAddressTable,
  networkPolicyTable,
  serviceCidrTable,
} from './network-tables.ts'
import { nodeTable } from './node-table.ts'
import { podTable } from './pod-table.ts'
import { bindingTable } from './rbac-tables.ts'
import { horizontalPodAutoscalerTable, podDisruptionBudgetTable, scaleTable } from './scaling-tables.ts'
import { endpointSliceTable, endpointsTable, serviceTable } from './service-tables.ts'
import {
  csiDriverTable,
  csiNodeTable,
  storageClassTable,
  volumeAttachmentTable,
  volumeAttributesClassTable,
} from './storage-tables.ts'
import {
  type Cell,
  type ColumnDefinition,
  column,
  nameColumn,
  type RowCondition,
  type TableSpec,
  tableSpec,
} from './table-spec.ts'
import { persistentVolumeClaimTable, persistentVolumeTable } from './volume-tables.ts'
import {
  controllerRevisionTable,
  daemonSetTable,
  deploymentTable,
  podTemplateTable,
  replicaSetTable,
  replicationControllerTable,
  statefulSetTable,
} from './workload-tables.ts'

/** What comes with each row: nothing, the object's metadata, or all of it. */
export type IncludeObject = 'None' | 'Metadata' | 'Object'

export type TableRow = Readonly<{ cells: readonly Cell[]; conditions?: readonly RowCondition[]; object: object | null }>

export type TableMetadata = Readonly<{ resourceVersion?: string; continue?: string; remainingItemCount?: number }>

/** meta.k8s.io/v1 Table: what kubectl get asks for and prints. */
export type Table = Readonly<{
  kind: 'Table'
  apiVersion: 'meta.k8s.io/v1'
  metadata: TableMetadata
  /** null: as in the event before. */
  columnDefinitions: readonly ColumnDefinition[] | null
  rows: readonly TableRow[]
}>

export type TableOptions = Readonly<{
  nowMs: number
  includeObject: IncludeObject
  /** resourceVersion, continue and remainingItemCount of the list; resourceVersion of a single object. */
  metadata?: TableMetadata
  /** Without columns: every event of a watch but the first. */
  noHeaders?: boolean
}>

const specs: ReadonlyMap<string, TableSpec> = new Map([
  ['namespaces', namespaceTable],
  ['nodes', nodeTable],
  ['pods', podTable],
  ['componentstatuses', componentStatusTable],
  ['configmaps', configMapTable],
  ['secrets', secretTable],
  ['services', serviceTable],
  ['endpoints', endpointsTable],
  ['serviceaccounts', serviceAccountTable],
  ['events', eventTable],
  ['podtemplates', podTemplateTable],
  ['replicationcontrollers', replicationControllerTable],
  ['resourcequotas', resourceQuotaTable],
  ['persistentvolumes', persistentVolumeTable],
  ['persistentvolumeclaims', persistentVolumeClaimTable],
  ['statefulsets.apps', statefulSetTable],
  ['cronjobs.batch', cronJobTable],
  ['horizontalpodautoscalers.autoscaling', horizontalPodAutoscalerTable],
  ['scales.autoscaling', scaleTable],
  ['poddisruptionbudgets.policy', podDisruptionBudgetTable],
  ['priorityclasses.scheduling.k8s.io', priorityClassTable],
  ['runtimeclasses.node.k8s.io', runtimeClassTable],
  ['deployments.apps', deploymentTable],
  ['replicasets.apps', replicaSetTable],
  ['daemonsets.apps', daemonSetTable],
  ['controllerrevisions.apps', controllerRevisionTable],
  ['jobs.batch', jobTable],
  ['endpointslices.discovery.k8s.io', endpointSliceTable],
  ['leases.coordination.k8s.io', leaseTable],
  ['ingresses.networking.k8s.io', ingressTable],
  ['ingressclasses.networking.k8s.io', ingressClassTable],
  ['networkpolicies.networking.k8s.io', networkPolicyTable],
  ['ipaddresses.networking.k8s.io', ipAddressTable],
  ['servicecidrs.networking.k8s.io', serviceCidrTable],
  ['storageclasses.storage.k8s.io', storageClassTable],
  ['csidrivers.storage.k8s.io', csiDriverTable],
  ['csinodes.storage.k8s.io', csiNodeTable],
  ['volumeattachments.storage.k8s.io', volumeAttachmentTable],
  ['volumeattributesclasses.storage.k8s.io', volumeAttributesClassTable],
  ['certificatesigningrequests.certificates.k8s.io', certificateSigningRequestTable],
  ['apiservices.apiregistration.k8s.io', apiServiceTable],
  ['validatingadmissionpolicies.admissionregistration.k8s.io', validatingAdmissionPolicyTable],
  ['validatingadmissionpolicybindings.admissionregistration.k8s.io', admissionPolicyBindingTable],
  ['mutatingadmissionpolicies.admissionregistration.k8s.io', mutatingAdmissionPolicyTable],
  ['mutatingadmissionpolicybindings.admissionregistration.k8s.io', admissionPolicyBindingTable],
  ['validatingwebhookconfigurations.admissionregistration.k8s.io', webhookConfigurationTable],
  ['mutatingwebhookconfigurations.admissionregistration.k8s.io', webhookConfigurationTable],
  ['flowschemas.flowcontrol.apiserver.k8s.io', flowSchemaTable],
  ['prioritylevelconfigurations.flowcontrol.apiserver.k8s.io', priorityLevelTable],
  ['deviceclasses.resource.k8s.io', namedTable],
  ['resourceclaims.resource.k8s.io', resourceClaimTable],
  ['resourceclaimtemplates.resource.k8s.io', namedTable],
  ['resourceslices.resource.k8s.io', resourceSliceTable],
  ['rolebindings.rbac.authorization.k8s.io', bindingTable],
  ['clusterrolebindings.rbac.authorization.k8s.io', bindingTable],
])

/** Any other kind: Role, ClusterRole, custom resources. */
const plainTable = tableSpec<ApiObject>(
  [nameColumn, column('Created At', 'When the object was created.', 'date')],
  ({ metadata }) => [metadata.name ?? '', metadata.creationTimestamp ?? ''],
)

/** The objects of one kind as a Table, with all columns (clients choose by priority). */
export function tableFor(
  kind: Pick<Kind, 'group' | 'plural'> & Partial<Pick<Kind, 'versioning' | 'custom'>>,
  objects: readonly ApiObject[],
  { nowMs, includeObject, metadata = {}, noHeaders = false }: TableOptions,
): Table {
  const spec = kind.custom?.columns ?? specs.get(groupResource(kind.versioning?.stored ?? kind)) ?? plainTable
  const judged = inJudgedForm(kind.versioning, objects)
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: noHeaders ? null : spec.columns,
    rows: objects.map((object, at) => rowOf(spec, judged[at] ?? object, object, nowMs, includeObject)),
  }
}

/** Columns are told of the stored version of Kubernetes' own kinds. */
function inJudgedForm(versioning: Versioning | undefined, objects: readonly ApiObject[]): readonly ApiObject[] {
  if (versioning?.judgedAs !== 'stored') return objects
  const stored = versioning.toStored(objects)
  return stored instanceof Promise || !stored.ok ? objects : stored.value
}

function rowOf(
  spec: TableSpec,
  judged: ApiObject,
  object: ApiObject,
  nowMs: number,
  includeObject: IncludeObject,
): TableRow {
  const conditions = spec.conditions?.(judged)
  return {
    cells: spec.cells(judged, nowMs),
    ...(conditions === undefined ? {} : { conditions }),
    object: included(object, includeObject),
  }
}

function included(object: ApiObject, include: IncludeObject): object | null {
  if (include === 'None') return null
  if (include === 'Object') return object
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata }
}
