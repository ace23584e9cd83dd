import type { Disk } from '../ports/disk.ts'
import type { AtRest } from './at-rest.ts'
import { encodeRecords, type StoreRecord } from './record.ts'
import { encodeFileHead, readRecordFile } from './record-file.ts'
import type { Entry } from './store.ts'

const digits = 16
const chunkBytes = 256 * 1024
const chunkRecords = 1000

export function snapshotName(revision: number): string {
  return `snapshot-${String(revision).padStart(digits, '0')}`
}

export type SnapshotEntry = Readonly<{ entry: Entry; expiresAtMs: number }>

/** Writes the state as of the revision, a chunk at a time, under another name until it is complete and durable. */
export async function writeSnapshot(
  disk: Disk,
  directory: string,
  atRest: AtRest,
  revision: number,
  entries: readonly SnapshotEntry[],
): Promise<void> {
  const path = `${directory}/${snapshotName(revision)}`
  await disk.remove(`${path}.tmp`)
  try {
    await disk.writeChunks(`${path}.tmp`, snapshotChunks(atRest, revision, entries), { durable: true, mode: 0o600 })
    await disk.rename(`${path}.tmp`, path, { durable: true })
  } catch (error) {
    await disk.remove(`${path}.tmp`)
    throw error
  }
}

async function* snapshotChunks(
  atRest: AtRest,
  revision: number,
  entries: readonly SnapshotEntry[],
): AsyncIterable<Uint8Array> {
  yield encodeFileHead('coracle snap')
  let pending: StoreRecord[] = []
  let pendingBytes = 0
  for (const { entry, expiresAtMs } of entries) {
    pending.push(recordOf(entry, expiresAtMs, revision, atRest))
    pendingBytes += entry.json.length
    if (pendingBytes < chunkBytes && pending.length < chunkRecords) continue
    yield encodeRecords(pending)
    pending = []
    pendingBytes = 0
  }
  pending.push(endRecord(revision, entries.length))
  yield encodeRecords(pending)
}

function recordOf(entry: Entry, expiresAtMs: number, revision: number, atRest: AtRest): StoreRecord {
  const { key, createRevision } = entry
  const json = atRest.seal(key, entry.json)
  const { revision: own } = entry
  return { type: 'put', key, json, revision: own, createRevision, timeMs: 0, expiresAtMs, durableRevision: revision }
}

/** Says which revision the snapshot is of and, in createRevision's place, how many objects it holds. */
function endRecord(revision: number, count: number): StoreRecord {
  const json = new Uint8Array(0)
  return {
    type: 'end',
    key: '',
    json,
    revision,
    createRevision: count,
    timeMs: 0,
    expiresAtMs: 0,
    durableRevision: revision,
  }
}

/** Calls back for every object. Throws, naming file and offset, unless the snapshot is whole: it got its name only when it was. */
export async function readSnapshot(
  disk: Disk,
  path: string,
  revision: number,
  onRecord: (record: StoreRecord) => void,
): Promise<void> {
  let count = 0
  let ended = false
  const end = await readRecordFile(path, 'coracle snap', disk.readChunks(path), (record) => {
    if (record.type === 'end') {
      ended = record.revision === revision && record.createRevision === count
      return
    }
    count += 1
    onRecord(record)
  })
  if (end.damage !== undefined || !ended) {
    const why = end.damage ?? 'its end is missing'
    throw new Error(
      `${path} is damaged at byte ${end.goodBytes}: ${why}. The store cannot open; restore it from a copy.`,
    )
  }
}
