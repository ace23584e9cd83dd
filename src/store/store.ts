import type { ApiObject } from '../api/object.ts'
import type { Result } from '../api/result.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { Log } from '../ports/log.ts'
import type { AtRest } from './at-rest.ts'
import { openMvccStore } from './mvcc-store.ts'

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

/**
 * A commit is decided at once and synchronously; nobody may see or be told of it before `durable` has resolved. It rejects with a
 * DiskError where the commit could not be made durable: with NoSpace the store goes on and the write may be tried again; with anything
 * else the store has failed, and `onFatal` was called.
 */
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

export type StoreOptions = Readonly<{
  /** History is forgotten when it is older than this, … */
  historyMs: number
  /** … or more events back than this, … */
  historyEvents: number
  /** … or beyond this many bytes of JSON. */
  historyBytes: number
  /** The log is replaced by a snapshot when it has grown to this, or to half of what is stored where that is more. */
  snapshotBytes: number
  /** Objects kept parsed, by the size of their JSON. */
  parsedBytes: number
}>

export const storeDefaults: StoreOptions = {
  historyMs: 5 * 60_000,
  historyEvents: 10_000,
  historyBytes: 64 * 1024 * 1024,
  snapshotBytes: 64 * 1024 * 1024,
  parsedBytes: 32 * 1024 * 1024,
}

export type StoreParts = Readonly<{
  disk: Disk
  clock: Clock
  log: Log
  /** A folder of the store's own; made where it is missing. */
  directory: string
  options?: Partial<StoreOptions>
  /** How objects lie on disk; absent: as they are. */
  atRest?: AtRest
  /**
   * Called once when the store cannot go on: what is on disk is no longer known (a failed append or sync), or a bug has shown. The
   * process must end; opening again recovers everything that was acknowledged. Commits throw from then on; reads still work.
   */
  onFatal(error: Error): void
}>

/**
 * Opens the store in the folder, recovering what is there. Throws one clear message when another live process has it open, when its
 * files are damaged (naming file and offset) or in an unknown format version.
 *
 * A full disk: the commits under way are refused (`durable` rejects with NoSpace), what was written of them is cut off, and reads and
 * watches go on; as soon as there is room again, commits succeed again. Commits staged after the refused ones are refused with them,
 * because they were decided on a head that has not come to be.
 */
export async function openStore(parts: StoreParts): Promise<Store> {
  const { disk, directory } = parts
  await disk.makeDirectory(directory, 0o700)
  const lock = await disk.lock(`${directory}/lock`)
  if (!lock.ok) {
    const holder = lock.holderPid === undefined ? '' : ` (process ${lock.holderPid})`
    throw new Error(`${directory} is in use by another process${holder}`)
  }
  try {
    return await openMvccStore(parts, { ...storeDefaults, ...parts.options }, () => lock.release())
  } catch (error) {
    await lock.release()
    throw error
  }
}
