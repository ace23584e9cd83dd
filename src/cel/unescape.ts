import { fail, ok, type Result } from '../api/result.ts'

const cannot = 'unable to unescape string'
const single: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '?': '?',
}

/** The text of a string literal with its quotes, as written: 'a\n', r"\d", '''…'''. */
export function unescapeString(literal: string): Result<string, string> {
  const { body, raw } = unquote(literal)
  if (raw || !body.includes('\\')) return ok(body)
  let out = ''
  for (let rest = body; rest !== ''; ) {
    const step = escapeAt(rest)
    if (!step.ok) return step
    const { code, text, length } = step.value
    if (code !== undefined && !isScalarValue(code)) return fail('invalid unicode code point')
    out += code === undefined ? text : String.fromCodePoint(code)
    rest = rest.slice(length)
  }
  return ok(out)
}

/** The bytes of a literal like b'\xff': \x and octal escapes are bytes, other characters are UTF-8. */
export function unescapeBytes(literal: string): Result<Uint8Array, string> {
  const { body, raw } = unquote(literal.slice(1))
  if (raw) return ok(new TextEncoder().encode(body))
  const out: number[] = []
  for (let rest = body; rest !== ''; ) {
    const step = escapeAt(rest)
    if (!step.ok) return step
    const { code, text, length } = step.value
    if (/^\\[uU]/.test(rest)) return fail(cannot)
    if (code === undefined) out.push(...new TextEncoder().encode(text))
    else out.push(code)
    rest = rest.slice(length)
  }
  return ok(Uint8Array.from(out))
}

function unquote(literal: string): Readonly<{ body: string; raw: boolean }> {
  const text = literal.replace(/\r\n?/g, '\n')
  const raw = /^[rR]/.test(text)
  const quoted = raw ? text.slice(1) : text
  const width = /^('''|""")/.test(quoted) && quoted.length >= 6 ? 3 : 1
  return { body: quoted.slice(width, -width), raw }
}

type Step = Readonly<{ code?: number; text: string; length: number }>

/** The first character of the text, or the escape that stands there. */
function escapeAt(text: string): Result<Step, string> {
  if (!text.startsWith('\\')) {
    const point = String.fromCodePoint(text.codePointAt(0) ?? 0)
    return ok({ text: point, length: point.length })
  }
  const letter = text[1]
  if (letter === undefined) return fail("unable to unescape string, found '\\' as last character")
  const plain = single[letter]
  if (plain !== undefined) return ok({ text: plain, length: 2 })
  if (/[0-3]/.test(letter)) {
    const octal = /^\\([0-3][0-7]{2})/.exec(text)
    if (octal === null) return fail('unable to unescape octal sequence in string')
    return ok({ code: Number.parseInt(octal[1] ?? '', 8), text: '', length: 4 })
  }
  const width = { x: 2, X: 2, u: 4, U: 8 }[letter]
  const hex = width === undefined ? '' : text.slice(2, 2 + width)
  if (width === undefined || hex.length < width || !/^[0-9a-fA-F]+$/.test(hex)) return fail(cannot)
  return ok({ code: Number.parseInt(hex, 16), text: '', length: 2 + width })
}

function isScalarValue(code: number): boolean {
  return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
}
