import { fail, ok, type Result } from '../api/result.ts'
import { toText } from './conversions.ts'
import { compareText } from './equality.ts'
import { isInt } from './int.ts'
import { runtimeType } from './runtime-type.ts'
import {
  CelDouble,
  CelDuration,
  CelError,
  CelList,
  CelMap,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  itemsOf,
  type Outcome,
  type Value,
} from './value.ts'

/** 'text %s %.2f'.format([…]), as cel-go's strings library formats up to version 3: numbers in the manner of en_US. */

/** One clause of a format: its letter and precision. */
export type Clause = Readonly<{ verb: string; precision: number }>
export type FormatPart = string | Clause

const defaultPrecision = 6
const verbs = 'sdfebxXo'

/** Splits a format into texts and clauses; `argument` is asked before each clause whether there is one more. */
export function parseFormat(
  format: string,
  argument: (index: number) => string | undefined,
): Result<readonly FormatPart[], string> {
  const parts: FormatPart[] = []
  let rest = format
  let count = 0
  while (rest !== '') {
    const percent = rest.indexOf('%')
    if (percent !== 0) {
      const end = percent < 0 ? rest.length : percent
      parts.push(rest.slice(0, end))
      rest = rest.slice(end)
      continue
    }
    if (rest[1] === '%') {
      parts.push('%')
      rest = rest.slice(2)
      continue
    }
    const missing = argument(count++)
    if (missing !== undefined) return fail(missing)
    if (rest.length < 2) return fail('unexpected end of string')
    const clause = parseClause(rest.slice(1))
    if (!clause.ok) return fail(`could not parse formatting clause: ${clause.error}`)
    parts.push(clause.value.clause)
    rest = rest.slice(1 + clause.value.length)
  }
  return ok(parts)
}

function parseClause(text: string): Result<Readonly<{ clause: Clause; length: number }>, string> {
  const precision = /^\.(\d*)/.exec(text)
  const read = precision?.[0].length ?? 0
  if (precision !== null && read === text.length) {
    return fail('error while parsing precision: could not find end of precision specifier')
  }
  if (precision?.[1] === '') {
    const problem = 'strconv.Atoi: parsing "": invalid syntax'
    return fail(`error while parsing precision: error while converting precision to integer: ${problem}`)
  }
  const verb = text[read] ?? ''
  if (!verbs.includes(verb)) return fail(`unrecognized formatting clause "${verb}"`)
  const clause = { verb, precision: precision === null ? defaultPrecision : Number(precision[1]) }
  return ok({ clause, length: read + 1 })
}

export function formatString(format: string, args: CelList): Outcome {
  const parts = parseFormat(format, (index) => (index < args.size ? undefined : `index ${index} out of range`))
  if (!parts.ok) return new CelError(parts.error)
  let built = ''
  let index = 0
  for (const part of parts.value) {
    if (typeof part === 'string') {
      built += part
      continue
    }
    const shown = formatClause(part, args.at(index++))
    if (!shown.ok) return new CelError(`error during formatting: ${shown.error}`)
    built += shown.value
  }
  return built
}

/** What a clause says of a type that it cannot show. */
export function clauseComplaint(verb: string, type: string): string {
  switch (verb) {
    case 's':
      return `string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given ${type}`
    case 'd':
      return `decimal clause can only be used on integers, was given ${type}`
    case 'f':
      return `fixed-point clause can only be used on doubles, was given ${type}`
    case 'e':
      return `scientific clause can only be used on doubles, was given ${type}`
    case 'b':
      return `only integers and bools can be formatted as binary, was given ${type}`
    case 'o':
      return `octal clause can only be used on integers, was given ${type}`
    default:
      return `only integers, byte buffers, and strings can be formatted as hex, was given ${type}`
  }
}

function formatClause({ verb, precision }: Clause, value: Value): Result<string, string> {
  const wrong = fail(clauseComplaint(verb, runtimeType(value).name))
  const integer = isInt(value) ? BigInt(value) : value instanceof CelUint ? value.value : undefined
  switch (verb) {
    case 's':
      return showText(value)
    case 'd':
      return integer === undefined ? wrong : ok(String(integer))
    case 'f':
    case 'e': {
      const double = doubleOf(value)
      if (double === undefined) return wrong
      return ok(verb === 'f' ? fixed(double, precision) : scientific(double, precision))
    }
    case 'b':
      if (typeof value === 'boolean') return ok(value ? '1' : '0')
      return integer === undefined ? wrong : ok(integer.toString(2))
    case 'o':
      return integer === undefined ? wrong : ok(integer.toString(8))
    default: {
      const shown = hex(value, integer)
      if (shown === undefined) return wrong
      return ok(verb === 'X' ? shown.toUpperCase() : shown)
    }
  }
}

