import type { ApiObject } from '../api/object.ts'
import type { Stamp, Store } from './store.ts'

/** An object that holds one text. */
export function stamp(data: string): Stamp {
  return (revision) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x', resourceVersion: String(revision) },
    data: { data },
  })
}

export const dataOf = (object: ApiObject): string => (object.data as { data: string }).data

export function create(store: Store, key: string, data = key, ttlSeconds?: number): Promise<void> {
  const write = { type: 'create', key, stamp: stamp(data) } as const
  const result = store.commit(ttlSeconds === undefined ? write : { ...write, ttlSeconds })
  if (!result.ok) throw new Error(result.error.reason)
  return result.value.durable
}

export function update(store: Store, key: string, data: string): Promise<void> {
  const result = store.commit({ type: 'update', key, revision: store.head(key)?.revision ?? 0, stamp: stamp(data) })
  if (!result.ok) throw new Error(result.error.reason)
  return result.value.durable
}

export function remove(store: Store, key: string): Promise<void> {
  const result = store.commit({ type: 'delete', key, revision: store.head(key)?.revision ?? 0, stamp: stamp('last') })
  if (!result.ok) throw new Error(result.error.reason)
  return result.value.durable
}

export const keysIn = (store: Store, prefix: string, revision?: number): readonly string[] => {
  const answer = store.range(revision === undefined ? { prefix } : { prefix, revision })
  if (!answer.ok) throw new Error(answer.error.reason)
  return answer.value.entries.map((entry) => `${entry.key}=${dataOf(entry.object)}`)
}
