import { assert } from '../api/assert.ts'
import { apiVersionOf, groupResource, type Kind } from '../api/kinds.ts'
import type { ApiObject } from '../api/object.ts'
import type { Refusal } from '../api/refusal.ts'
import type { Versioning } from '../api/versioning.ts'
import type { Store } from '../store/store.ts'

type Kept = Pick<Kind, 'group' | 'plural'> & Readonly<{ versioning?: Versioning }>

/** Where the objects of a kind lie in the store: keys sort as kube-apiserver's do, by namespace and name. */
export function kindPrefix(kind: Kept): string {
  return `${groupResource(kind.versioning?.stored ?? kind)}/`
}

/** All objects of a kind in a namespace; everywhere for ''. */
export function scopePrefix(kind: Kept, namespace: string): string {
  return namespace === '' ? kindPrefix(kind) : `${kindPrefix(kind)}${namespace}/`
}

export function storeKey(kind: Kept & Pick<Kind, 'namespaced'>, namespace: string, name: string): string {
  return kind.namespaced ? `${kindPrefix(kind)}${namespace}/${name}` : `${kindPrefix(kind)}${name}`
}

/** What every stored JSON of the kind begins with, up to its metadata: lists leave it out of their items. */
export function typeMetaJson(kind: Pick<Kind, 'group' | 'version' | 'kind'>): string {
  return `{"kind":${JSON.stringify(kind.kind)},"apiVersion":${JSON.stringify(apiVersionOf(kind))},`
}

export function notFound(kind: Pick<Kind, 'group' | 'plural'>, name: string): Refusal {
  return { reason: 'NotFound', group: kind.group, resource: kind.plural, name }
}

/** As the original's caches say it, by the singular. */
export function notInCache(singular: string, name: string): Refusal {
  return { reason: 'NotFound', group: '', resource: singular, name }
}

export function conflict(kind: Pick<Kind, 'group' | 'plural'>, name: string, message: string): Refusal {
  return { reason: 'Conflict', group: kind.group, resource: kind.plural, name, message }
}

export const objectModified =
  'the object has been modified; please apply your changes to the latest version and try again'

/** The object with its type first, then metadata: the form in which every object is stored. */
export function inStoredOrder(kind: Pick<Kind, 'group' | 'version' | 'kind'>, object: ApiObject): ApiObject {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object
  return { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata, ...rest }
}

/** The objects of a kind in a namespace; everywhere for ''. Decoding has given them the shape of their kind. */
export function objectsIn<T>(store: Pick<Store, 'range'>, kind: Kind<T>, namespace: string): readonly T[] {
  const now = store.range({ prefix: scopePrefix(kind, namespace) })
  assert(now.ok, 'the newest state can always be read')
  return now.value.entries.map(({ object }) => object as T)
}
