import { equalJson } from '../../api/json-value.ts'
import type { CSINode } from '../../api/kinds.generated.ts'
import { groupResource, type Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { withFields } from '../../api/with-fields.ts'
import type { Random } from '../../ports/random.ts'
import type { User } from '../call.ts'
import { newUid, withMeta } from '../object-meta.ts'
import { apiServiceStrategy } from './api-service.ts'
import { certificateSigningRequestStrategy } from './certificate-signing-request.ts'
import { preparedCustom, preparedCustomStatus, preparedCustomUpdate, withMetaGeneration } from './custom-resource.ts'
import { customResourceDefinitionStrategy } from './custom-resource-definition.ts'
import { daemonSetStrategy } from './daemon-set.ts'
import { endpointSliceStrategy } from './endpoint-slice.ts'
import { jobStrategy } from './job.ts'
import { leaseStrategy } from './lease.ts'
import { namespaceStrategy } from './namespace.ts'
import { nodeStrategy } from './node.ts'
import { persistentVolumeClaimStrategy, persistentVolumeStrategy } from './persistent-volume.ts'
import { podStrategy } from './pod.ts'
import { resourceSliceStrategy } from './resource-slice.ts'
import { serviceStrategy } from './service.ts'
import { serviceAccountStrategy } from './service-account.ts'
import { statefulSetStrategy } from './stateful-set.ts'

/** What is particular to a kind when its objects are written, as kube-apiserver's registry strategies. All of it is pure. */
export type Strategy = Readonly<{
  /** PUT creates an object that is not there. */
  createsOnUpdate?: boolean
  /** An update must name the version it starts from. */
  needsVersion?: boolean
  /** Fields that are the server's to set in a new object. */
  prepareCreate?: (object: ApiObject, writing: Writing) => ApiObject
  /** Fields that an update through the main path may not touch. */
  prepareUpdate?: (after: ApiObject, before: ApiObject, nowMs: number) => ApiObject
  /** Fields that an update through .../status may not touch. */
  prepareStatus?: (after: ApiObject, before: ApiObject, nowMs: number) => ApiObject
  /** Through .../status metadata stays as it is. */
  statusKeepsMeta?: boolean
  /** The generation that a new object gets is never raised. */
  generationStays?: boolean
  /** Changes are counted, from 1, but a new object has no generation. */
  countsChanges?: boolean
  /** The generation is decided before fields are dropped: a change that is dropped raises it as well. */
  countedAsAsked?: boolean
  /** What of metadata counts as wanted, too: a change of it raises the generation. */
  alsoWanted?: (metadata: ApiObject['metadata']) => object | undefined
  /** Seconds that a delete may take; undefined where objects of the kind go at once. */
  gracePeriodSeconds?: (object: ApiObject, asked: number | undefined) => number
  /** What the first delete writes down, where that is more than a time: the object then waits for its finalizer. */
  markDeleted?: (object: ApiObject, nowMs: number) => ApiObject | undefined
  /** What is derived before the fields of an object get their managers: see versions/managed.ts. */
  asTracked?: (object: ApiObject) => ApiObject
  /** Dependents outlive the object unless the delete says otherwise. */
  orphansByDefault?: boolean
  /** Told to who deletes without saying what is to become of the dependents. */
  deleteWarning?: string
  /** Deleting answers with the object instead of a Status. */
  deleteReturnsObject?: boolean
}>

/** What a strategy may know of the request that writes. */
export type Writing = Readonly<{ user: User; nowMs: number; random: Random }>

function withStatus(status: object): (object: ApiObject) => ApiObject {
  return (object) => ({ ...object, status })
}

/** As pkg/registry/core/limitrange: it needs no name. */
function withName(object: ApiObject, { random }: Writing): ApiObject {
  return (object.metadata.name ?? '') === '' ? withMeta(object, { name: newUid(random) }) : object
}

/** An empty list is stored as none: whose it is has been noted by then. */
function withoutEmpty(field: string): (object: ApiObject) => ApiObject {
  return (object) => {
    const value = object[field]
    return Array.isArray(value) && value.length === 0 ? { ...object, [field]: null } : object
  }
}

/** As an empty list of a CSINode's drivers, which is within its spec. */
function withoutEmptyDrivers(object: ApiObject): ApiObject {
  const { spec } = object as CSINode
  return spec?.drivers?.length === 0 ? ({ ...object, spec: { ...spec, drivers: null } } as ApiObject) : object
}

const ofRules: Strategy = {
  createsOnUpdate: true,
  prepareCreate: withoutEmpty('rules'),
  prepareUpdate: withoutEmpty('rules'),
}

const createsOnUpdate: Strategy = { createsOnUpdate: true }
const deleteReturnsObject: Strategy = { deleteReturnsObject: true }
const needsVersion: Strategy = { needsVersion: true }

const strategies: Readonly<Record<string, Strategy>> = {
  pods: podStrategy,
  services: serviceStrategy,
  namespaces: namespaceStrategy,
  nodes: nodeStrategy,
  'daemonsets.apps': daemonSetStrategy,
  'customresourcedefinitions.apiextensions.k8s.io': customResourceDefinitionStrategy,
  'jobs.batch': jobStrategy,
  // Their status has fields that are always written.
  'replicasets.apps': { prepareCreate: withStatus({ replicas: 0 }) },
  replicationcontrollers: { prepareCreate: withStatus({ replicas: 0 }), orphansByDefault: true },
  'statefulsets.apps': statefulSetStrategy,
  'poddisruptionbudgets.policy': {
    needsVersion: true,
    prepareCreate: withStatus({ disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }),
  },
  'horizontalpodautoscalers.autoscaling': {
    prepareCreate: withStatus({ desiredReplicas: 0, currentMetrics: null }),
  },
  // Annotations go on to replica sets.
  'deployments.apps': { alsoWanted: ({ annotations }) => annotations },
  'endpointslices.discovery.k8s.io': endpointSliceStrategy,
  events: createsOnUpdate,
  endpoints: createsOnUpdate,
  limitranges: { createsOnUpdate: true, prepareCreate: withName },
  serviceaccounts: serviceAccountStrategy,
  persistentvolumes: persistentVolumeStrategy,
  persistentvolumeclaims: persistentVolumeClaimStrategy,
  podtemplates: deleteReturnsObject,
  resourcequotas: deleteReturnsObject,
  'priorityclasses.scheduling.k8s.io': { generationStays: true },
  'runtimeclasses.node.k8s.io': { createsOnUpdate: true, needsVersion: true },
  'roles.rbac.authorization.k8s.io': ofRules,
  'clusterroles.rbac.authorization.k8s.io': ofRules,
  'rolebindings.rbac.authorization.k8s.io': createsOnUpdate,
  'clusterrolebindings.rbac.authorization.k8s.io': createsOnUpdate,
  'leases.coordination.k8s.io': leaseStrategy,
  'csidrivers.storage.k8s.io': { needsVersion: true, deleteReturnsObject: true, countsChanges: true },
  'csistoragecapacities.storage.k8s.io': needsVersion,
  'storageclasses.storage.k8s.io': deleteReturnsObject,
  'volumeattributesclasses.storage.k8s.io': deleteReturnsObject,
  'volumeattachments.storage.k8s.io': {
    needsVersion: true,
    deleteReturnsObject: true,
    prepareCreate: (object) => ({ ...object, status: { attached: false } }),
    statusKeepsMeta: true,
  },
  'ingresses.networking.k8s.io': { prepareCreate: (object) => ({ ...object, status: { loadBalancer: {} } }) },
  'servicecidrs.networking.k8s.io': { statusKeepsMeta: true },
  'resourceclaims.resource.k8s.io': { statusKeepsMeta: true, deleteReturnsObject: true },
  'resourceclaimtemplates.resource.k8s.io': deleteReturnsObject,
  'resourceslices.resource.k8s.io': resourceSliceStrategy,
  'deviceclasses.resource.k8s.io': deleteReturnsObject,
  'flowschemas.flowcontrol.apiserver.k8s.io': { statusKeepsMeta: true },
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': { statusKeepsMeta: true },
  'validatingadmissionpolicies.admissionregistration.k8s.io': { statusKeepsMeta: true, needsVersion: true },
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': needsVersion,
  'mutatingadmissionpolicies.admissionregistration.k8s.io': needsVersion,
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': needsVersion,
  'certificatesigningrequests.certificates.k8s.io': certificateSigningRequestStrategy,
  'apiservices.apiregistration.k8s.io': apiServiceStrategy,
  'csinodes.storage.k8s.io': {
    needsVersion: true,
    deleteReturnsObject: true,
    prepareCreate: withoutEmptyDrivers,
    prepareUpdate: withoutEmptyDrivers,
  },
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': needsVersion,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': needsVersion,
}
const plain: Strategy = {}
const custom: Strategy = { needsVersion: true }

export function strategyOf(kind: Pick<Kind, 'group' | 'plural' | 'custom'>): Strategy {
  if (kind.custom !== undefined) return custom
  return strategies[groupResource(kind)] ?? plain
}

/** A new object: status is not for clients to set, generations that are counted begin at 1. */
export function preparedCreate(kind: Kind, object: ApiObject, writing: Writing): ApiObject {
  if (kind.custom !== undefined) return preparedCustom(kind, object)
  const { prepareCreate } = strategyOf(kind)
  const prepared = prepareCreate === undefined ? withoutStatus(kind, object) : prepareCreate(object, writing)
  return kind.generation ? withMetaGeneration(prepared, 1) : prepared
}

/** Through the main path: status stays; generation rises when what is wanted has changed. */
export function preparedUpdate(kind: Kind, after: ApiObject, before: ApiObject, nowMs: number): ApiObject {
  if (kind.custom !== undefined) return preparedCustomUpdate(kind, after, before)
  const { prepareUpdate, countedAsAsked = false } = strategyOf(kind)
  const kept = kind.status ? withStatusOf(after, before) : after
  if (prepareUpdate === undefined) return withGeneration(kind, kept, before)
  if (countedAsAsked) return prepareUpdate(withGeneration(kind, kept, before), before, nowMs)
  return withGeneration(kind, prepareUpdate(kept, before, nowMs), before)
}

export function preparedStatus(kind: Kind, after: ApiObject, before: ApiObject, nowMs: number): ApiObject {
  if (kind.custom !== undefined) return preparedCustomStatus(after, before)
  const { prepareStatus, statusKeepsMeta = false } = strategyOf(kind)
  const { status } = after
  const { managedFields, resourceVersion } = after.metadata
  const labelled = statusKeepsLabels.has(groupResource(kind))
    ? { ...after.metadata, labels: before.metadata.labels }
    : after.metadata
  const metadata = {
    ...(statusKeepsMeta ? before.metadata : labelled),
    managedFields,
    resourceVersion,
    generation: before.metadata.generation,
  }
  const prepared = { ...before, metadata, status } as ApiObject
  return prepareStatus === undefined ? prepared : prepareStatus(prepared, before, nowMs)
}

/** Kinds whose labels do not change through .../status. */
const statusKeepsLabels: ReadonlySet<string> = new Set(['deployments.apps', 'daemonsets.apps'])

function withoutStatus(kind: Kind, object: ApiObject): ApiObject {
  return kind.status ? withFields(object, { status: {} }) : object
}

function withStatusOf(after: ApiObject, before: ApiObject): ApiObject {
  return before.status === undefined ? after : withFields(after, { status: before.status })
}

export function withGeneration(kind: Kind, after: ApiObject, before: ApiObject): ApiObject {
  const { generation } = before.metadata
  const { alsoWanted = () => undefined, generationStays = false, countsChanges = false } = strategyOf(kind)
  const isCounted = (kind.generation && !generationStays) || (countsChanges && isWantedChanged(after, before))
  if (!isCounted) return withGenerationOf(after, generation)
  const isMetaChanged = !equalJson(alsoWanted(after.metadata) ?? {}, alsoWanted(before.metadata) ?? {})
  return withMetaGeneration(after, (generation ?? 0) + (isMetaChanged || isWantedChanged(after, before) ? 1 : 0))
}

/** A generation that nobody counts stays what it is. */
function withGenerationOf(after: ApiObject, generation: number | undefined): ApiObject {
  if (generation !== undefined) return withMetaGeneration(after, generation)
  if (after.metadata.generation === undefined) return after
  const { generation: _, ...metadata } = after.metadata
  return { ...after, metadata }
}

/** Everything but metadata and status says what is wanted: spec, or an endpoint slice's endpoints and ports. */
function isWantedChanged(after: ApiObject, before: ApiObject): boolean {
  const { metadata: _m1, status: _s1, ...wanted } = after
  const { metadata: _m2, status: _s2, ...had } = before
  return !equalJson(wanted, had)
}
