import { plainDouble } from './double-text.ts'
import { CelDuration, CelError, CelTimestamp } from './value.ts'

/** Durations and timestamps: reading, writing and reckoning, as Go's time package does. */

const second = 1_000_000_000n
const minSeconds = -62135596800n
const maxSeconds = 253402300799n
const maxInt = 2n ** 63n - 1n

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: second,
  m: 60n * second,
  h: 3600n * second,
}

/** '1h30m', '-1.5s'; undefined for anything else. */
export function parseDuration(text: string): CelDuration | undefined {
  const sign = /^[+-]/.test(text) ? 1 : 0
  const body = text.slice(sign)
  if (body === '0') return new CelDuration(0n)
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body)) return undefined
  let nanos = 0n
  for (const [, whole = '', fraction = '', unit = ''] of body.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g)) {
    const scale = units[unit] ?? 1n
    const digits = fraction.slice(0, 18)
    nanos += BigInt(whole || '0') * scale + (BigInt(digits || '0') * scale) / 10n ** BigInt(digits.length)
  }
  const negative = text.startsWith('-')
  if (nanos > maxInt + (negative ? 1n : 0n)) return undefined
  return new CelDuration(negative ? -nanos : nanos)
}

/** Seconds with as many digits as a double of them has. */
export function formatDuration({ nanos }: CelDuration): string {
  const seconds = Number(nanos / second) + Number(nanos % second) / 1e9
  return `${plainDouble(seconds)}s`
}

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/

export function parseTimestamp(text: string): CelTimestamp | undefined {
  const found = rfc3339.exec(text)
  if (found === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, secondOfMinute = 0] = found.slice(1, 7).map(Number)
  const offset = (Number(found[9] ?? 0) * 60 + Number(found[10] ?? 0)) * (found[8] === '-' ? -60 : 60)
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || secondOfMinute > 59) return undefined
  if (Number(found[9] ?? 0) > 24 || Number(found[10] ?? 0) > 60) return undefined
  const moment = new Date(0)
  moment.setUTCFullYear(year, month - 1, day)
  if (day < 1 || moment.getUTCDate() !== day) return undefined
  moment.setUTCHours(hour, minute, secondOfMinute)
  const seconds = BigInt(moment.getTime() / 1000) - BigInt(offset)
  const fraction = BigInt((found[7] ?? '').slice(0, 9).padEnd(9, '0'))
  return new CelTimestamp(seconds * second + fraction, offset)
}

export function isInRange({ nanos }: CelTimestamp): boolean {
  const seconds = floorSeconds(nanos)
  return seconds >= minSeconds && seconds <= maxSeconds
}

function floorSeconds(nanos: bigint): bigint {
  const seconds = nanos / second
  return nanos % second < 0n ? seconds - 1n : seconds
}

export function timestampOfSeconds(seconds: bigint): CelTimestamp | CelError {
  const timestamp = new CelTimestamp(seconds * second)
  return isInRange(timestamp) ? timestamp : timestampOverflow
}

export const timestampOverflow = new CelError('timestamp overflow')
const integerOverflow = new CelError('integer overflow')

export function secondsOf({ nanos }: CelTimestamp): bigint {
  return floorSeconds(nanos)
}

export function formatTimestamp({ nanos, offsetSeconds }: CelTimestamp): string {
  const seconds = floorSeconds(nanos)
  const local = new Date(Number(seconds + BigInt(offsetSeconds)) * 1000).toISOString().slice(0, 19)
  const fraction = (nanos - seconds * second).toString().padStart(9, '0').replace(/0+$/, '')
  const minutes = Math.abs(Math.trunc(offsetSeconds / 60))
  const two = (part: number): string => String(part).padStart(2, '0')
  const zone =
    offsetSeconds === 0 ? 'Z' : `${offsetSeconds < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`
  return `${local}${fraction === '' ? '' : `.${fraction}`}${zone}`
}

export function durationOf(nanos: bigint): CelDuration | CelError {
  return nanos > maxInt || nanos < -maxInt - 1n ? integerOverflow : new CelDuration(nanos)
}

export function shifted(timestamp: CelTimestamp, by: bigint): CelTimestamp | CelError {
  const moved = new CelTimestamp(timestamp.nanos + by, timestamp.offsetSeconds)
  return isInRange(moved) ? moved : timestampOverflow
}

export function between(later: CelTimestamp, earlier: CelTimestamp): CelDuration | CelError {
  return durationOf(later.nanos - earlier.nanos)
}

/** The calendar of a moment in a time zone: 'UTC', an IANA name or '+02:00'. */
export function calendarOf(timestamp: CelTimestamp, zone: string): Calendar | CelError {
  const seconds = floorSeconds(timestamp.nanos)
  const offset = zoneOffset(Number(seconds), zone)
  if (offset instanceof CelError) return offset
  const local = new Date((Number(seconds) + offset) * 1000)
  return { local, milliseconds: Number((timestamp.nanos - seconds * second) / 1_000_000n) }
}

export type Calendar = Readonly<{ local: Date; milliseconds: number }>

/** Seconds east of UTC. */
function zoneOffset(epochSeconds: number, zone: string): number | CelError {
  const colon = zone.indexOf(':')
  if (colon < 0) return namedOffset(epochSeconds, zone)
  const [hours, minutes] = [zone.slice(0, colon), zone.slice(colon + 1)]
  for (const part of [hours, minutes]) {
    if (!/^[+-]?\d+$/.test(part)) return new CelError(`strconv.Atoi: parsing ${JSON.stringify(part)}: invalid syntax`)
  }
  return (Number(hours) * 60 + (zone.startsWith('-') ? -Number(minutes) : Number(minutes))) * 60
}

function namedOffset(epochSeconds: number, zone: string): number | CelError {
  if (zone === '' || zone === 'UTC') return 0
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    const name = format.formatToParts(epochSeconds * 1000).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const found = /GMT([+-])(\d+):(\d+)(?::(\d+))?/.exec(name)
    if (found === null) return 0
    const seconds = Number(found[2]) * 3600 + Number(found[3]) * 60 + Number(found[4] ?? 0)
    return found[1] === '-' ? -seconds : seconds
  } catch {
    return new CelError(`unknown time zone ${zone}`)
  }
}
