import type { ApiObject } from '../api/object.ts'
import type { Result } from '../api/result.ts'

/** An object as stored: the parsed form for those who compute, the encoded form for those who send. Both immutable. */
export type Entry = Readonly<{
  key: string
  /** Deep-frozen by convention: never mutate. */
  object: ApiObject
  /** JSON of `object`, UTF-8, encoded once. */
  json: Uint8Array
  /** Revision of the write that made this version; also object.metadata.resourceVersion. */
  revision: number
  createRevision: number
}>

/** Builds the object for the revision that the store has just assigned, with metadata.resourceVersion set to it. */
export type Stamp = (revision: number) => ApiObject

export type Write =
  | Readonly<{ type: 'create'; key: string; stamp: Stamp; ttlSeconds?: number }>
  /** `revision`: the version that was read; a different head is a Conflict. */
  | Readonly<{ type: 'update'; key: string; revision: number; stamp: Stamp; ttlSeconds?: number }>
  /** `stamp` gives the last state, as watchers see it in the DELETED event. */
  | Readonly<{ type: 'delete'; key: string; revision: number; stamp: Stamp }>

export type WriteError = Readonly<{ reason: 'Exists' | 'Conflict' | 'NotFound'; key: string }>

/** A commit is decided at once and synchronously; nobody may see or be told of it before `durable` has resolved. */
export type Committed = Readonly<{ entry: Entry; durable: Promise<void> }>

export type RangeQuery = Readonly<{
  /** All keys that begin with this. */
  prefix: string
  /** Only keys after this one. */
  after?: string
  limit?: number
  /** As of this revision; absent: the newest visible. */
  revision?: number
}>
export type RangeAnswer = Readonly<{
  entries: readonly Entry[]
  /** The revision the answer is true for. */
  revision: number
  /** How many more keys follow within the prefix. */
  remaining: number
}>
/** Compacted: older than what is retained. Future: newer than anything visible. */
export type RevisionError = Readonly<{ reason: 'Compacted' | 'Future'; oldest: number; newest: number }>

export type StoreEvent = Readonly<{
  type: 'put' | 'delete'
  revision: number
  entry: Entry
  /** The version before, for watchers with selectors; absent for a creation. */
  previous?: Entry
}>

export type StoreWatch = Readonly<{ cancel(): void }>

/**
 * A revisioned keyspace. One revision counter for all keys, starting at 1; every commit takes the next one. Writers see the head (which
 * includes commits that are not durable yet), all others only what is durable.
 */
export interface Store {
  /** Newest visible revision. */
  revision(): number
  oldestRevision(): number
  get(key: string): Entry | undefined
  /** The newest version including commits under way: what a read-modify-write must start from. */
  head(key: string): Entry | undefined
  range(query: RangeQuery): Result<RangeAnswer, RevisionError>
  /** Number of visible keys with the prefix. */
  count(prefix: string): number
  commit(write: Write): Result<Committed, WriteError>
  /** Resolves when everything committed so far is durable and visible. */
  flushed(): Promise<void>
  /**
   * Calls back synchronously, in revision order, with every event after `fromRevision` whose key begins with the prefix: first what
   * is retained, then as commits become visible.
   */
  watch(
    prefix: string,
    fromRevision: number,
    onEvents: (events: readonly StoreEvent[]) => void,
  ): Result<StoreWatch, RevisionError>
  /** Forgets versions older than the revision. Called by the store's own schedule; public for tests. */
  compact(revision: number): void
  close(): Promise<void>
}
