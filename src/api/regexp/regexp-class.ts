import { type Reader, refuse } from './regexp-reader.ts'

/** Whether one character, a code point, is of a class. */
export type CharTest = (char: string) => boolean

/** The test for letters of either case. */
export function foldTest(test: CharTest, fold: boolean): CharTest {
  return fold ? (char) => test(char) || test(char.toLowerCase()) || test(char.toUpperCase()) : test
}

const perl: Readonly<Record<string, RegExp>> = {
  d: /^[0-9]$/,
  s: /^[\t\n\f\r ]$/,
  w: /^[0-9A-Za-z_]$/,
}

const posix: Readonly<Record<string, RegExp>> = {
  alnum: /^[0-9A-Za-z]$/,
  alpha: /^[A-Za-z]$/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the class is of them
  ascii: /^[\x00-\x7f]$/,
  blank: /^[\t ]$/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the class is of them
  cntrl: /^[\x00-\x1f\x7f]$/,
  digit: /^[0-9]$/,
  graph: /^[!-~]$/,
  lower: /^[a-z]$/,
  print: /^[ -~]$/,
  punct: /^[!-/:-@[-`{-~]$/,
  space: /^[\t\n\v\f\r ]$/,
  upper: /^[A-Z]$/,
  word: /^[0-9A-Za-z_]$/,
  xdigit: /^[0-9A-Fa-f]$/,
}

/** \d \s \w and their opposites; takes nothing where none stands. */
export function classEscape(reader: Reader): CharTest | undefined {
  const found = /^\\([dswDSW])/.exec(reader.text)?.[1]
  const shape = found === undefined ? undefined : perl[found.toLowerCase()]
  if (found === undefined || shape === undefined) return undefined
  reader.text = reader.text.slice(2)
  return found === found.toLowerCase() ? (char) => shape.test(char) : (char) => !shape.test(char)
}

/** \pL, \p{Greek}, \P… */
export function unicodeClass(reader: Reader): CharTest | undefined {
  const found = /^\\([pP])(?:\{(\^?)([^}]*)\}|(.))/u.exec(reader.text)
  if (found === null)
    return /^\\[pP]/.test(reader.text) ? refuse('invalid character class range', reader.text) : undefined
  const [text, letter, caret, long, short = ''] = found
  reader.text = reader.text.slice(text.length)
  const negated = (letter === 'P') !== (caret === '^')
  const shape = propertyShape(long ?? short) ?? refuse('invalid character class range', text)
  return (char) => shape.test(char) !== negated
}

function propertyShape(name: string): RegExp | undefined {
  if (name === 'Any') return /^[\s\S]$/u
  for (const property of [name, `Script=${name}`]) {
    try {
      return new RegExp(`^\\p{${property}}$`, 'u')
    } catch {
      // Not a property of this kind.
    }
  }
  return undefined
}

const controls: Readonly<Record<string, string>> = { a: '\x07', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** An escape for one character, which it returns. */
export function simpleEscape(reader: Reader): string {
  const found = /^\\(?:x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,8})\}|([0-7]{1,3})|([afnrtv])|([^A-Za-z0-9]))/u.exec(
    reader.text,
  )
  if (found === null || (found[3] !== undefined && /^[1-9]/.test(found[3]) && found[3].length === 1)) {
    return refuse('invalid escape sequence', /^\\(?:x\{?[0-9A-Fa-f]*|)./su.exec(reader.text)?.[0] ?? reader.text)
  }
  const [text, byte, braced, octal, control, other] = found
  reader.text = reader.text.slice(text.length)
  const hex = byte ?? braced
  if (hex !== undefined) {
    const code = Number.parseInt(hex, 16)
    return code > 0x10ffff ? refuse('invalid escape sequence', text) : String.fromCodePoint(code)
  }
  if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
  return control === undefined ? (other ?? '') : (controls[control] ?? '')
}

/** '[a-z\d[:alpha:]]' */
export function parseBracket(reader: Reader): CharTest {
  const whole = reader.text
  const { fold } = reader.flags
  const opening = /^\[\^?/.exec(whole)?.[0] ?? '['
  reader.text = whole.slice(opening.length)
  const tests: CharTest[] = []
  for (let first = true; first || !reader.text.startsWith(']'); first = false) {
    if (reader.text === '') refuse('missing closing ]', whole)
    tests.push(foldTest(bracketItem(reader, whole), fold))
  }
  reader.text = reader.text.slice(1)
  const within: CharTest = (char) => tests.some((test) => test(char))
  return opening === '[' ? within : (char) => !within(char)
}

function bracketItem(reader: Reader, whole: string): CharTest {
  const named = /^\[:(\^?)([^\]]*?):\]/.exec(reader.text)
  if (named !== null) {
    const shape = posix[named[2] ?? ''] ?? refuse('invalid character class range', named[0])
    reader.text = reader.text.slice(named[0].length)
    return (char) => shape.test(char) !== (named[1] === '^')
  }
  const known = classEscape(reader) ?? unicodeClass(reader)
  return known ?? range(reader, whole)
}

function range(reader: Reader, whole: string): CharTest {
  const start = reader.text
  const low = bracketChar(reader, whole)
  if (!/^-[^\]]/.test(reader.text)) return (char) => char === low
  reader.text = reader.text.slice(1)
  const high = bracketChar(reader, whole)
  const [from, to] = [low.codePointAt(0) ?? 0, high.codePointAt(0) ?? 0]
  if (to < from) refuse('invalid character class range', start.slice(0, start.length - reader.text.length))
  return (char) => {
    const code = char.codePointAt(0) ?? 0
    return code >= from && code <= to
  }
}

function bracketChar(reader: Reader, whole: string): string {
  if (reader.text === '') refuse('missing closing ]', whole)
  if (reader.text.startsWith('\\')) {
    return reader.text === '\\' ? refuse('trailing backslash at end of expression', '') : simpleEscape(reader)
  }
  const char = String.fromCodePoint(reader.text.codePointAt(0) ?? 0)
  reader.text = reader.text.slice(char.length)
  return char
}
