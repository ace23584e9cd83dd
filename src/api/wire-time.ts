/** Times as Kubernetes sends them: RFC 3339 in UTC, whole seconds for Time, microseconds for MicroTime. */
import { fail, ok, type Result } from './result.ts'

type TimeForm = Readonly<{
  /** The format as Go spells it, in error messages. */
  layout: string
  /** The layout's elements with what each must look like. */
  elements: readonly (readonly [name: string, shape: RegExp])[]
  fractionDigits: number
}>

const date: TimeForm['elements'] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d{2}/],
  ['-', /^-/],
  ['02', /^\d{2}/],
  ['T', /^T/],
  ['15', /^\d{2}/],
  [':', /^:/],
  ['04', /^\d{2}/],
  [':', /^:/],
]
const zone = ['Z07:00', /^(?:Z|[+-]\d{2}:\d{2})/] as const

const seconds: TimeForm = {
  layout: '2006-01-02T15:04:05Z07:00',
  // A fraction is taken though the layout has none.
  elements: [...date, ['05', /^\d{2}(?:[.,]\d+)?/], zone],
  fractionDigits: 0,
}
const micros: TimeForm = {
  layout: '2006-01-02T15:04:05.000000Z07:00',
  elements: [...date, ['05', /^\d{2}/], ['.000000', /^[.,]\d{6}/], zone],
  fractionDigits: 6,
}

/** '2026-01-02T03:04:05.6+02:00' → '2026-01-02T01:04:05Z'; null for the zero time. The error is worded as Go's time.Parse words it. */
export function parseTime(text: string): Result<string | null, string> {
  return parse(text, seconds)
}

/** As parseTime, with six digits of fraction, which must all be given. */
export function parseMicroTime(text: string): Result<string | null, string> {
  return parse(text, micros)
}

/** What nearly every time on the wire looks like already. */
const canonical = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/

function parse(text: string, form: TimeForm): Result<string | null, string> {
  if (form.fractionDigits === 0 && canonical.test(text)) return ok(text === zero ? null : text)
  const problem = `parsing time ${JSON.stringify(text)}`
  let rest = text
  const found: string[] = []
  for (const [name, shape] of form.elements) {
    const match = shape.exec(rest)?.[0]
    if (match === undefined) {
      return fail(
        `${problem} as ${JSON.stringify(form.layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(name)}`,
      )
    }
    found.push(match)
    rest = rest.slice(match.length)
  }
  if (rest !== '') return fail(`${problem}: extra text: ${JSON.stringify(rest)}`)
  return assemble(found.join(''), problem, form.fractionDigits)
}

const parts = /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(?:[.,](\d+))?(Z|([+-])(\d+):(\d+))$/
const zero = '0001-01-01T00:00:00Z'

function assemble(text: string, problem: string, fractionDigits: number): Result<string | null, string> {
  const match = parts.exec(text) ?? []
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number)
  const outOfRange = rangeError([year, month, day, hour, minute, second])
  if (outOfRange !== undefined) return fail(`${problem}: ${outOfRange} out of range`)
  if (Number(match[10]) > 24) return fail(`${problem}: time zone offset hour out of range`)
  if (Number(match[11]) > 60) return fail(`${problem}: time zone offset minute out of range`)
  const offsetMinutes =
    match[8] === 'Z' ? 0 : (Number(match[10]) * 60 + Number(match[11])) * (match[9] === '-' ? -1 : 1)
  const moment = new Date(0)
  moment.setUTCFullYear(year, month - 1, day)
  moment.setUTCHours(hour, minute - offsetMinutes, second)
  const whole = moment.toISOString().slice(0, 19)
  if (`${whole}Z` === zero && Number(match[7] ?? 0) === 0) return ok(null)
  return ok(fractionDigits === 0 ? `${whole}Z` : `${whole}.${(match[7] ?? '').padEnd(fractionDigits, '0')}Z`)
}

function rangeError([year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0]: readonly number[]):
  | string
  | undefined {
  if (month < 1 || month > 12) return 'month'
  const days = new Date(Date.UTC(year < 100 ? year + 400 : year, month, 0)).getUTCDate()
  if (day < 1 || day > days) return 'day'
  if (hour > 23) return 'hour'
  if (minute > 59) return 'minute'
  return second > 59 ? 'second' : undefined
}

/** The second last written, and its text: a busy server writes the same one thousands of times. */
let lastSecond = { second: Number.NaN, text: '' }

/** RFC 3339 in whole seconds, as metav1.Time travels: '2026-01-01T00:00:00Z'. */
export function timestampOf(ms: number): string {
  const second = Math.floor(ms / 1000)
  if (second !== lastSecond.second) {
    lastSecond = { second, text: `${new Date(second * 1000).toISOString().slice(0, 19)}Z` }
  }
  return lastSecond.text
}
