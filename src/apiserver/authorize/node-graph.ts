import { assert } from '../../api/assert.ts'
import type { PersistentVolume, Pod } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import {
  claimNamesOf,
  configMapNamesOf,
  isMirrorPod,
  resourceClaimNamesOf,
  secretNamesOf,
  secretsOfPersistentVolume,
} from '../../api/pod-references.ts'
import type { Store, StoreEvent } from '../../store/store.ts'
import { kindPrefix } from '../resource.ts'

export type Related =
  | 'secrets'
  | 'configmaps'
  | 'persistentvolumeclaims'
  | 'persistentvolumes'
  | 'serviceaccounts'
  | 'resourceclaims'
  | 'pods'
  | 'volumeattachments'
  | 'resourceslices'

/** Which objects concern which nodes, because a pod there needs them. Follows the store synchronously. */
export interface NodeGraph {
  isRelated(node: string, type: Related, namespace: string, name: string): boolean
  close(): void
}

const groups: Readonly<Partial<Record<Related, string>>> = {
  volumeattachments: 'storage.k8s.io',
  resourceslices: 'resource.k8s.io',
}

type PodEdges = Readonly<{ node: string; refs: readonly string[] }>

export function nodeGraph(store: Store): NodeGraph {
  const pods = new Map<string, PodEdges>()
  // Of each object, how many pods of each node need it: some, such as kube-root-ca.crt, are needed by all.
  const users = new Map<string, Map<string, number>>()
  const volumesOfSecret = new Map<string, Set<string>>()

  const forgetPod = (key: string): void => {
    const edges = pods.get(key)
    for (const ref of edges?.refs ?? []) count(users, ref, edges?.node ?? '', -1)
    pods.delete(key)
  }
  const followPod = ({ type, entry, previous }: Pick<StoreEvent, 'type' | 'entry' | 'previous'>): void => {
    if (type === 'delete') {
      forgetPod(entry.key)
      return
    }
    const pod = entry.object as Pod
    if (!pod.spec?.nodeName || (previous !== undefined && isSame(previous.object as Pod, pod))) return
    forgetPod(entry.key)
    const edges = edgesOf(entry.object)
    pods.set(entry.key, edges)
    for (const ref of edges.refs) count(users, ref, edges.node, 1)
  }
  const followVolume = ({ type, entry, previous }: Pick<StoreEvent, 'type' | 'entry' | 'previous'>): void => {
    if (previous !== undefined) {
      for (const secret of boundSecrets(previous.object)) drop(volumesOfSecret, secret, entry.key)
    }
    if (type === 'put') for (const secret of boundSecrets(entry.object)) add(volumesOfSecret, secret, entry.key)
  }
  const watches = [follow(store, podPrefix, followPod), follow(store, volumePrefix, followVolume)]

  const isUsed = (node: string, ref: string): boolean => users.get(ref)?.has(node) === true
  const isMounted = (node: string, volumeKey: string): boolean => {
    const { claimRef } = (store.get(volumeKey)?.object as PersistentVolume | undefined)?.spec ?? {}
    return claimRef !== undefined && isUsed(node, refOf('persistentvolumeclaims', claimRef.namespace, claimRef.name))
  }
  return {
    isRelated(node, type, namespace, name) {
      switch (type) {
        case 'pods':
          return pods.get(`${podPrefix}${namespace}/${name}`)?.node === node
        case 'persistentvolumes':
          return isMounted(node, `${volumePrefix}${name}`)
        case 'volumeattachments':
        case 'resourceslices':
          return nodeNameOf(store.get(`${kindPrefix({ group: groups[type] ?? '', plural: type })}${name}`)) === node
        case 'secrets': {
          const volumes = [...(volumesOfSecret.get(`${namespace}/${name}`) ?? [])]
          return isUsed(node, refOf(type, namespace, name)) || volumes.some((key) => isMounted(node, key))
        }
        default:
          return isUsed(node, refOf(type, namespace, name))
      }
    },
    close() {
      for (const watch of watches) watch.cancel()
    },
  }
}

const podPrefix = kindPrefix({ group: '', plural: 'pods' })
const volumePrefix = kindPrefix({ group: '', plural: 'persistentvolumes' })

function refOf(type: Related, namespace = '', name = ''): string {
  return `${type}/${namespace}/${name}`
}

function nodeNameOf(entry: Readonly<{ object: ApiObject }> | undefined): string | undefined {
  return (entry?.object.spec as Readonly<{ nodeName?: string }> | undefined)?.nodeName
}

/** A node does not come to see more by the mirror pods that it makes itself. */
function edgesOf(object: ApiObject): PodEdges {
  const pod = object as Pod
  const { namespace = '' } = object.metadata
  const node = pod.spec?.nodeName ?? ''
  if (isMirrorPod(object)) return { node, refs: [] }
  const account = pod.spec?.serviceAccountName ?? ''
  const refs = [
    ...(account === '' ? [] : [refOf('serviceaccounts', namespace, account)]),
    ...secretNamesOf(pod).map((name) => refOf('secrets', namespace, name)),
    ...configMapNamesOf(pod).map((name) => refOf('configmaps', namespace, name)),
    ...claimNamesOf(pod).map((name) => refOf('persistentvolumeclaims', namespace, name)),
    ...resourceClaimNamesOf(pod).map((name) => refOf('resourceclaims', namespace, name)),
  ]
  return { node, refs: [...new Set(refs)] }
}

/** What a pod refers to stays as it is but for these. */
function isSame(before: Pod, after: Pod): boolean {
  return (
    before.spec?.nodeName === after.spec?.nodeName &&
    before.metadata?.uid === after.metadata?.uid &&
    (before.spec?.ephemeralContainers ?? []).length === (after.spec?.ephemeralContainers ?? []).length &&
    String(resourceClaimNamesOf(before)) === String(resourceClaimNamesOf(after))
  )
}

function boundSecrets(object: ApiObject): readonly string[] {
  const volume = object as unknown as PersistentVolume
  return volume.spec?.claimRef === undefined ? [] : secretsOfPersistentVolume(volume)
}

function count(counts: Map<string, Map<string, number>>, ref: string, node: string, change: 1 | -1): void {
  const byNode = counts.get(ref) ?? new Map<string, number>()
  const sum = (byNode.get(node) ?? 0) + change
  if (sum > 0) counts.set(ref, byNode.set(node, sum))
  else {
    byNode.delete(node)
    if (byNode.size === 0) counts.delete(ref)
  }
}

function add(sets: Map<string, Set<string>>, at: string, key: string): void {
  sets.set(at, (sets.get(at) ?? new Set()).add(key))
}

function drop(sets: Map<string, Set<string>>, at: string, key: string): void {
  const set = sets.get(at)
  set?.delete(key)
  if (set?.size === 0) sets.delete(at)
}

function follow(
  store: Store,
  prefix: string,
  onEvent: (event: Pick<StoreEvent, 'type' | 'entry' | 'previous'>) => void,
): Readonly<{ cancel(): void }> {
  const now = store.range({ prefix })
  assert(now.ok, 'the newest state can always be read')
  for (const entry of now.value.entries) onEvent({ type: 'put', entry })
  const watch = store.watch(prefix, now.value.revision, (events) => events.forEach(onEvent))
  assert(watch.ok, 'the newest state can always be followed')
  return watch.value
}
