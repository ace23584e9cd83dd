import { assert } from '../api/assert.ts'
import { DiskError } from '../ports/disk.ts'
import { encodeRecords, type StoreRecord } from './record.ts'
import type { Entry, StoreEvent } from './store.ts'
import type { Wal } from './wal.ts'

export type Staged = Readonly<{ event: StoreEvent; timeMs: number; expiresAtMs: number }>

/**
 * Commits on their way to the disk. All that come while one group is written and synced go out together in the next: one append and
 * one sync, however many there are.
 */
export interface CommitQueue {
  /** Resolves once the event is durable and published; rejects where that is not to be. */
  add(staged: Staged): Promise<void>
  /** The newest version of the key under way; undefined when there is none, 'deleted' where that is a deletion. */
  head(key: string): Entry | 'deleted' | undefined
  headRevision(): number
  flushed(): Promise<void>
  /** Takes no more, and resolves when what was taken is durable or refused. */
  close(): Promise<void>
}

export type CommitQueueParts = Readonly<{
  wal: Wal
  visibleRevision(): number
  /** Makes the group visible and tells watchers. It is durable. */
  publish(group: readonly Staged[]): void
  /** Runs after each group, while nothing is being written. */
  betweenGroups(): Promise<void>
  /** A full disk: the commits were refused, nothing else is harmed. */
  onFull(error: DiskError, refused: number): void
  /** What is on disk is no longer known, or a bug has shown: the process must end and recover. */
  onFatal(error: Error): void
}>

type Group = Readonly<{
  staged: Staged[]
  durable: Promise<void>
  resolve: () => void
  reject: (error: Error) => void
}>

export function commitQueue(parts: CommitQueueParts): CommitQueue {
  const { wal } = parts
  const heads = new Map<string, Staged>()
  let headRevision = parts.visibleRevision()
  let waiting = newGroup()
  let writing: Group | undefined
  let running = false
  let failed: Error | undefined
  let closed = false
  let ended = Promise.resolve()

  /** Later commits build on the lost ones, so all that are under way are refused, and their revisions go to others. */
  const refuseAll = (error: Error): number => {
    const groups = [writing, waiting]
    writing = undefined
    waiting = newGroup()
    heads.clear()
    headRevision = parts.visibleRevision()
    for (const group of groups) group?.reject(error)
    return groups.reduce((sum, group) => sum + (group?.staged.length ?? 0), 0)
  }
  const write = async (group: Group): Promise<boolean> => {
    const durable = parts.visibleRevision()
    try {
      await wal.append(encodeRecords(group.staged.map((staged) => recordOf(staged, durable))))
      return true
    } catch (error) {
      if (!(error instanceof DiskError) || error.code !== 'NoSpace') throw error
      await wal.rewind()
      parts.onFull(error, refuseAll(error))
      return false
    }
  }
  const finish = (group: Group): void => {
    for (const staged of group.staged) {
      const { key } = staged.event.entry
      if (heads.get(key) === staged) heads.delete(key)
    }
    parts.publish(group.staged)
    writing = undefined
    group.resolve()
  }
  const run = async (): Promise<void> => {
    try {
      while (waiting.staged.length > 0) {
        const group = waiting
        writing = group
        waiting = newGroup()
        if (await write(group)) finish(group)
        await parts.betweenGroups()
      }
      running = false
    } catch (error) {
      failed = error instanceof Error ? error : new Error(String(error))
      refuseAll(failed)
      parts.onFatal(failed)
    }
  }
  const flushed = (): Promise<void> => {
    if (failed !== undefined) return Promise.reject(failed)
    if (waiting.staged.length > 0) return waiting.durable
    return writing?.durable ?? Promise.resolve()
  }
  return {
    flushed,
    async close() {
      closed = true
      await ended
    },
    add(staged) {
      if (failed !== undefined) throw failed
      assert(!closed, 'the store is open')
      assert(staged.event.revision === headRevision + 1, 'commits are staged in the order of their revisions')
      headRevision += 1
      heads.set(staged.event.entry.key, staged)
      waiting.staged.push(staged)
      if (!running) {
        running = true
        // Not at once: what is committed in this same turn of the event loop joins the group.
        ended = Promise.resolve().then(run)
      }
      return waiting.durable
    },
    head(key) {
      const staged = heads.get(key)
      if (staged === undefined) return undefined
      return staged.event.type === 'delete' ? 'deleted' : staged.event.entry
    },
    headRevision: () => headRevision,
  }
}

function newGroup(): Group {
  let resolve = (): void => {}
  let reject = (_error: Error): void => {}
  const durable = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  // A writer that has gone away no longer looks at its promise: that is no reason to stop the process.
  durable.catch(() => {})
  return { staged: [], durable, resolve, reject }
}

function recordOf(staged: Staged, durableRevision: number): StoreRecord {
  const { type, entry } = staged.event
  const { key, json, revision, createRevision } = entry
  const { timeMs, expiresAtMs } = staged
  return { type, key, json, revision, createRevision, timeMs, expiresAtMs, durableRevision }
}
