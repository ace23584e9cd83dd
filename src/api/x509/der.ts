/** DER, as far as certificates need it: values with one-byte tags and definite lengths. */

export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

export type DerValue = Readonly<{ tag: number; content: Uint8Array; whole: Uint8Array }>

/** What is malformed, in Go's words; caught where a parse begins. */
export class DerError extends Error {}

/** The values that follow each other in the bytes. */
export function readValues(bytes: Uint8Array): readonly DerValue[] {
  const values: DerValue[] = []
  for (let at = 0; at < bytes.length; ) {
    const value = readValue(bytes.subarray(at))
    values.push(value)
    at += value.whole.length
  }
  return values
}

type Header = Readonly<{ tag: number; length: number; headerLength: number }>

export function readHeader(bytes: Uint8Array): Header {
  const [tag, first] = bytes
  if (tag === undefined || first === undefined) throw new DerError('asn1: syntax error: data truncated')
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (lengthBytes > 4 || first === 0x80) throw new DerError('asn1: structure error: length too large')
  let length = first < 0x80 ? first : 0
  for (const byte of bytes.subarray(2, 2 + lengthBytes)) length = length * 256 + byte
  return { tag, length, headerLength: 2 + lengthBytes }
}

/** The first value; more may follow. */
export function readValue(bytes: Uint8Array): DerValue {
  const { tag, length, headerLength: start } = readHeader(bytes)
  if (bytes.length < start + length) throw new DerError('asn1: syntax error: data truncated')
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(0, start + length) }
}

export function expectTag(value: DerValue | undefined, tag: number): DerValue {
  if (value === undefined) throw new DerError('asn1: syntax error: sequence truncated')
  if (value.tag !== tag) throw new DerError('asn1: structure error: tags do not match')
  return value
}

export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = joined(parts)
  return joined([Uint8Array.of(tag, ...lengthOf(content.length)), content])
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return [0x80 | bytes.length, ...bytes]
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** A number that is not negative, its bytes the most significant first. */
export function derInteger(magnitude: Uint8Array): Uint8Array {
  const first = magnitude.findIndex((byte) => byte !== 0)
  const bytes = first < 0 ? Uint8Array.of(0) : magnitude.subarray(first)
  return der(derTag.integer, (bytes[0] ?? 0) >= 0x80 ? joined([Uint8Array.of(0), bytes]) : bytes)
}

/** '2.5.4.3'. */
export function derObjectId(id: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = id.split('.').map(Number)
  return der(derTag.objectId, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)))
}

function base128(arc: number): readonly number[] {
  const bytes = [arc & 0x7f]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest & 0x7f) | 0x80)
  return bytes
}

export function objectIdText({ content }: DerValue): string {
  const arcs: number[] = []
  let arc = 0
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      arcs.push(arc)
      arc = 0
    }
  }
  const [joint = 0, ...rest] = arcs
  const first = Math.min(2, Math.floor(joint / 40))
  return [first, joint - first * 40, ...rest].join('.')
}

export function derText(text: string): Uint8Array {
  return der(derTag.utf8String, new TextEncoder().encode(text))
}

export function derBitString(bytes: Uint8Array, unusedBits = 0): Uint8Array {
  return der(derTag.bitString, Uint8Array.of(unusedBits), bytes)
}

/** Seconds; years before 2050 have two digits (RFC 5280). */
export function derTime(ms: number): Uint8Array {
  const text = `${new Date(ms).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  const isShort = text < '2050'
  return der(
    isShort ? derTag.utcTime : derTag.generalizedTime,
    new TextEncoder().encode(isShort ? text.slice(2) : text),
  )
}

export function timeMs({ tag, content }: DerValue): number {
  const text = new TextDecoder().decode(content)
  const century = Number(text.slice(0, 2)) < 50 ? '20' : '19'
  const [year = '', month, day, hour, minute, second] =
    (tag === derTag.utcTime ? century + text : text).match(/^\d{4}|\d{2}/g) ?? []
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}
