import { fail, ok, type Result } from '../result.ts'
import { type CharTest, classEscape, foldTest, parseBracket, simpleEscape, unicodeClass } from './regexp-class.ts'
import { type Flags, type Reader, RegexpError, refuse } from './regexp-reader.ts'

/** Regular expressions as Go's regexp reads them (RE2): no back references, no look around, no backtracking. */
export type RegexpNode =
  | Readonly<{ kind: 'empty' }>
  | Readonly<{ kind: 'char'; test: CharTest }>
  | Readonly<{ kind: 'assert'; assertion: Assertion }>
  | Readonly<{ kind: 'sequence'; parts: readonly RegexpNode[] }>
  | Readonly<{ kind: 'choice'; options: readonly RegexpNode[] }>
  | Readonly<{ kind: 'repeat'; of: RegexpNode; min: number; max: number | undefined; greedy: boolean }>

export type Assertion = 'textStart' | 'textEnd' | 'lineStart' | 'lineEnd' | 'wordBoundary' | 'notWordBoundary'

const maxRepeat = 1000
const maxDepth = 1000

export function parseRegexp(pattern: string): Result<RegexpNode, string> {
  const flags = { fold: false, multiLine: false, dotAll: false, ungreedy: false }
  const reader: Reader = { text: pattern, whole: pattern, flags, depth: 0 }
  try {
    const node = choice(reader)
    if (reader.text !== '') refuse('unexpected )', pattern)
    return ok(node)
  } catch (error) {
    if (error instanceof RegexpError) return fail(error.message)
    throw error
  }
}

function choice(reader: Reader): RegexpNode {
  reader.depth += 1
  if (reader.depth > maxDepth) refuse('expression nests too deeply', reader.whole)
  const options = [sequence(reader)]
  while (reader.text.startsWith('|')) {
    reader.text = reader.text.slice(1)
    options.push(sequence(reader))
  }
  reader.depth -= 1
  return options.length === 1 && options[0] !== undefined ? options[0] : { kind: 'choice', options }
}

function sequence(reader: Reader): RegexpNode {
  const parts: RegexpNode[] = []
  while (reader.text !== '' && !/^[|)]/.test(reader.text)) {
    const operator = repetition(reader)
    if (operator !== undefined) refuse('missing argument to repetition operator', operator.text)
    const part = atom(reader)
    if (part !== undefined) parts.push(repeated(reader, part))
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'sequence', parts }
}

type Repetition = Readonly<{ text: string; min: number; max: number | undefined; greedy: boolean }>

/** Takes a repetition operator if one stands here. */
function repetition(reader: Reader): Repetition | undefined {
  const found = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})(\??)/.exec(reader.text)
  if (found === null) return undefined
  const [text, sign, low, comma, high, lazy] = found
  reader.text = reader.text.slice(text.length)
  const greedy = (lazy === '') !== reader.flags.ungreedy
  if (sign !== undefined) return { text, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : undefined, greedy }
  const min = Number(low)
  const max = comma === undefined ? min : high === '' ? undefined : Number(high)
  if (min > maxRepeat || (max ?? 0) > maxRepeat || (max !== undefined && max < min)) {
    refuse('invalid repeat count', lazy === '' ? text : text.slice(0, -1))
  }
  return { text, min, max, greedy }
}

function repeated(reader: Reader, part: RegexpNode): RegexpNode {
  const first = repetition(reader)
  if (first === undefined) return part
  const second = repetition(reader)
  if (second !== undefined) refuse('invalid nested repetition operator', first.text + second.text)
  const { min, max, greedy } = first
  return { kind: 'repeat', of: part, min, max, greedy }
}

