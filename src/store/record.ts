import { assert } from '../api/assert.ts'
import { crc32 } from './crc32.ts'

/**
 * One commit in the log, or one object in a snapshot. On disk, little endian:
 *
 *     0 u32 length of the body      4 u32 CRC-32 of the body
 *     8 u8  type   9 u8,u16 zero   12 u32 length of the key
 *    16 f64 revision              24 f64 createRevision
 *    32 f64 timeMs                40 f64 expiresAtMs (0: never)
 *    48 f64 durableRevision       56 key, then the object's JSON
 */
export type StoreRecord = Readonly<{
  type: 'put' | 'delete' | 'end'
  key: string
  json: Uint8Array
  revision: number
  createRevision: number
  /** When it was committed. */
  timeMs: number
  /** 0 where the key never expires. */
  expiresAtMs: number
  /** What was durable, and so perhaps acknowledged, when this was written: tells a torn tail from a damaged log. */
  durableRevision: number
}>

export const recordHeadBytes = 56
const frameBytes = 8
/** Far above what the API server lets in: a length beyond it is damage. */
const longestBodyBytes = 16 * 1024 * 1024
const types = ['put', 'delete', 'end'] as const
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** The records one after another, in one piece. */
export function encodeRecords(records: readonly StoreRecord[]): Uint8Array {
  // UTF-8 takes at most three bytes for a code unit: room enough, without encoding keys twice.
  const room = records.reduce((sum, { key, json }) => sum + recordHeadBytes + 3 * key.length + json.length, 0)
  const bytes = new Uint8Array(room)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const record of records) at = encodeRecord(record, bytes, view, at)
  return bytes.subarray(0, at)
}

/** Writes the record at `start`; returns where it ends. */
function encodeRecord(record: StoreRecord, bytes: Uint8Array, view: DataView, start: number): number {
  const { key, json } = record
  const keyStart = start + recordHeadBytes
  const keyBytes = encoder.encodeInto(key, bytes.subarray(keyStart)).written
  const end = keyStart + keyBytes + json.length
  assert(end - start < longestBodyBytes, `${key} is too large to store`)
  bytes.set(json, keyStart + keyBytes)
  view.setUint32(start, end - start - frameBytes, true)
  view.setUint8(start + 8, types.indexOf(record.type) + 1)
  view.setUint32(start + 12, keyBytes, true)
  view.setFloat64(start + 16, record.revision, true)
  view.setFloat64(start + 24, record.createRevision, true)
  view.setFloat64(start + 32, record.timeMs, true)
  view.setFloat64(start + 40, record.expiresAtMs, true)
  view.setFloat64(start + 48, record.durableRevision, true)
  view.setUint32(start + 4, crc32(bytes, 0, start + frameBytes, end), true)
  return end
}

export type Decoded =
  | Readonly<{ type: 'record'; record: StoreRecord; bytes: number }>
  /** The bytes given end before the record does. */
  | Readonly<{ type: 'short' }>
  | Readonly<{ type: 'bad'; why: string }>

/** Reads the record that begins at `start`. The JSON is copied, so that the buffer can go. */
export function decodeRecord(bytes: Uint8Array, start: number): Decoded {
  if (bytes.length - start < frameBytes) return { type: 'short' }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start)
  const bodyBytes = view.getUint32(0, true)
  const least = recordHeadBytes - frameBytes
  if (bodyBytes < least || bodyBytes > longestBodyBytes) return { type: 'bad', why: `record length ${bodyBytes}` }
  const end = start + frameBytes + bodyBytes
  if (end > bytes.length) return { type: 'short' }
  const type = types[view.getUint8(8) - 1]
  if (type === undefined) return { type: 'bad', why: 'record type' }
  if (crc32(bytes, 0, start + frameBytes, end) !== view.getUint32(4, true)) return { type: 'bad', why: 'checksum' }
  const jsonStart = start + recordHeadBytes + view.getUint32(12, true)
  if (jsonStart > end) return { type: 'bad', why: 'key length' }
  const record: StoreRecord = {
    type,
    key: decoder.decode(bytes.subarray(start + recordHeadBytes, jsonStart)),
    json: bytes.slice(jsonStart, end),
    revision: view.getFloat64(16, true),
    createRevision: view.getFloat64(24, true),
    timeMs: view.getFloat64(32, true),
    expiresAtMs: view.getFloat64(40, true),
    durableRevision: view.getFloat64(48, true),
  }
  assert(Number.isSafeInteger(record.revision), 'a record with a good checksum holds a revision')
  return { type: 'record', record, bytes: frameBytes + bodyBytes }
}
