/**
 * JSON text read exactly: repeated keys and the spelling of numbers are kept, and errors are worded as Go's encoding/json words them.
 * JSON.parse is several times faster: `scanJson` tells whether its answer is exact.
 */

const members = Symbol('members')
const numberText = Symbol('number text')

/** An object as written, repeated keys included. */
export type JsonMembers = Readonly<{ [members]: readonly (readonly [key: string, value: unknown])[] }>
/** A number as written: '1.0', '9223372036854775807'. */
export type JsonNumber = Readonly<{ [numberText]: string }>

export function jsonMembers(entries: readonly (readonly [string, unknown])[]): JsonMembers {
  return { [members]: entries }
}

export function jsonNumber(text: string): JsonNumber {
  return { [numberText]: text }
}

export function membersOf(value: object): readonly (readonly [string, unknown])[] | undefined {
  return (value as Partial<JsonMembers>)[members]
}

export function numberTextOf(value: object): string | undefined {
  return (value as Partial<JsonNumber>)[numberText]
}

/** Nested deeper than this, no object is one of ours, and recursion over it might not end well. */
export const maxJsonDepth = 500

export type JsonScan = Readonly<{
  /** Keys of all objects, repeated ones counted each time. */
  keys: number
  depth: number
  /** JSON.parse keeps every value of the text: no fractions, exponents, huge integers or lone surrogates. */
  plain: boolean
}>

/** What JSON.parse makes of the text, where that is all that the text says; undefined where only the exact reader can tell, or say why not. */
export function exactJson(bytes: Uint8Array, text: string): Readonly<{ value: unknown }> | undefined {
  const scan = scanJson(bytes)
  if (!scan.plain || scan.depth > maxJsonDepth) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return countKeys(value) === scan.keys ? { value } : undefined
  } catch {
    return undefined
  }
}

/** Fewer than the text's colons means that a key is there twice. */
function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) for (const item of value) count += countKeys(item)
  else {
    for (const key in value) count += 1 + countKeys((value as Record<string, unknown>)[key])
  }
  return count
}

/** One pass over the bytes of a JSON text, valid or not. */
export function scanJson(bytes: Uint8Array): JsonScan {
  let keys = 0
  let depth = 0
  let deepest = 0
  let digits = 0
  let plain = true
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === 0x22) {
      for (at += 1; at < bytes.length && bytes[at] !== 0x22; at += 1) {
        if (bytes[at] !== 0x5c) continue
        at += 1
        if (bytes[at] === 0x75) plain &&= !isSurrogate(bytes, at + 1)
      }
    } else if (byte === 0x3a) keys += 1
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1
      if (depth > deepest) deepest = depth
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1
    if (byte !== undefined && byte >= 0x30 && byte <= 0x39) {
      digits += 1
      if (digits > 15) plain = false
      continue
    }
    if (byte === 0x2e || ((byte === 0x65 || byte === 0x45) && digits > 0)) plain = false
    digits = 0
  }
  return { keys, depth: deepest, plain }
}

/** '\ud…': half of a pair, which may be alone. */
function isSurrogate(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x64 || bytes[at] === 0x44
}

/** A syntax error: 'invalid character 'x' after object key'. */
export class JsonSyntaxError extends Error {}

type Cursor = { text: string; at: number; depth: number }

/** Parses a whole text. Objects come as JsonMembers, numbers as JsonNumber. Throws JsonSyntaxError. */
export function parseJsonText(text: string): unknown {
  const cursor: Cursor = { text, at: 0, depth: 0 }
  const value = readValue(cursor, 'looking for beginning of value')
  skipSpace(cursor)
  if (cursor.at < text.length) throw unexpected(cursor, 'after top-level value')
  return value
}

/** What JSON.parse would have given: the last of repeated keys, numbers as doubles. */
export function plainJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainJson)
  if (typeof value !== 'object' || value === null) return value
  const text = numberTextOf(value)
  if (text !== undefined) return Number(text)
  const entries = membersOf(value)
  return entries === undefined ? value : Object.fromEntries(entries.map(([key, item]) => [key, plainJson(item)]))
}

function quoteCharacter(character: string): string {
  if (character === "'") return `'\\''`
  if (character === '"') return `'"'`
  return `'${JSON.stringify(character).slice(1, -1)}'`
}

function unexpected(cursor: Cursor, context: string): JsonSyntaxError {
  const code = cursor.text.codePointAt(cursor.at)
  if (code === undefined) return new JsonSyntaxError('unexpected end of JSON input')
  return new JsonSyntaxError(`invalid character ${quoteCharacter(firstByte(code))} ${context}`)
}

/** Go's scanner reads bytes: of a character outside ASCII it names the first byte of the UTF-8 form. */
function firstByte(code: number): string {
  if (code < 0x80) return String.fromCodePoint(code)
  return String.fromCharCode(new TextEncoder().encode(String.fromCodePoint(code))[0] ?? 0)
}

