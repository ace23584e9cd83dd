import { equalJson } from '../../api/json-value.ts'
import type { AuthenticationV1TokenRequest, Node, PersistentVolumeClaim, Pod } from '../../api/kinds.generated.ts'
import { groupResource, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { unifiedDiff } from '../../api/validation/unified-diff.ts'
import type { Store } from '../../store/store.ts'
import type { Authorizer } from '../authorize/decision.ts'
import { nodeNameOf } from '../authorize/node-authorizer.ts'
import { notInCache, storeKey } from '../resource.ts'
import type { Attributes, Eventual, Mutate, Plugin } from './admission.ts'
import { forbidden } from './forbidden.ts'
import { csrFault } from './node-certificate-request.ts'
import { modifiedLabels, reservedLabels } from './node-labels.ts'
import { mirrorPodFault } from './node-mirror-pod.ts'
import { tokenAudienceFault } from './node-token-audience.ts'

/** Why a node may not, in the original's words; a Refusal where it is no 403. */
type Fault = string | Refusal | undefined
type Asked = Readonly<{
  node: string
  attributes: Attributes
  object: ApiObject
  store: Store
  authorizer: Authorizer
}>

/** A node changes what is its own, and nothing by which it could draw other work to itself (plugin NodeRestriction). */
export function nodeRestriction(store: Store, authorizer: Authorizer): Plugin {
  const mutate: Mutate = (attributes, object) => {
    const node = nodeNameOf(attributes.user)
    if (node === undefined) return ok(object)
    const judge = judges[groupResource(attributes.kind)]
    const fault =
      node === ''
        ? `could not determine node from user ${JSON.stringify(attributes.user.name)}`
        : judge?.({ node, attributes, object, store, authorizer })
    const told = (found: Fault): Result<ApiObject, Refusal> => {
      if (found === undefined) return ok(object)
      return fail(typeof found === 'string' ? forbidden(attributes, found, object) : found)
    }
    return fault instanceof Promise ? fault.then(told) : told(fault)
  }
  return { mutate }
}

const judges: Readonly<Record<string, (asked: Asked) => Eventual<Fault>>> = {
  pods: podFault,
  nodes: nodeFault,
  persistentvolumeclaims: claimFault,
  serviceaccounts: tokenFault,
  'leases.coordination.k8s.io': leaseFault,
  'csinodes.storage.k8s.io': ({ node, attributes, object }) =>
    ownName(attributes, object) === node
      ? undefined
      : 'can only access CSINode with the same name as the requesting node',
  'resourceslices.resource.k8s.io': sliceFault,
  'certificatesigningrequests.certificates.k8s.io': ({ node, attributes, object }) =>
    attributes.operation === 'CREATE' ? csrFault(node, object) : undefined,
  'podcertificaterequests.certificates.k8s.io': () => 'PodCertificateRequest feature gate is disabled',
}

function ownName({ operation, name }: Attributes, { metadata }: ApiObject): string | undefined {
  return operation === 'CREATE' ? metadata.name : name
}

function podFault(asked: Asked): Fault {
  const { subresource } = asked.attributes
  switch (subresource) {
    case undefined:
      return mainPodFault(asked)
    case 'status':
      return podStatusFault(asked)
    case 'eviction':
      return evictionFault(asked)
    default:
      return `unexpected pod subresource ${JSON.stringify(subresource)}, only 'status' and 'eviction' are allowed`
  }
}

function mainPodFault({ node, attributes, object, store }: Asked): Fault {
  const { operation } = attributes
  const who = `node ${JSON.stringify(node)}`
  if (operation === 'CREATE') return mirrorPodFault(node, object, store)
  if (operation !== 'DELETE') {
    return `unexpected operation ${JSON.stringify(operation)}, ${who} can only create and delete mirror pods`
  }
  if ((object as Pod).spec?.nodeName === node) return undefined
  return `${who} can only delete pods with spec.nodeName set to itself`
}

function podStatusFault({ node, attributes, object }: Asked): Fault {
  const { operation } = attributes
  if (operation !== 'UPDATE') return `unexpected operation ${JSON.stringify(operation)}`
  const [before, after] = [attributes.before as Pod | undefined, object as Pod]
  const who = `node ${JSON.stringify(node)}`
  if (before?.spec?.nodeName !== node) {
    return `${who} can only update pod status for pods with spec.nodeName set to itself`
  }
  if (!equalJson(before.metadata?.labels ?? {}, after.metadata?.labels ?? {})) {
    return `${who} cannot update labels through pod status`
  }
  const [had, has] = [statusFields(before), statusFields(after)]
  if (!equalJson(had.resourceClaimStatuses ?? [], has.resourceClaimStatuses ?? [])) {
    return `${who} cannot update resource claim statues`
  }
  if (!equalJson(had.extendedResourceClaimStatus ?? null, has.extendedResourceClaimStatus ?? null)) {
    return `${who} cannot update extended resource claim status`
  }
  return undefined
}

function statusFields({ status }: Pod): Readonly<Record<string, unknown>> {
  return (status ?? {}) as Readonly<Record<string, unknown>>
}

function evictionFault({ node, attributes, store }: Asked): Fault {
  const { name, namespace } = attributes
  const pod = store.get(storeKey(kinds.pods, namespace, name))?.object as Pod | undefined
  if (pod === undefined) return notInCache('pod', name)
  if (pod.spec?.nodeName === node) return undefined
  return `node ${node} can only evict pods with spec.nodeName set to itself`
}

function nodeFault({ node, attributes, object }: Asked): Fault {
  const { operation } = attributes
  const name = ownName(attributes, object)
  const who = `node ${JSON.stringify(node)}`
  if (name !== node) return `${who} is not allowed to modify node ${JSON.stringify(name ?? '')}`
  if (operation === 'DELETE') return undefined
  const [before, after] = [attributes.before as Node | undefined, object as Node]
  const reserved = reservedLabels(modifiedLabels(after.metadata?.labels, before?.metadata?.labels)).join(', ')
  if (operation === 'CREATE') {
    if (after.spec?.configSource) return `${who} is not allowed to create pods with a non-nil configSource`
    return reserved === '' ? undefined : `${who} is not allowed to set the following labels: ${reserved}`
  }
  if (after.spec?.configSource && !equalJson(after.spec.configSource, before?.spec?.configSource)) {
    return `${who} is not allowed to update configSource to a new non-nil configSource`
  }
  if (!equalJson(after.spec?.taints ?? [], before?.spec?.taints ?? [])) return `${who} is not allowed to modify taints`
  if (!equalJson(after.metadata?.ownerReferences ?? [], before?.metadata?.ownerReferences ?? [])) {
    return `${who} is not allowed to modify ownerReferences`
  }
  return reserved === '' ? undefined : `is not allowed to modify labels: ${reserved}`
}

function claimFault({ node, attributes, object }: Asked): Fault {
  const { operation, subresource, before } = attributes
  if (subresource !== 'status') return 'may only update PVC status'
  if (operation !== 'UPDATE' || before === undefined) return `unexpected operation ${JSON.stringify(operation)}`
  const [had, has] = [unchanging(before), unchanging(object)]
  if (equalJson(had, has)) return undefined
  const diff = unifiedDiff(JSON.stringify(had, null, 2), JSON.stringify(has, null, 2))
  return `node ${JSON.stringify(node)} is not allowed to update fields other than status.quantity and status.conditions: ${diff}`
}

/** All but what a node may say of a claim: how large its volume has become. */
function unchanging(object: ApiObject): ApiObject {
  const { resourceVersion: _1, managedFields: _2, ...metadata } = object.metadata
  const claim = object as unknown as PersistentVolumeClaim
  const {
    capacity: _3,
    conditions: _4,
    allocatedResourceStatuses: _5,
    allocatedResources: _6,
    ...status
  } = claim.status ?? {}
  return { ...object, metadata, status }
}

function tokenFault({ node, attributes, object, store, authorizer }: Asked): Eventual<Fault> {
  const { operation, subresource, namespace } = attributes
  if (operation !== 'CREATE' || subresource !== 'token') return undefined
  const request = object as unknown as AuthenticationV1TokenRequest
  const ref = request.spec?.boundObjectRef
  if (ref?.apiVersion !== 'v1' || ref.kind !== 'Pod' || !ref.name) {
    return 'node requested token not bound to a pod'
  }
  if (!ref.uid) return 'node requested token with a pod binding without a uid'
  const pod = store.get(storeKey(kinds.pods, namespace, ref.name))?.object
  if (pod === undefined) return notInCache('pod', ref.name)
  if (ref.uid !== pod.metadata.uid) {
    return `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`
  }
  if ((pod as Pod).spec?.nodeName !== node) return 'node requested token bound to a pod scheduled on a different node'
  return tokenAudienceFault({ store, authorizer, attributes }, request.spec?.audiences ?? [], pod as Pod)
}

function leaseFault({ node, attributes, object }: Asked): Fault {
  if (attributes.namespace !== 'kube-node-lease') {
    return 'can only access leases in the "kube-node-lease" system namespace'
  }
  return ownName(attributes, object) === node
    ? undefined
    : 'can only access node lease with the same name as the requesting node'
}

function sliceFault({ node, attributes, object }: Asked): Fault {
  const { operation } = attributes
  const spec = object.spec as Readonly<{ nodeName?: string }> | undefined
  if (operation === 'UPDATE' || spec?.nodeName === node) return undefined
  return `can only ${operation === 'CREATE' ? 'create' : 'delete'} ResourceSlice with the same NodeName as the requesting node`
}
