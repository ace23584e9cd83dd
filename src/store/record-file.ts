import { decodeRecord, type StoreRecord } from './record.ts'

/** Begins every file of ours: what it is, and in which version of the format. */
export type FileMagic = 'coracle wal ' | 'coracle snap'
export const formatVersion = 1
export const fileHeadBytes = 16

export function encodeFileHead(magic: FileMagic): Uint8Array {
  const head = new Uint8Array(fileHeadBytes)
  head.set(new TextEncoder().encode(magic))
  new DataView(head.buffer).setUint32(12, formatVersion, true)
  return head
}

export type RecordFileEnd = Readonly<{
  /** Where the last good record ends: 0 when not even the head is good. */
  goodBytes: number
  sizeBytes: number
  /** Why reading stopped before the end of the file. */
  damage?: string
  /** The greatest durableRevision said by good records after the damage; 0 when there are none. */
  durableAfterDamage: number
}>

/**
 * Reads a file of records front to back, calling onRecord for each good one until the first bad one. Reading needs memory for a
 * chunk and the longest record only. Throws for a format version that this program does not know.
 */
export async function readRecordFile(
  path: string,
  magic: FileMagic,
  chunks: AsyncIterable<Uint8Array>,
  onRecord: (record: StoreRecord) => void,
): Promise<RecordFileEnd> {
  const scan: Scan = { goodBytes: 0, sizeBytes: 0, rest: [], onRecord }
  for await (const chunk of chunks) {
    scan.sizeBytes += chunk.length
    scan.rest.push(chunk)
    // After damage all is kept until the end: the one case where a whole file (bounded by rotation) is held.
    if (scan.damage === undefined) readOn(path, magic, scan)
  }
  const rest = joined(scan.rest)
  if (rest.length > 0) scan.damage ??= 'the file ends within a record'
  const { goodBytes, sizeBytes, damage } = scan
  if (damage === undefined) return { goodBytes, sizeBytes, durableAfterDamage: 0 }
  return { goodBytes, sizeBytes, damage, durableAfterDamage: greatestDurableRevision(rest) }
}

type Scan = {
  goodBytes: number
  sizeBytes: number
  /** What has been read from the file, but not as records yet. */
  rest: Uint8Array[]
  damage?: string
  readonly onRecord: (record: StoreRecord) => void
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1 && chunks[0] !== undefined) return chunks[0]
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

function readOn(path: string, magic: FileMagic, scan: Scan): void {
  const bytes = joined(scan.rest)
  let at = 0
  if (scan.goodBytes === 0 && bytes.length >= fileHeadBytes) {
    readHead(path, magic, scan, bytes)
    at = scan.goodBytes
  }
  while (scan.goodBytes > 0) {
    const decoded = decodeRecord(bytes, at)
    if (decoded.type === 'bad') scan.damage = decoded.why
    if (decoded.type !== 'record') break
    at += decoded.bytes
    scan.goodBytes += decoded.bytes
    scan.onRecord(decoded.record)
  }
  scan.rest = at < bytes.length ? [bytes.subarray(at)] : []
}

function readHead(path: string, magic: FileMagic, scan: Scan, bytes: Uint8Array): void {
  const expected = encodeFileHead(magic)
  if (!expected.subarray(0, 12).every((byte, at) => bytes[at] === byte)) {
    scan.damage = 'the file does not begin as a file of this store'
    return
  }
  const version = new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true)
  if (version !== formatVersion) {
    throw new Error(`${path} is in format version ${version}; this program reads version ${formatVersion} only`)
  }
  scan.goodBytes = fileHeadBytes
}

/** Looks at every offset after damage for records that are whole again. */
function greatestDurableRevision(bytes: Uint8Array): number {
  let greatest = 0
  let at = 1
  while (at < bytes.length) {
    const decoded = decodeRecord(bytes, at)
    if (decoded.type === 'record') greatest = Math.max(greatest, decoded.record.durableRevision)
    at += decoded.type === 'record' ? decoded.bytes : 1
  }
  return greatest
}
