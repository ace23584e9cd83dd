import { assert } from '../api/assert.ts'
import { DiskError } from '../ports/disk.ts'
import type { AtRest } from './at-rest.ts'
import { encodeRecords, type StoreRecord } from './record.ts'
import { type Group, type Staged, type Staging, stagingArea } from './staging.ts'
import type { Wal } from './wal.ts'

/**
 * Commits on their way to the disk. All that come while one group is written and synced go out together in the next: one append and
 * one sync, however many there are.
 */
export interface CommitQueue {
  /** Resolves once the event is durable and published; rejects where that is not to be. */
  add(staged: Staged): Promise<void>
  /** The newest version of the key under way; undefined when there is none, 'deleted' where that is a deletion. */
  head: Staging['head']
  headRevision(): number
  flushed(): Promise<void>
  /** Takes no more, and resolves when what was taken is durable or refused. */
  close(): Promise<void>
}

export type CommitQueueParts = Readonly<{
  wal: Wal
  atRest: AtRest
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

export function commitQueue(parts: CommitQueueParts): CommitQueue {
  const { wal, atRest } = parts
  const staging = stagingArea(parts.visibleRevision)
  let running = false
  let failed: Error | undefined
  let closed = false
  let ended = Promise.resolve()

  const write = async (group: Group): Promise<boolean> => {
    const durable = parts.visibleRevision()
    try {
      await wal.append(encodeRecords(group.staged.map((staged) => recordOf(staged, durable, atRest))))
      return true
    } catch (error) {
      if (!(error instanceof DiskError) || error.code !== 'NoSpace') throw error
      await wal.rewind()
      parts.onFull(error, staging.refuseAll(error))
      return false
    }
  }
  const run = async (): Promise<void> => {
    try {
      for (let group = staging.begin(); group !== undefined; group = staging.begin()) {
        const { staged } = group
        if (await write(group)) staging.finish(group, () => parts.publish(staged))
        await parts.betweenGroups()
      }
      running = false
    } catch (error) {
      failed = error instanceof Error ? error : new Error(String(error))
      staging.refuseAll(failed)
      parts.onFatal(failed)
    }
  }
  return {
    head: staging.head,
    headRevision: staging.headRevision,
    flushed: () => (failed === undefined ? staging.flushed() : Promise.reject(failed)),
    async close() {
      closed = true
      await ended
    },
    add(staged) {
      if (failed !== undefined) throw failed
      assert(!closed, 'the store is open')
      const durable = staging.add(staged)
      if (!running) {
        running = true
        // Not at once: what is committed in this same turn of the event loop joins the group.
        ended = Promise.resolve().then(run)
      }
      return durable
    },
  }
}

function recordOf(staged: Staged, durableRevision: number, atRest: AtRest): StoreRecord {
  const { type, entry } = staged.event
  const { key, revision, createRevision } = entry
  const json = atRest.seal(key, entry.json)
  const { timeMs, expiresAtMs } = staged
  return { type, key, json, revision, createRevision, timeMs, expiresAtMs, durableRevision }
}