function hex(value: Value, integer: bigint | undefined): string | undefined {
  if (integer !== undefined) return integer.toString(16)
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
  if (!(bytes instanceof Uint8Array)) return undefined
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function doubleOf(value: Value): number | undefined {
  if (value instanceof CelDouble) return value.value
  if (value === 'NaN') return Number.NaN
  if (value === 'Infinity') return Number.POSITIVE_INFINITY
  return value === '-Infinity' ? Number.NEGATIVE_INFINITY : undefined
}

function notFinite(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return undefined
  return value > 0 ? '∞' : '-∞'
}

function fixed(value: number, precision: number): string {
  const special = notFinite(value)
  if (special !== undefined) return special
  const [whole = '', fraction] = exactFixed(value, precision).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** Rounded by the exact binary value, ties to even; toFixed ends at 100 digits and 1e21, and rounds ties up. */
function exactFixed(value: number, precision: number): string {
  if (Math.abs(value) >= 1e21 || precision > 74) {
    return `${BigInt(Math.trunc(value))}${precision > 0 ? `.${'0'.repeat(precision)}` : ''}`
  }
  const exact = value.toFixed(precision + 26)
  const kept = precision === 0 ? exact.slice(0, -27) : exact.slice(0, -26)
  const isTie = exact.endsWith(`5${'0'.repeat(25)}`)
  return isTie && /[02468]$/.test(kept) ? kept : value.toFixed(precision)
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** Always six digits after the point; the precision is the width, as the original has it. */
function scientific(value: number, width: number): string {
  const special = notFinite(value)
  if (special !== undefined) return special.padStart(width)
  const [mantissa = '', power = '0'] = value.toExponential(defaultPrecision).split('e')
  const exponent = Number(power)
  const digits = String(Math.abs(exponent)).padStart(2, '0')
  const raised = [...digits].map((digit) => superscripts[Number(digit)]).join('')
  return `${mantissa}×10${exponent < 0 ? '⁻' : ''}${raised}`.padStart(width)
}

function showText(value: Value): Result<string, string> {
  if (value instanceof CelList) return showList(value)
  if (value instanceof CelMap) return showMap(value)
  const shown = toText(value)
  if (typeof shown === 'string') return ok(shown)
  return fail(clauseComplaint('s', runtimeType(value).name))
}

/** A value within a list or map: times and types say what they are, doubles have six digits. */
function showMember(value: Value): Result<string, string> {
  if (value instanceof CelTimestamp || value instanceof CelDuration) {
    const name = value instanceof CelTimestamp ? 'timestamp' : 'duration'
    return ok(`${name}(${JSON.stringify(toText(value))})`)
  }
  if (value instanceof CelDouble) {
    if (!Number.isFinite(value.value)) return ok(JSON.stringify(notFiniteName(value.value)))
    return ok(exactFixed(value.value, defaultPrecision))
  }
  const plain = value === null || typeof value !== 'object' || value instanceof CelUint || value instanceof CelTypeValue
  if (!plain && !(value instanceof Uint8Array) && !(value instanceof CelList) && !(value instanceof CelMap)) {
    return fail(`no formatting function for ${runtimeType(value).name}`)
  }
  const shown = showText(value)
  if (!shown.ok || (typeof value !== 'string' && !(value instanceof Uint8Array))) return shown
  return ok(`${typeof value === 'string' ? '' : 'b'}${JSON.stringify(shown.value)}`)
}

function notFiniteName(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}

function showList(list: CelList): Result<string, string> {
  const parts: string[] = []
  for (const item of itemsOf(list)) {
    const shown = showMember(item)
    if (!shown.ok) return shown
    parts.push(shown.value)
  }
  return ok(`[${parts.join(', ')}]`)
}

function showMap(map: CelMap): Result<string, string> {
  const entries: (readonly [string, string])[] = []
  for (const key of map.keys()) {
    if (key === null || (typeof key === 'object' && !(key instanceof CelUint))) {
      return fail(`no formatting function for map key of type ${runtimeType(key).name}`)
    }
    const [name, value] = [showMember(key), showMember(map.find(key) ?? null)]
    if (!name.ok) return name
    if (!value.ok) return value
    entries.push([name.value, value.value])
  }
  const sorted = entries.sort(([a], [b]) => compareText(a, b))
  return ok(`{${sorted.map(([key, value]) => `${key}:${value}`).join(', ')}}`)
}
