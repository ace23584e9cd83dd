import { formatString } from './format-string.ts'
import { type Implementations, noSuchOverload, type SharedImplementation, text } from './implementation.ts'
import { CelError, CelList, listFrom, type Outcome, type Value } from './value.ts'

/** cel-go's strings library, version 2, and the language's own functions on strings. Positions count code points. */

function position(value: Value | undefined): number {
  return Number(value ?? 0)
}

function outOfRange(at: number): CelError {
  return new CelError(`index out of range: ${at}`)
}

export const stringFunctions: Implementations = {
  string_char_at_int: (s, at) => charAt([...text(s)], position(at)),
  string_index_of_string: (s, sub) => indexOf([...text(s)], [...text(sub)], 0),
  string_index_of_string_int: (s, sub, from) => indexOf([...text(s)], [...text(sub)], position(from)),
  string_last_index_of_string: (s, sub) => lastIndexOf(text(s), text(sub)),
  string_last_index_of_string_int: (s, sub, from) => lastIndexFrom([...text(s)], [...text(sub)], position(from)),
  string_lower_ascii: (s) => text(s).replace(/[A-Z]+/g, (found) => found.toLowerCase()),
  string_upper_ascii: (s) => text(s).replace(/[a-z]+/g, (found) => found.toUpperCase()),
  string_replace_string_string: (s, from, to) => replace(text(s), text(from), text(to), -1),
  string_replace_string_string_int: (s, from, to, count) => replace(text(s), text(from), text(to), position(count)),
  string_split_string: (s, separator) => listFrom(split(text(s), text(separator), -1)),
  string_split_string_int: (s, separator, count) => listFrom(split(text(s), text(separator), position(count))),
  string_substring_int: (s, start) => substring([...text(s)], position(start)),
  string_substring_int_int: (s, start, end) => substring([...text(s)], position(start), position(end)),
  string_trim: (s) => text(s).replace(/^(?:(?!\ufeff)[\s\u0085])+|(?:(?!\ufeff)[\s\u0085])+$/g, ''),
  string_format: (format, args) => formatString(text(format), args instanceof CelList ? args : listFrom([])),
  strings_quote: (s) => quote(text(s)),
  list_join: (list) => join(list, ''),
  list_join_string: (list, separator) => join(list, text(separator)),
}

function twoStrings(test: (a: string, b: string) => boolean): SharedImplementation {
  return { run: (a, b) => (typeof a === 'string' && typeof b === 'string' ? test(a, b) : noSuchOverload) }
}

export const sharedStringFunctions: Readonly<Record<string, SharedImplementation>> = {
  contains: twoStrings((s, part) => s.includes(part)),
  startsWith: twoStrings((s, start) => s.startsWith(start)),
  endsWith: twoStrings((s, end) => s.endsWith(end)),
}

function charAt(points: readonly string[], at: number): Outcome {
  if (at < 0 || at > points.length) return outOfRange(at)
  return points[at] ?? ''
}

function indexOf(points: readonly string[], part: readonly string[], from: number): Outcome {
  if (part.length === 0) return from
  if (from < 0) return outOfRange(from)
  for (let at = from; at <= points.length - part.length; at++) if (standsAt(points, part, at)) return at
  return -1
}

function standsAt(points: readonly string[], part: readonly string[], at: number): boolean {
  return part.every((point, offset) => points[at + offset] === point)
}

function lastIndexOf(s: string, part: string): Outcome {
  const points = [...s]
  if (part === '') return points.length
  return s.length < part.length ? -1 : lastIndexFrom(points, [...part], points.length - 1)
}

function lastIndexFrom(points: readonly string[], part: readonly string[], from: number): Outcome {
  if (part.length === 0) return from
  if (from < 0) return outOfRange(from)
  if (from >= points.length) return -1
  for (let at = Math.min(from, points.length - part.length); at >= 0; at--) if (standsAt(points, part, at)) return at
  return -1
}

/** A negative count replaces all; an empty old text stands before every code point and at the end. */
function replace(s: string, from: string, to: string, count: number): string {
  if (count === 0) return s
  const limit = count < 0 ? Number.POSITIVE_INFINITY : count
  const parts = from === '' ? ['', ...s] : s.split(from)
  const joints = from === '' ? [...s].length + 1 : parts.length - 1
  const replaced = Math.min(limit, joints)
  if (from === '') return replaceBetween([...s], to, replaced)
  return parts.reduce((done, part, at) => (at === 0 ? part : done + (at <= replaced ? to : from) + part), '')
}

function replaceBetween(points: readonly string[], to: string, count: number): string {
  const head = points.map((point, at) => (at < count ? to + point : point)).join('')
  return count > points.length ? head + to : head
}

function split(s: string, separator: string, count: number): string[] {
  if (count === 0) return []
  const parts = separator === '' ? [...s] : s.split(separator)
  if (count < 0 || parts.length <= count) return parts
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)]
}

function substring(points: readonly string[], start: number, end?: number): Outcome {
  if (end !== undefined && start > end) {
    return new CelError(`invalid substring range. start: ${start}, end: ${end}`)
  }
  if (start < 0 || start > points.length) return outOfRange(start)
  if (end !== undefined && (end < 0 || end > points.length)) return outOfRange(end)
  return points.slice(start, end).join('')
}

function join(list: Value | undefined, separator: string): Outcome {
  if (!(list instanceof CelList)) return noSuchOverload
  const parts: string[] = []
  for (let index = 0; index < list.size; index++) {
    const item = list.at(index)
    if (typeof item !== 'string') return new CelError(`join: invalid input: ${String(item)}`)
    parts.push(item)
  }
  return parts.join(separator)
}

const escapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
}

function quote(s: string): string {
  const points = [...s.replace(/\p{Surrogate}/gu, '\ufffd')]
  return `"${points.map((point) => escapes[point] ?? point).join('')}"`
}
