import type { ObjectMeta } from './kinds.generated.ts'

/** Any Kubernetes object as it travels: what is common to all kinds, the rest unknown. */
export type ApiObject = Readonly<{ apiVersion: string; kind: string; metadata: ObjectMeta }> &
  Readonly<Record<string, unknown>>

/** metadata of an object that the API server has accepted: these fields are always set. */
export type StoredMeta = ObjectMeta &
  Readonly<{ name: string; uid: string; resourceVersion: string; creationTimestamp: string }>

type Filled = 'apiVersion' | 'kind' | 'metadata' | 'spec' | 'status'

/** A kind as the API server returns it: apiVersion, kind and metadata set, spec and status present (perhaps empty). */
export type Stored<T> = Omit<T, Filled> &
  Readonly<{ apiVersion: string; kind: string; metadata: StoredMeta }> & {
    readonly [K in keyof T & ('spec' | 'status')]-?: NonNullable<T[K]>
  }

/** Key of an object within its kind: 'namespace/name', or 'name' for cluster-scoped kinds. */
export function objectKey(object: Readonly<{ metadata: ObjectMeta }>): string {
  const { namespace, name = '' } = object.metadata
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}