function skipSpace(cursor: Cursor): void {
  while (' \t\r\n'.includes(cursor.text.charAt(cursor.at)) && cursor.at < cursor.text.length) cursor.at += 1
}

function readValue(cursor: Cursor, context: string): unknown {
  skipSpace(cursor)
  const first = cursor.text.charAt(cursor.at)
  if (first === '{') return nested(cursor, readObject)
  if (first === '[') return nested(cursor, readArray)
  if (first === '"') return readString(cursor)
  if (first === '-' || (first >= '0' && first <= '9')) return readNumber(cursor)
  if (first === 't') return readLiteral(cursor, 'true', true)
  if (first === 'f') return readLiteral(cursor, 'false', false)
  if (first === 'n') return readLiteral(cursor, 'null', null)
  throw unexpected(cursor, context)
}

function nested(cursor: Cursor, read: (cursor: Cursor) => unknown): unknown {
  cursor.depth += 1
  if (cursor.depth > maxJsonDepth) throw new JsonSyntaxError('exceeded max depth')
  cursor.at += 1
  const value = read(cursor)
  cursor.depth -= 1
  return value
}

/** Takes the character when it is next, and says so. */
function take(cursor: Cursor, character: string): boolean {
  skipSpace(cursor)
  if (cursor.text.charAt(cursor.at) !== character) return false
  cursor.at += 1
  return true
}

function readObject(cursor: Cursor): JsonMembers {
  const entries: (readonly [string, unknown])[] = []
  if (take(cursor, '}')) return jsonMembers(entries)
  for (;;) {
    skipSpace(cursor)
    if (cursor.text.charAt(cursor.at) !== '"') throw unexpected(cursor, 'looking for beginning of object key string')
    const key = readString(cursor)
    if (!take(cursor, ':')) throw unexpected(cursor, 'after object key')
    entries.push([key, readValue(cursor, 'looking for beginning of value')])
    if (take(cursor, '}')) return jsonMembers(entries)
    if (!take(cursor, ',')) throw unexpected(cursor, 'after object key:value pair')
  }
}

function readArray(cursor: Cursor): readonly unknown[] {
  const items: unknown[] = []
  if (take(cursor, ']')) return items
  for (;;) {
    items.push(readValue(cursor, 'looking for beginning of value'))
    if (take(cursor, ']')) return items
    if (!take(cursor, ',')) throw unexpected(cursor, 'after array element')
  }
}

function readLiteral(cursor: Cursor, word: string, value: unknown): unknown {
  for (const letter of word) {
    if (cursor.text.charAt(cursor.at) !== letter) {
      throw unexpected(cursor, `in literal ${word} (expecting '${letter}')`)
    }
    cursor.at += 1
  }
  return value
}

function readDigits(cursor: Cursor, context: string): void {
  const start = cursor.at
  while (/^[0-9]$/.test(cursor.text.charAt(cursor.at))) cursor.at += 1
  if (cursor.at === start) throw unexpected(cursor, context)
}

function readNumber(cursor: Cursor): JsonNumber {
  const start = cursor.at
  if (cursor.text.charAt(cursor.at) === '-') cursor.at += 1
  if (cursor.text.charAt(cursor.at) === '0') cursor.at += 1
  else readDigits(cursor, 'in numeric literal')
  if (cursor.text.charAt(cursor.at) === '.') {
    cursor.at += 1
    readDigits(cursor, 'after decimal point in numeric literal')
  }
  if (/^[eE]$/.test(cursor.text.charAt(cursor.at))) {
    cursor.at += 1
    if (/^[+-]$/.test(cursor.text.charAt(cursor.at))) cursor.at += 1
    readDigits(cursor, 'in exponent of numeric literal')
  }
  return jsonNumber(cursor.text.slice(start, cursor.at))
}

function readString(cursor: Cursor): string {
  const start = cursor.at
  cursor.at += 1
  for (;;) {
    const character = cursor.text.charAt(cursor.at)
    if (character === '"') break
    if (character < ' ') throw unexpected(cursor, 'in string literal')
    cursor.at += 1
    if (character === '\\') skipEscape(cursor)
  }
  cursor.at += 1
  return wellFormed(JSON.parse(cursor.text.slice(start, cursor.at)))
}

function skipEscape(cursor: Cursor): void {
  const escaped = cursor.text.charAt(cursor.at)
  if (!/^["\\/bfnrtu]$/.test(escaped)) throw unexpected(cursor, 'in string escape code')
  cursor.at += 1
  if (escaped !== 'u') return
  for (let digit = 0; digit < 4; digit += 1) {
    if (!/^[0-9a-fA-F]$/.test(cursor.text.charAt(cursor.at))) {
      throw unexpected(cursor, 'in \\u hexadecimal character escape')
    }
    cursor.at += 1
  }
}

/** Go replaces halves of surrogate pairs. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
}
