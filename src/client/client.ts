import type { Ending } from '../api/ending.ts'
import type { Status } from '../api/kinds.generated.ts'
import type { Kind } from '../api/kinds.ts'
import type { ApiObject, Stored } from '../api/object.ts'
import type { Result } from '../api/result.ts'

export type ListOptions = Readonly<{
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  /** Page size; absent: everything in one answer. */
  limit?: number
}>

export type DeleteOptions = Readonly<{
  gracePeriodSeconds?: number
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  preconditions?: Readonly<{ uid?: string; resourceVersion?: string }>
}>

export type Patch = Readonly<{
  type: 'json' | 'merge' | 'strategic' | 'apply'
  body: unknown
  fieldManager?: string
  force?: boolean
}>

export type WatchEvent<T> =
  | Readonly<{ type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: Stored<T> }>
  /** Of a streaming list one comes when all that was there has been sent: `endsInitial`. */
  | Readonly<{ type: 'BOOKMARK'; resourceVersion: string; endsInitial?: true }>
  /** The watch has ended with this Status (410 Expired: list again). */
  | Readonly<{ type: 'ERROR'; status: Status }>

export type WatchOptions = ListOptions &
  Readonly<{
    /** To follow from; absent: a streaming list, all that there is as ADDED events, a bookmark that says so, and then what changes. */
    resourceVersion?: string
    timeoutSeconds?: number
    closed?: Ending
  }>

export type Listed<T> = Readonly<{ items: readonly Stored<T>[]; resourceVersion: string }>

/** What is sent: the object's own fields; apiVersion and kind are filled in from the kind. */
export type Draft<T> = Readonly<{ metadata: Readonly<{ name?: string; generateName?: string; namespace?: string }> }> &
  T

/**
 * The Kubernetes API as its own components use it: typed by kind, every refusal a Status value. Speaks HTTP exchanges, so the same
 * client works in one process, over the wire and under simulation.
 */
export interface Client {
  /** GET of what is no object: discovery, documents, metrics. */
  read(path: string): Promise<Result<unknown, Status>>
  /** With a subresource what comes is of that one's type. */
  get<T>(kind: Kind<T>, name: string, namespace?: string, subresource?: 'scale'): Promise<Result<Stored<T>, Status>>
  list<T>(kind: Kind<T>, options?: ListOptions): Promise<Result<Listed<T>, Status>>
  watch<T>(kind: Kind<T>, options: WatchOptions): Promise<Result<AsyncIterable<WatchEvent<T>>, Status>>
  create<T>(kind: Kind<T>, object: Draft<T>): Promise<Result<Stored<T>, Status>>
  /** PUT; metadata.resourceVersion, where set, is the version that must still be there. */
  update<T>(
    kind: Kind<T>,
    object: T,
    subresource?: 'status' | 'scale' | 'finalize' | 'approval',
  ): Promise<Result<Stored<T>, Status>>
  patch<T>(
    kind: Kind<T>,
    name: string,
    namespace: string | undefined,
    patch: Patch,
    subresource?: 'status' | 'scale',
  ): Promise<Result<Stored<T>, Status>>
  delete<T>(kind: Kind<T>, name: string, namespace?: string, options?: DeleteOptions): Promise<Result<void, Status>>
  /** All that the options select. */
  deleteCollection(kind: Kind, options: ListOptions): Promise<Result<void, Status>>
  /** POST to a subresource: pods/binding, pods/eviction, serviceaccounts/token. */
  createSubresource<T>(
    kind: Kind<T>,
    name: string,
    namespace: string,
    subresource: string,
    body: unknown,
  ): Promise<Result<ApiObject, Status>>
}
