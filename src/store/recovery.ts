import type { Disk } from '../ports/disk.ts'
import type { Log } from '../ports/log.ts'
import type { StoreRecord } from './record.ts'
import { fileHeadBytes, type RecordFileEnd, readRecordFile } from './record-file.ts'
import { readSnapshot } from './snapshot.ts'
import { revisionOfName, type Segment } from './wal.ts'

/** Where the recovered state goes. */
export type Recovery = Readonly<{
  /** An object of the snapshot. */
  restore(record: StoreRecord): void
  /** All of the snapshot is there: the state is that of the revision. */
  restored(revision: number): void
  /** A commit of the log, in order. */
  replay(record: StoreRecord): void
}>

type Found = Readonly<{ path: string; revision: number }>

/**
 * Brings back the newest snapshot and the log after it, and removes what a crash may have left over. Returns the segments to go on
 * with. A torn tail of the last segment is cut: it was never acknowledged. Any other damage throws, naming file and offset.
 */
export async function recover(
  disk: Disk,
  log: Log,
  directory: string,
  recovery: Recovery,
): Promise<Readonly<{ segments: readonly Segment[]; snapshotRevision: number | undefined }>> {
  const names = await disk.list(directory)
  for (const name of names.filter((name) => name.endsWith('.tmp'))) await disk.remove(`${directory}/${name}`)
  const snapshots = found(directory, names, 'snapshot-')
  const snapshot = snapshots.pop()
  if (snapshot !== undefined) {
    await readSnapshot(disk, snapshot.path, snapshot.revision, (record) => recovery.restore(record))
  }
  const base = snapshot?.revision ?? 0
  recovery.restored(base)
  const segments = found(directory, names, 'wal-')
  // Those before the last one that begins at or before the snapshot's end hold nothing that the snapshot does not.
  while (segments[1] !== undefined && segments[1].revision <= base + 1) snapshots.push(...segments.splice(0, 1))
  if (segments[0] === undefined ? base > 0 : segments[0].revision > base + 1) {
    throw new Error(`${directory}: the log from revision ${base + 1} on is missing. Restore the store from a copy.`)
  }
  const kept = await replayLog(disk, log, segments, base, recovery)
  for (const old of snapshots) await disk.remove(old.path)
  return { segments: kept, snapshotRevision: snapshot?.revision }
}

/** Shows all that recover() will read, and changes nothing. What is damaged is for that to tell. */
export async function look(disk: Disk, directory: string, see: (stored: Uint8Array) => void): Promise<void> {
  const names = await disk.list(directory)
  const [snapshot] = found(directory, names, 'snapshot-').slice(-1)
  const files = [
    ...(snapshot === undefined ? [] : [{ ...snapshot, magic: 'coracle snap' as const }]),
    ...found(directory, names, 'wal-').map((segment) => ({ ...segment, magic: 'coracle wal ' as const })),
  ]
  for (const { path, magic } of files) await readRecordFile(path, magic, disk.readChunks(path), ({ json }) => see(json))
}

function found(directory: string, names: readonly string[], prefix: 'wal-' | 'snapshot-'): Found[] {
  return names.flatMap((name) => {
    const revision = revisionOfName(prefix, name)
    return revision === undefined ? [] : [{ path: `${directory}/${name}`, revision }]
  })
}

async function replayLog(
  disk: Disk,
  log: Log,
  segments: readonly Found[],
  base: number,
  recovery: Recovery,
): Promise<readonly Segment[]> {
  const { full, empty } = await apart(disk, segments)
  const kept: Segment[] = []
  let revision = base
  for (const [at, segment] of full.entries()) {
    let next = segment.revision
    if (at > 0 && next !== revision + 1) throw missing(segment.path, revision, next)
    const end = await readRecordFile(segment.path, 'coracle wal ', disk.readChunks(segment.path), (record) => {
      if (record.revision !== next) throw missing(segment.path, next - 1, record.revision)
      next += 1
      if (record.revision > base) recovery.replay(record)
    })
    if (end.damage !== undefined) judgeDamage(log, segment.path, end, next, at === full.length - 1)
    revision = Math.max(revision, next - 1)
    kept.push({ path: segment.path, firstRevision: segment.revision, sizeBytes: end.goodBytes })
  }
  for (const { path, revision: first } of empty) {
    // A segment is begun only when all before it is durable.
    if (first > revision + 1) throw missing(path, revision, first)
    // The log must never be without the segment that follows the snapshot, so this one is filled, not made anew.
    if (first === revision + 1) kept.push({ path, firstRevision: first, sizeBytes: 0 })
    else await disk.remove(path)
  }
  return kept
}

/** A segment without records is left over from a crash or a full disk at the moment of its making. */
async function apart(disk: Disk, segments: readonly Found[]): Promise<Readonly<{ full: Found[]; empty: Found[] }>> {
  const full: Found[] = []
  const empty: Found[] = []
  for (const segment of segments) {
    const { sizeBytes } = await disk.stat(segment.path)
    if (sizeBytes > fileHeadBytes) full.push(segment)
    else empty.push(segment)
  }
  return { full, empty }
}

function missing(path: string, revision: number, next: number): Error {
  return new Error(
    `${path}: the log goes on with revision ${next} after ${revision}: part of it is missing. Restore the store from a copy.`,
  )
}

/** A crash tears only what was not durable yet: the end of the last segment. Throws for everything else. */
function judgeDamage(log: Log, path: string, end: RecordFileEnd, lostRevision: number, isLast: boolean): void {
  const { damage, goodBytes, sizeBytes } = end
  if (!isLast || goodBytes === 0 || end.durableAfterDamage >= lostRevision) {
    throw new Error(
      `${path} is damaged at byte ${goodBytes}: ${damage}. The store cannot open; restore it from a copy.`,
    )
  }
  log.warn('cut the torn end of the log, which was never acknowledged', {
    path,
    goodBytes,
    cutBytes: sizeBytes - goodBytes,
  })
}
