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

/** Head with key, and JSON: two chunks, so that the JSON is never copied. */
export function encodeRecord(record: StoreRecord): readonly [Uint8Array, Uint8Array] {
  const key = encoder.encode(record.key)
  const head = new Uint8Array(recordHeadBytes + key.length)
  assert(key.length + record.json.length < longestBodyBytes - recordHeadBytes, `${record.key} is too large to store`)
  const view = new DataView(head.buffer)
  view.setUint32(0, head.length - frameBytes + record.json.length, true)
  view.setUint8(8, types.indexOf(record.type) + 1)
  view.setUint32(12, key.length, true)
  view.setFloat64(16, record.revision, true)
  view.setFloat64(24, record.createRevision, true)
  view.setFloat64(32, record.timeMs, true)
  view.setFloat64(40, record.expiresAtMs, true)
  view.setFloat64(48, record.durableRevision, true)
  head.set(key, recordHeadBytes)
  view.setUint32(4, crc32(record.json, crc32(head, 0, frameBytes)), true)
  return [head, record.json]
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
