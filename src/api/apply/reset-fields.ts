import { groupResource, type Kind } from '../kinds.ts'

/** Fields that field management passes over: true for a whole field, or what to pass over within it. */
export type SkippedFields = Readonly<{ [field: string]: true | SkippedFields }>

/** Identity and bookkeeping belong to nobody. */
const identity: SkippedFields = {
  apiVersion: true,
  kind: true,
  metadata: {
    name: true,
    namespace: true,
    creationTimestamp: true,
    selfLink: true,
    uid: true,
    clusterName: true,
    generation: true,
    managedFields: true,
    resourceVersion: true,
  },
}

/** What a request through a path cannot change, as the registry strategies' GetResetFields of Kubernetes 1.36. */
const resets: ReadonlyMap<string, SkippedFields> = new Map<string, SkippedFields>([
  ['pods', { status: true }],
  ['pods/status', { spec: true, metadata: { deletionTimestamp: true, ownerReferences: true } }],
  ['nodes', { status: true }],
  ['nodes/status', { spec: true }],
  ['namespaces', { status: true }],
  ['namespaces/status', { spec: true }],
  ['namespaces/finalize', { status: true }],
  ['services', { status: true }],
  ['services/status', { spec: true }],
  ['deployments.apps', { status: true }],
  ['deployments.apps/status', { spec: true, metadata: { labels: true } }],
  ['replicasets.apps', { status: true }],
  ['replicasets.apps/status', { spec: true }],
  ['daemonsets.apps', { status: true }],
  ['daemonsets.apps/status', { spec: true }],
  ['replicationcontrollers', { status: true }],
  ['replicationcontrollers/status', { spec: true }],
  ['resourcequotas', { status: true }],
  ['resourcequotas/status', { spec: true }],
  ['persistentvolumes', { status: true }],
  ['persistentvolumes/status', { spec: true }],
  ['persistentvolumeclaims', { status: true }],
  ['persistentvolumeclaims/status', { spec: true }],
  ['statefulsets.apps', { status: true }],
  ['statefulsets.apps/status', { spec: true }],
  ['cronjobs.batch', { status: true }],
  ['cronjobs.batch/status', { spec: true }],
  ['horizontalpodautoscalers.autoscaling', { status: true }],
  ['horizontalpodautoscalers.autoscaling/status', { spec: true }],
  ['poddisruptionbudgets.policy', { status: true }],
  ['poddisruptionbudgets.policy/status', { spec: true }],
  ['jobs.batch', { status: true }],
  ['jobs.batch/status', { spec: true }],
  ['ingresses.networking.k8s.io', { status: true }],
  ['ingresses.networking.k8s.io/status', { spec: true }],
  ['servicecidrs.networking.k8s.io', { status: true }],
  ['servicecidrs.networking.k8s.io/status', { spec: true, metadata: true }],
  ['volumeattachments.storage.k8s.io', { status: true }],
  ['volumeattachments.storage.k8s.io/status', { spec: true, metadata: true }],
  ['certificatesigningrequests.certificates.k8s.io', { spec: true, status: true }],
  ['certificatesigningrequests.certificates.k8s.io/status', { spec: true, status: { conditions: true } }],
  ['certificatesigningrequests.certificates.k8s.io/approval', { spec: true, status: { certificate: true } }],
  ['apiservices.apiregistration.k8s.io', { status: true }],
  ['apiservices.apiregistration.k8s.io/status', { spec: true, metadata: true }],
  ['validatingadmissionpolicies.admissionregistration.k8s.io', { status: true }],
  ['validatingadmissionpolicies.admissionregistration.k8s.io/status', { spec: true, metadata: true }],
  ['flowschemas.flowcontrol.apiserver.k8s.io', { status: true }],
  ['flowschemas.flowcontrol.apiserver.k8s.io/status', { spec: true, metadata: true }],
  ['prioritylevelconfigurations.flowcontrol.apiserver.k8s.io', { status: true }],
  ['prioritylevelconfigurations.flowcontrol.apiserver.k8s.io/status', { spec: true, metadata: true }],
  ['resourceclaims.resource.k8s.io', { status: true }],
  ['resourceclaims.resource.k8s.io/status', { spec: true, metadata: true }],
])

const none: SkippedFields = {}

/** Custom resources: through status, the registry takes metadata and spec from what is stored. */
const customStatus: SkippedFields = { metadata: true, spec: true }
const customMain: SkippedFields = { status: true }

function customResets(kind: Path, subresource: string | undefined): SkippedFields {
  if (subresource === 'status') return customStatus
  return subresource === undefined && kind.status === true ? customMain : none
}

type Path = Pick<Kind, 'group' | 'plural'> & Partial<Pick<Kind, 'custom' | 'status'>>

/** Only what a write through the path cannot change. */
export function resetFields(kind: Path, subresource: string | undefined): SkippedFields {
  if (kind.custom !== undefined) return customResets(kind, subresource)
  return resets.get(pathOf(kind, subresource)) ?? none
}

function pathOf(kind: Pick<Kind, 'group' | 'plural'>, subresource: string | undefined): string {
  const resource = groupResource(kind)
  return subresource === undefined ? resource : `${resource}/${subresource}`
}

const merged = new Map<string, SkippedFields>()

/** All that is passed over when an object of the kind is written through its main path or a subresource. */
export function skippedFields(kind: Path, subresource: string | undefined): SkippedFields {
  const isCustom = kind.custom !== undefined
  const path = isCustom ? `custom ${subresource ?? ''} ${kind.status}` : pathOf(kind, subresource)
  const known = merged.get(path)
  if (known !== undefined) return known
  const skipped = join(identity, resetFields(kind, subresource))
  merged.set(path, skipped)
  return skipped
}

function join(a: SkippedFields, b: SkippedFields): SkippedFields {
  const joined: Record<string, true | SkippedFields> = { ...a }
  for (const [field, skip] of Object.entries(b)) {
    const own = joined[field]
    joined[field] = own === undefined || own === true || skip === true ? skip : join(own, skip)
  }
  return joined
}
