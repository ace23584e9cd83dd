import type { Disk } from '../ports/disk.ts'
import { encodeFileHead } from './record-file.ts'

export type Segment = Readonly<{ path: string; firstRevision: number; sizeBytes: number }>

/** The log on disk, a row of segments, the last of which grows. All calls must be made one after another. */
export interface Wal {
  /** Appends and makes durable. After NoSpace call rewind() before anything else; any other error leaves the log unusable. */
  append(records: Uint8Array): Promise<void>
  /** Cuts off what a failed append may have left. */
  rewind(): Promise<void>
  /** Goes on in a new segment, for revisions from this one. On failure the log goes on in the old one. */
  rotate(firstRevision: number): Promise<void>
  /** Removes the segments that hold nothing from this revision on. */
  dropBefore(revision: number): Promise<void>
  /** Bytes in all segments. */
  sizeBytes(): number
  close(): Promise<void>
}

const digits = 16

/** Names sort by revision. */
export function segmentName(firstRevision: number): string {
  return `wal-${String(firstRevision).padStart(digits, '0')}`
}

/** The first revision that a segment of this name may hold; undefined for other files. */
export function revisionOfName(prefix: 'wal-' | 'snapshot-', name: string): number | undefined {
  if (!name.startsWith(prefix) || name.length !== prefix.length + digits) return undefined
  const revision = Number(name.slice(prefix.length))
  return Number.isSafeInteger(revision) ? revision : undefined
}

/**
 * Goes on with the segments found at opening, or begins the first one. What was read from the last one may never have reached the
 * platter (its writer may have been killed before the sync): it is made durable here, before anybody sees it.
 */
export async function openWal(
  disk: Disk,
  directory: string,
  found: readonly Segment[],
  nextRevision: number,
): Promise<Wal> {
  let older = found.slice(0, -1)
  const last = found[found.length - 1]
  let path = last?.path ?? `${directory}/${segmentName(nextRevision)}`
  let firstRevision = last?.firstRevision ?? nextRevision
  let sizeBytes = last?.sizeBytes ?? 0
  let file = await disk.openAppend(path, sizeBytes)
  if (sizeBytes === 0) await file.append([encodeFileHead('coracle wal ')])
  await file.sync()
  sizeBytes = file.sizeBytes()

  return {
    async append(records) {
      await file.append([records])
      await file.sync()
      sizeBytes = file.sizeBytes()
    },
    async rewind() {
      await file.close()
      file = await disk.openAppend(path, sizeBytes)
    },
    async rotate(revision) {
      const next = await beginSegment(disk, `${directory}/${segmentName(revision)}`)
      const full = file
      older = [...older, { path, firstRevision, sizeBytes }]
      path = `${directory}/${segmentName(revision)}`
      file = next
      firstRevision = revision
      sizeBytes = file.sizeBytes()
      await full.close()
    },
    async dropBefore(revision) {
      for (const segment of [...older]) {
        const next = older[older.indexOf(segment) + 1]?.firstRevision ?? firstRevision
        if (next > revision) break
        await disk.remove(segment.path)
        older = older.filter((other) => other !== segment)
      }
    },
    sizeBytes: () => older.reduce((sum, segment) => sum + segment.sizeBytes, sizeBytes),
    close: () => file.close(),
  }
}

/** Durable, head and name, before it is used: a segment that exists promises that all before it is complete. */
async function beginSegment(disk: Disk, path: string): ReturnType<Disk['openAppend']> {
  try {
    const file = await disk.openAppend(path, 0)
    await file.append([encodeFileHead('coracle wal ')])
    await file.sync()
    return file
  } catch (error) {
    await disk.remove(path)
    throw error
  }
}
