import type { Clock } from '../ports/clock.ts'
import { type Disk, DiskError } from '../ports/disk.ts'
import type { Log } from '../ports/log.ts'
import type { AtRest } from './at-rest.ts'
import { type SnapshotEntry, snapshotName, writeSnapshot } from './snapshot.ts'
import type { Wal } from './wal.ts'

/** Keeps the log short: when it has grown enough, it is continued in a new segment and what came before replaced by a snapshot. */
export interface Checkpoints {
  /** To be called between two groups of commits. Resolves as soon as commits may go on; the snapshot is written beside them. */
  consider(): Promise<void>
  /** Resolves when no snapshot is being written. */
  idle(): Promise<void>
}

export type CheckpointParts = Readonly<{
  disk: Disk
  clock: Clock
  log: Log
  directory: string
  atRest: AtRest
  wal: Wal
  /** Log size from which on a snapshot pays. */
  thresholdBytes(): number
  visibleRevision(): number
  visibleEntries(): readonly SnapshotEntry[]
  /** A bug has shown while writing a snapshot. */
  onFatal(error: Error): void
}>

const retryMs = 30_000

/**
 * Crash-safe at each step: the new segment begins only when all before it is durable; a snapshot gets its name only when it is whole
 * and durable; only then do the old segments and snapshots go. A snapshot that fails is tried again later: the log still has it all.
 */
export function checkpoints(parts: CheckpointParts, snapshotRevision: number | undefined): Checkpoints {
  const { disk, clock, log, directory, atRest, wal } = parts
  let previous = snapshotRevision
  let notBeforeMs = 0
  let rotatedAt: number | undefined
  let writing: Promise<void> | undefined

  const postpone = (doing: string, error: unknown): void => {
    if (!(error instanceof DiskError)) throw error
    notBeforeMs = clock.monotonicMs() + retryMs
    log.warn(`could not ${doing}; the log grows on and it will be tried again`, { error: error.message })
  }
  const rotate = async (revision: number): Promise<boolean> => {
    if (rotatedAt === revision) return true
    try {
      await wal.rotate(revision + 1)
      rotatedAt = revision
      return true
    } catch (error) {
      postpone('begin a new segment of the log', error)
      return false
    }
  }
  const snapshot = async (revision: number, entries: readonly SnapshotEntry[]): Promise<void> => {
    try {
      await writeSnapshot(disk, directory, atRest, revision, entries)
      if (previous !== undefined && previous !== revision) await disk.remove(`${directory}/${snapshotName(previous)}`)
      previous = revision
      await wal.dropBefore(revision + 1)
    } catch (error) {
      postpone('write a snapshot', error)
    }
  }
  return {
    async consider() {
      if (writing !== undefined || wal.sizeBytes() < parts.thresholdBytes() || clock.monotonicMs() < notBeforeMs) return
      const revision = parts.visibleRevision()
      if (!(await rotate(revision))) return
      writing = snapshot(revision, parts.visibleEntries())
        .catch(parts.onFatal)
        .finally(() => {
          writing = undefined
        })
    },
    idle: () => writing ?? Promise.resolve(),
  }
}
