import type { Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { isMirrorPod, referredKind } from '../../api/pod-references.ts'
import type { Refusal } from '../../api/refusal.ts'
import type { Store } from '../../store/store.ts'
import { notInCache, storeKey } from '../resource.ts'

/** Why a node may not make this pod: it may only tell of pods that it runs by itself, and these reach for nothing in the API. */
export function mirrorPodFault(node: string, object: ApiObject, store: Store): string | Refusal | undefined {
  const pod = object as Pod
  const who = `node ${JSON.stringify(node)}`
  if (!isMirrorPod(object)) {
    return `pod does not have "kubernetes.io/config.mirror" annotation, ${who} can only create mirror pods`
  }
  if (pod.spec?.nodeName !== node) return `${who} can only create pods with spec.nodeName set to itself`
  const wrongOwner = ownerFault(node, object, store)
  if (wrongOwner !== undefined) return wrongOwner
  const referred = referredKind(pod)
  return referred === undefined ? undefined : `${who} can not create pods that reference ${referred}`
}

function ownerFault(node: string, { metadata }: ApiObject, store: Store): string | Refusal | undefined {
  const who = `node ${JSON.stringify(node)}`
  const [owner, ...others] = metadata.ownerReferences ?? []
  if (others.length > 0) return `${who} can only create pods with a single owner reference set to itself`
  const isOwn = owner?.apiVersion === 'v1' && owner.kind === 'Node' && owner.name === node
  if (owner === undefined || !isOwn) return `${who} can only create pods with an owner reference set to itself`
  if (owner.controller !== true) return `${who} can only create pods with a controller owner reference set to itself`
  if (owner.blockOwnerDeletion === true) return `${who} must not set blockOwnerDeletion on an owner reference`
  const stored = store.get(storeKey(kinds.nodes, '', node))?.object
  if (stored === undefined) return notInCache('node', node)
  const { uid } = stored.metadata
  return owner.uid === uid ? undefined : `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`
}