function atom(reader: Reader): RegexpNode | undefined {
  const point = String.fromCodePoint(reader.text.codePointAt(0) ?? 0)
  switch (point) {
    case '(':
      return group(reader)
    case '[':
      return { kind: 'char', test: parseBracket(reader) }
    case '\\':
      return escaped(reader)
  }
  reader.text = reader.text.slice(point.length)
  switch (point) {
    case '.':
      return { kind: 'char', test: reader.flags.dotAll ? () => true : (char) => char !== '\n' }
    case '^':
      return { kind: 'assert', assertion: reader.flags.multiLine ? 'lineStart' : 'textStart' }
    case '$':
      return { kind: 'assert', assertion: reader.flags.multiLine ? 'lineEnd' : 'textEnd' }
    default:
      return literal(reader, point)
  }
}

function literal(reader: Reader, point: string): RegexpNode {
  return { kind: 'char', test: foldTest((char) => char === point, reader.flags.fold) }
}

/** Flags set within a group end with it; '(?i)' alone sets them for what follows. */
function group(reader: Reader): RegexpNode | undefined {
  const before = reader.flags
  const start = reader.text
  const opening = /^\((?:\?(?:P?<([^>]*)>|([a-zA-Z-]*)(:|\))))?/.exec(start)
  const [text = '(', name, letters, end] = opening ?? []
  if (start.startsWith('(?')) {
    if (name === undefined && end === undefined) return unsupportedGroup(start)
    if (name !== undefined && !/^\w+$/.test(name)) refuse('invalid named capture', text)
    if (letters !== undefined) reader.flags = flagged(before, letters, text)
  }
  reader.text = start.slice(text.length)
  if (end === ')') return undefined
  const inner = choice(reader)
  if (!reader.text.startsWith(')')) refuse('missing closing )', reader.whole)
  reader.text = reader.text.slice(1)
  reader.flags = before
  return inner
}

function unsupportedGroup(start: string): never {
  if (/^\(\?P?</.test(start) && !/^\(\?<[=!]/.test(start)) refuse('invalid named capture', start)
  const shown = /^\(\?[a-zA-Z-]*[\s\S]?/.exec(start)?.[0] ?? start
  if (/^\(\?[imsU-]*$/.test(start)) refuse('missing closing )', start)
  return refuse('invalid or unsupported Perl syntax', shown)
}

function flagged(flags: Flags, letters: string, text: string): Flags {
  if (letters !== '' && !/^[imsU]*(?:-[imsU]+)?$/.test(letters)) {
    const upTo = /^[imsU-]*./.exec(letters)?.[0] ?? ''
    refuse('invalid or unsupported Perl syntax', `(?${upTo}`)
  }
  if (letters === '' && text === '(?)') refuse('missing argument to repetition operator', '?')
  const [on = '', off = ''] = letters.split('-')
  const set = (letter: string, now: boolean): boolean => (off.includes(letter) ? false : on.includes(letter) || now)
  return {
    fold: set('i', flags.fold),
    multiLine: set('m', flags.multiLine),
    dotAll: set('s', flags.dotAll),
    ungreedy: set('U', flags.ungreedy),
  }
}

const assertions: Readonly<Record<string, Assertion>> = {
  A: 'textStart',
  z: 'textEnd',
  b: 'wordBoundary',
  B: 'notWordBoundary',
}

function escaped(reader: Reader): RegexpNode {
  const letter = reader.text[1] ?? ''
  if (letter === '') refuse('trailing backslash at end of expression', '')
  const assertion = assertions[letter]
  if (assertion !== undefined) {
    reader.text = reader.text.slice(2)
    return { kind: 'assert', assertion }
  }
  if (letter === 'Q') return quoted(reader)
  if (letter === 'C') refuse('invalid escape sequence', '\\C')
  const test = classEscape(reader) ?? unicodeClass(reader)
  if (test !== undefined) return { kind: 'char', test: foldTest(test, reader.flags.fold) }
  return literal(reader, simpleEscape(reader))
}

/** \Q…\E takes everything between literally. */
function quoted(reader: Reader): RegexpNode {
  const end = reader.text.indexOf('\\E')
  const text = reader.text.slice(2, end < 0 ? undefined : end)
  reader.text = end < 0 ? '' : reader.text.slice(end + 2)
  return { kind: 'sequence', parts: [...text].map((point) => literal(reader, point)) }
}
