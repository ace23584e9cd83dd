/** Protobuf's wire format, read. Every fault is a WireError in the words of Kubernetes' generated code. */

import { towardsZero } from '../decode-scalar.ts'

export class WireError extends Error {}

export type Reader = {
  readonly bytes: Uint8Array
  at: number
  /** Where the innermost message ends. */
  end: number
  /** Messages around the present one. */
  depth: number
  /** How many more messages, list items and map entries there may be: a few bytes can stand for a big object each. */
  budget: number
  /** One character a byte: texts are cut from it. Empty for big bodies, which such cuttings would keep in memory. */
  readonly characters: string
}

const maxDepth = 500
const maxParts = 1_000_000
const maxCutBytes = 32 * 1024
/** Any encoding that has one character for every byte: only bytes below 128 are looked at. */
const singleBytes = new TextDecoder('latin1')
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** For messages with few texts. */
export function plainReader(bytes: Uint8Array): Reader {
  return { bytes, at: 0, end: bytes.length, depth: 0, budget: maxParts, characters: '' }
}

/** For messages with many. */
export function newReader(bytes: Uint8Array): Reader {
  return bytes.length <= maxCutBytes
    ? { ...plainReader(bytes), characters: singleBytes.decode(bytes) }
    : plainReader(bytes)
}

function unexpectedEnd(): WireError {
  return new WireError('unexpected EOF')
}

function overflow(): WireError {
  return new WireError('proto: integer overflow')
}

/** An unsigned number, exact up to 2^53: tags, lengths, and integers that are not negative. */
export function readVarint(reader: Reader): number {
  const { bytes, end } = reader
  const first = bytes[reader.at] ?? 0
  if (first < 0x80 && reader.at < end) {
    reader.at += 1
    return first
  }
  let value = 0
  let factor = 1
  for (let size = 0; size < 10; size += 1) {
    if (reader.at >= end) throw unexpectedEnd()
    const byte = bytes[reader.at] ?? 0
    reader.at += 1
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return value
    factor *= 0x80
  }
  throw overflow()
}

/** All 64 bits, signed. */
export function readInt64(reader: Reader): number {
  const start = reader.at
  const value = readVarint(reader)
  if (reader.at - start < 8) return value
  let exact = 0n
  for (let at = reader.at - 1; at >= start; at -= 1) exact = (exact << 7n) | BigInt((reader.bytes[at] ?? 0) & 0x7f)
  return towardsZero(BigInt.asIntN(64, exact))
}

/** The low 32 bits, signed. */
export function readInt32(reader: Reader): number {
  const start = reader.at
  const value = readVarint(reader)
  if (reader.at - start < 5) return value
  let low = 0
  for (let at = Math.min(reader.at, start + 5) - 1; at >= start; at -= 1) {
    low = (low << 7) | ((reader.bytes[at] ?? 0) & 0x7f)
  }
  return low | 0
}

export function readDouble(reader: Reader): number {
  if (reader.at + 8 > reader.end) throw unexpectedEnd()
  const { buffer, byteOffset } = reader.bytes
  const value = new DataView(buffer, byteOffset + reader.at, 8).getFloat64(0, true)
  reader.at += 8
  return value
}

/** Where a value with a length of its own ends. */
export function readEnd(reader: Reader): number {
  const length = readVarint(reader)
  // Go reads lengths into an int64, and calls those of 2^63 and more negative.
  if (length >= 2 ** 63) throw new WireError('proto: negative length found during unmarshaling')
  const end = reader.at + length
  if (end > reader.end) throw unexpectedEnd()
  return end
}

export function readBytes(reader: Reader): Uint8Array {
  const end = readEnd(reader)
  const bytes = reader.bytes.subarray(reader.at, end)
  reader.at = end
  return bytes
}

/** UTF-8; what is not UTF-8 becomes U+FFFD, as in the original's JSON. */
export function readText(reader: Reader): string {
  const end = readEnd(reader)
  const start = reader.at
  reader.at = end
  const { bytes, characters } = reader
  if (characters === '') return utf8.decode(bytes.subarray(start, end))
  for (let at = start; at < end; at += 1) {
    if ((bytes[at] ?? 0) > 0x7f) return utf8.decode(bytes.subarray(start, end))
  }
  return characters.slice(start, end)
}

/** Goes into the message that stands here; `leave` must be given what this returns. */
export function enter(reader: Reader): number {
  const messageEnd = readEnd(reader)
  const { end } = reader
  reader.end = messageEnd
  reader.depth += 1
  reader.budget -= 1
  if (reader.depth > maxDepth) throw new WireError('proto: exceeded max depth')
  if (reader.budget < 0) throw new WireError('proto: too many values')
  return end
}

export function leave(reader: Reader, outerEnd: number): void {
  reader.at = reader.end
  reader.end = outerEnd
  reader.depth -= 1
}

/** Number and wire type of the next field. */
export function readTag(reader: Reader, message: string): Readonly<{ number: number; wireType: number }> {
  const tag = readVarint(reader)
  // As int32(wire >> 3).
  const number = Math.floor(tag / 8) | 0
  const wireType = tag % 8
  if (wireType === 4) throw new WireError(`proto: ${message}: wiretype end group for non-group`)
  if (number <= 0) throw new WireError(`proto: ${message}: illegal tag ${number} (wire type ${tag})`)
  return { number, wireType }
}

/** Passes over the value of an unknown field, groups with all that is in them. */
export function skipValue(reader: Reader, wireType: number): void {
  let groups = 0
  let type = wireType
  for (;;) {
    if (type === 3) groups += 1
    else if (type === 4 && groups === 0) throw new WireError('proto: unexpected end of group')
    else if (type === 4) groups -= 1
    else skipPlain(reader, type)
    if (groups === 0) return
    type = readVarint(reader) % 8
  }
}

function skipPlain(reader: Reader, wireType: number): void {
  if (wireType === 0) readVarint(reader)
  else if (wireType === 1) reader.at += 8
  else if (wireType === 2) reader.at = readEnd(reader)
  else if (wireType === 5) reader.at += 4
  else throw new WireError(`proto: illegal wireType ${wireType}`)
  if (reader.at > reader.end) throw unexpectedEnd()
}
