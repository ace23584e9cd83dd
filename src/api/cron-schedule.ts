import { parseGoDuration } from './go-duration.ts'
import { fail, ok, type Result } from './result.ts'

/** When something is due. Times are in milliseconds since 1970. */
export interface CronSchedule {
  /** The first time after `afterMs`; undefined where there is none within five years. */
  next(afterMs: number): number | undefined
}

/** Offset of a zone's clocks from UTC at a moment. */
export type ZoneOffset = (atMs: number) => number

type Bounds = Readonly<{ min: number; max: number; names: readonly string[] }>

/** Values that a field allows; `star` where it was left open. */
type Field = Readonly<{ values: ReadonlySet<number>; star: boolean }>

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const bounds = {
  minute: { min: 0, max: 59, names: [] },
  hour: { min: 0, max: 23, names: [] },
  day: { min: 1, max: 31, names: [] },
  month: { min: 1, max: 12, names: monthNames },
  weekday: { min: 0, max: 6, names: dayNames },
} as const satisfies Readonly<Record<string, Bounds>>

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** Five fields or a descriptor, as robfig/cron v3 reads and refuses them. `offset`: of the zone whose clocks are meant. */
export function parseCronSchedule(text: string, offset: ZoneOffset): Result<CronSchedule, string> {
  if (text === '') return fail('empty spec string')
  if (text.startsWith('@every ')) return parseEvery(text)
  if (text.startsWith('@')) {
    const expression = descriptors[text]
    return expression === undefined ? fail(`unrecognized descriptor: ${text}`) : parseCronSchedule(expression, offset)
  }
  const words = text.split(/\s+/).filter((word) => word !== '')
  const [minute, hour, day, month, weekday] = words
  if (words.length !== 5) return fail(`expected exactly 5 fields, found ${words.length}: [${words.join(' ')}]`)
  const fields = {
    minute: parseField(minute ?? '', bounds.minute),
    hour: parseField(hour ?? '', bounds.hour),
    day: parseField(day ?? '', bounds.day),
    month: parseField(month ?? '', bounds.month),
    weekday: parseField(weekday ?? '', bounds.weekday),
  }
  for (const field of Object.values(fields)) if (!field.ok) return field
  return ok(scheduleOf(valuesOf(fields), offset))
}

type Fields = Readonly<Record<keyof typeof bounds, Field>>

function valuesOf(fields: Readonly<Record<keyof typeof bounds, Result<Field, string>>>): Fields {
  const value = (field: Result<Field, string>): Field => (field.ok ? field.value : { values: new Set(), star: false })
  const { minute, hour, day, month, weekday } = fields
  return {
    minute: value(minute),
    hour: value(hour),
    day: value(day),
    month: value(month),
    weekday: value(weekday),
  }
}

const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** Rounds up to whole seconds, one at least. */
function parseEvery(text: string): Result<CronSchedule, string> {
  const duration = parseGoDuration(text.slice('@every '.length))
  if (!duration.ok) return fail(`failed to parse duration ${text}: ${duration.error}`)
  const stepMs = Math.max(secondMs, Math.floor(duration.value / secondMs) * secondMs)
  return ok({ next: (afterMs) => Math.floor(afterMs / secondMs) * secondMs + stepMs })
}

function parseField(text: string, of: Bounds): Result<Field, string> {
  const values = new Set<number>()
  let star = false
  for (const expression of text.split(',').filter((part) => part !== '')) {
    const range = parseRange(expression, of)
    if (!range.ok) return range
    for (let value = range.value.start; value <= range.value.end; value += range.value.step) values.add(value)
    star ||= range.value.star
  }
  return ok({ values, star })
}

type Range = Readonly<{ start: number; end: number; step: number; star: boolean }>

