/** Reads leaf values as Go's decoder and Kubernetes' own types read them, into the form in which they are sent again. */
import { canonicalBase64, encodeBase64 } from './base64.ts'
import { membersOf, numberTextOf, plainJson } from './json-text.ts'
import { formatQuantity, parseQuantity } from './quantity.ts'
import type { ScalarType } from './schema.ts'
import { parseMicroTime, parseTime } from './wire-time.ts'

const wrong = Symbol('wrong kind')

/** Why a value does not fit. With a message, that is all; otherwise the caller names the field. */
export type WrongKind = Readonly<{
  /** What was found: 'string', 'number', 'bool', 'object', 'array'. */
  kind: string
  /** The number as written, where it is its size or fraction that does not fit. */
  literal: string | undefined
  /** The Go type, where it is not the field's own. */
  expected: string | undefined
  message: string | undefined
}>

export function isWrongKind(value: unknown): value is WrongKind {
  return typeof value === 'object' && value !== null && wrong in value
}

type Details = Partial<Pick<WrongKind, 'literal' | 'expected' | 'message'>>

function refuse(value: unknown, { literal, expected, message }: Details = {}): WrongKind & { [wrong]: true } {
  return { [wrong]: true, kind: kindOf(value), literal, expected, message }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return isNumber(value) ? 'number' : typeof value
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'object' && value !== null && numberTextOf(value) !== undefined)
}

/** A number's spelling, as written or as JSON.stringify would; undefined for what is no number. */
function numberText(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? numberSpelling(value) : undefined
  return typeof value === 'object' && value !== null ? numberTextOf(value) : undefined
}

/** Go writes 1e21 as JavaScript does, and so do whole numbers below that. */
function numberSpelling(value: number): string {
  return Object.is(value, -0) ? '0' : String(value)
}

/** `value` is not null. The answer is the value to keep (null for a zero time), or a WrongKind. */
export function decodeScalar(scalar: ScalarType, value: unknown): unknown {
  switch (scalar) {
    case 'string':
      return typeof value === 'string' ? value : refuse(value)
    case 'boolean':
      return typeof value === 'boolean' ? value : refuse(value)
    case 'int32':
      return decodeInteger(value, 31n)
    case 'int64':
      return decodeInteger(value, 63n)
    case 'double':
      return decodeDouble(value)
    case 'time':
      return decodeText(value, parseTime)
    case 'microTime':
      return decodeText(value, parseMicroTime)
    case 'duration':
      return typeof value === 'string' ? value : refuse(value, { expected: 'string' })
    case 'quantity':
      return decodeQuantity(value)
    case 'intOrString':
      return decodeIntOrString(value)
    case 'bytes':
      return decodeBytes(value)
    case 'any':
      return typeof value === 'object' ? plainJson(value) : value
  }
}

function decodeInteger(value: unknown, bits: bigint): unknown {
  if (typeof value === 'number' && Number.isSafeInteger(value) && (bits === 63n || (value | 0) === value)) return value
  const text = numberText(value)
  if (text === undefined) return refuse(value)
  if (!/^-?\d+$/.test(text)) return refuse(value, { literal: text })
  const exact = BigInt(text)
  const limit = 1n << bits
  if (exact >= limit || exact < -limit) return refuse(value, { literal: text })
  return towardsZero(exact)
}

/** JavaScript's numbers are exact to 2^53. Beyond, the nearest one that is no larger, so that what is sent again still fits 64 bits. */
export function towardsZero(exact: bigint): number {
  const size = exact < 0n ? -exact : exact
  const surplusBits = BigInt(Math.max(0, size.toString(2).length - 53))
  const number = Number((size >> surplusBits) << surplusBits)
  return exact < 0n ? -number : number
}

function decodeDouble(value: unknown): unknown {
  const text = numberText(value)
  if (text === undefined) return refuse(value)
  const number = Number(text)
  return Number.isFinite(number) ? number : refuse(value, { literal: text })
}

function decodeText(value: unknown, parse: typeof parseTime): unknown {
  if (typeof value !== 'string') return refuse(value, { expected: 'string' })
  const parsed = parse(value)
  return parsed.ok ? parsed.value : refuse(value, { message: parsed.error })
}

/** Nearly all quantities: digits that no larger suffix could shorten. */
const shortQuantity = /^([1-9]\d{0,8})(m|k|M|G|Ki|Mi|Gi)?$/

function isCanonical(text: string): boolean {
  const [, digits, suffix = ''] = shortQuantity.exec(text) ?? []
  return digits !== undefined && Number(digits) % (suffix.endsWith('i') ? 1024 : 1000) !== 0
}

function decodeQuantity(value: unknown): unknown {
  if (typeof value === 'string' && isCanonical(value)) return value
  const text = typeof value === 'string' ? value.trim() : (numberText(value) ?? kindOf(value))
  const parsed = parseQuantity(text)
  return parsed.ok ? formatQuantity(parsed.value) : refuse(value, { message: parsed.error })
}

function decodeIntOrString(value: unknown): unknown {
  if (typeof value === 'string') return value
  const read = decodeInteger(value, 31n)
  return isWrongKind(read) ? refuse(value, { literal: read.literal, expected: 'int32' }) : read
}

function decodeBytes(value: unknown): unknown {
  if (Array.isArray(value)) return bytesOfNumbers(value)
  if (typeof value !== 'string') return refuse(value)
  const read = canonicalBase64(value)
  return read.ok ? read.value : refuse(value, { message: read.error })
}

/** Go takes a list of numbers for bytes, too. */
function bytesOfNumbers(items: readonly unknown[]): unknown {
  const bytes = new Uint8Array(items.length)
  for (const [at, item] of items.entries()) {
    const text = numberText(item)
    if (text === undefined) return refuse(item, { expected: 'uint8' })
    const byte = Number(text)
    if (!/^\d+$/.test(text) || byte > 255) return refuse(item, { literal: text, expected: 'uint8' })
    bytes[at] = byte
  }
  return encodeBase64(bytes)
}

/** True for what encoding/json calls an object. */
export function isObjectValue(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return membersOf(value) !== undefined || numberTextOf(value) === undefined
}

/** A value that is no object, list or map where one is needed. */
export function refuseKind(value: unknown): WrongKind {
  return refuse(value)
}
