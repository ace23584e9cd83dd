/** Base64 as Go's standard encoding reads it: padded, line breaks ignored, unused bits not checked. */
import { fail, ok, type Result } from './result.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const canonical = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/

/** The same bytes in the one form in which they are sent. */
export function canonicalBase64(text: string): Result<string, string> {
  if (canonical.test(text)) return ok(text)
  const at = firstFault(text)
  if (at >= 0) return fail(`illegal base64 data at input byte ${at}`)
  const bare = text.replace(/[\r\n]/g, '')
  return ok(canonical.test(bare) ? bare : clearUnusedBits(bare))
}

const digits = Uint8Array.from(alphabet, (character) => character.charCodeAt(0))
const equals = '='.charCodeAt(0)
const ascii = new TextDecoder('latin1')

/** Standard base64 of bytes. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(4 * Math.ceil(bytes.length / 3)).fill(equals)
  for (let at = 0, to = 0; at < bytes.length; at += 3, to += 4) {
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    text[to] = digits[word >> 18] ?? 0
    text[to + 1] = digits[(word >> 12) & 63] ?? 0
    if (at + 1 < bytes.length) text[to + 2] = digits[(word >> 6) & 63] ?? 0
    if (at + 2 < bytes.length) text[to + 3] = digits[word & 63] ?? 0
  }
  return ascii.decode(text)
}

const notDigit = 0xff
const values = new Uint8Array(128).fill(notDigit)
for (const [value, digit] of digits.entries()) values[digit] = value

/** The bytes of standard base64; padding and line breaks are skipped. */
export function decodeBase64(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let length = 0
  let word = 0
  let bits = 0
  for (let at = 0; at < text.length; at += 1) {
    const value = values[text.charCodeAt(at)] ?? notDigit
    if (value === notDigit) continue
    word = ((word << 6) | value) & 0xffffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[length] = word >> bits
    length += 1
  }
  return bytes.subarray(0, length)
}

function clearUnusedBits(text: string): string {
  const unused = text.endsWith('==') ? 4 : 2
  const last = text.length - (unused === 4 ? 3 : 2)
  const digit = alphabet.indexOf(text.charAt(last))
  return `${text.slice(0, last)}${alphabet.charAt((digit >> unused) << unused)}${text.slice(last + 1)}`
}

/** Where Go's decoder gives up: a wrong character's place, or where the quantum that ends too early begins; -1 when all is well. */
function firstFault(text: string): number {
  let quantum = 0
  let inQuantum = 0
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '\r' || character === '\n') continue
    if (character === '=') return paddingFault(text, at, inQuantum)
    if (!alphabet.includes(character)) return at
    if (inQuantum === 0) quantum = at
    inQuantum = (inQuantum + 1) % 4
  }
  return inQuantum === 0 ? -1 : quantum
}

function paddingFault(text: string, at: number, inQuantum: number): number {
  if (inQuantum < 2) return at
  const rest = text.slice(at + 1)
  const expected = inQuantum === 2 ? /^[\r\n]*=/.exec(rest)?.[0].length : 0
  if (expected === undefined) return /^[\r\n]*$/.test(rest) ? text.length : at + rest.search(/[^\r\n]/)
  const trailing = rest.slice(expected).search(/[^\r\n]/)
  return trailing < 0 ? -1 : at + 1 + expected + trailing
}