function parseRange(expression: string, of: Bounds): Result<Range, string> {
  const [range = '', stepText, ...slashes] = expression.split('/')
  const limits = parseLimits(range, expression, of)
  if (!limits.ok) return limits
  if (slashes.length > 0) return fail(`too many slashes: ${expression}`)
  const step = stepText === undefined ? ok(1) : parseNumber(stepText)
  if (!step.ok) return step
  const { start, star } = limits.value
  // "5/15" goes on to the end.
  const end = stepText !== undefined && !range.includes('-') ? of.max : limits.value.end
  if (start < of.min) return fail(`beginning of range (${start}) below minimum (${of.min}): ${expression}`)
  if (end > of.max) return fail(`end of range (${end}) above maximum (${of.max}): ${expression}`)
  if (start > end) return fail(`beginning of range (${start}) beyond end of range (${end}): ${expression}`)
  if (step.value === 0) return fail(`step of range should be a positive number: ${expression}`)
  return ok({ start, end, step: step.value, star: star && step.value === 1 })
}

function parseLimits(
  range: string,
  expression: string,
  of: Bounds,
): Result<Readonly<{ start: number; end: number; star: boolean }>, string> {
  const [low = '', high, ...hyphens] = range.split('-')
  if (low === '*' || low === '?') return ok({ start: of.min, end: of.max, star: true })
  const start = parseNumber(low, of)
  if (!start.ok) return start
  if (hyphens.length > 0) return fail(`too many hyphens: ${expression}`)
  const end = high === undefined ? start : parseNumber(high, of)
  return end.ok ? ok({ start: start.value, end: end.value, star: false }) : end
}

function parseNumber(
  text: string,
  { names, min }: Pick<Bounds, 'names' | 'min'> = bounds.minute,
): Result<number, string> {
  const named = names.indexOf(text.toLowerCase())
  if (named >= 0) return ok(named + min)
  if (!/^[+-]?[0-9]+$/.test(text)) {
    return fail(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  const value = Number(text)
  return value < 0 ? fail(`negative number (${value}) not allowed: ${text}`) : ok(value)
}

const mostYears = 5

/**
 * The search goes on in real time and looks at what the zone's clocks show: an hour that they leave out never comes, one that they show
 * twice comes twice.
 */
function scheduleOf(fields: Fields, offset: ZoneOffset): CronSchedule {
  return {
    next(afterMs) {
      let atMs: number = (Math.floor(afterMs / minuteMs) + 1) * minuteMs
      const lastYear = wallAt(atMs, offset).getUTCFullYear() + mostYears
      for (;;) {
        const wall = wallAt(atMs, offset)
        if (wall.getUTCFullYear() > lastYear) return undefined
        const later = laterStart(fields, wall)
        if (later === undefined) return atMs
        atMs = Math.max(atMs + minuteMs, later.real ? atMs + later.byMs : fromWall(wall.getTime() + later.byMs, offset))
      }
    },
  }
}

/** How far on the search may go at once; by the clocks, or in real time. undefined: all fields match. */
function laterStart(fields: Fields, wall: Date): Readonly<{ byMs: number; real: boolean }> | undefined {
  const wallMs = wall.getTime()
  if (!fields.month.values.has(wall.getUTCMonth() + 1)) {
    return { byMs: Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + 1, 1) - wallMs, real: false }
  }
  if (!dayMatches(fields, wall)) return { byMs: dayMs - (wallMs % dayMs), real: false }
  if (!fields.hour.values.has(wall.getUTCHours())) return { byMs: hourMs - (wallMs % hourMs), real: true }
  return fields.minute.values.has(wall.getUTCMinutes()) ? undefined : { byMs: minuteMs, real: true }
}

function dayMatches({ day, weekday }: Fields, wall: Date): boolean {
  const inMonth = day.values.has(wall.getUTCDate())
  const inWeek = weekday.values.has(wall.getUTCDay())
  return day.star || weekday.star ? inMonth && inWeek : inMonth || inWeek
}

/** What the zone's clocks show, as if it were UTC. */
function wallAt(atMs: number, offset: ZoneOffset): Date {
  return new Date(atMs + offset(atMs))
}

/** The moment at which the zone's clocks show `wallMs`, or when they have jumped over it. */
function fromWall(wallMs: number, offset: ZoneOffset): number {
  const first = wallMs - offset(wallMs)
  const second = wallMs - offset(first)
  return second + offset(second) === wallMs ? second : Math.max(first, second)
}
