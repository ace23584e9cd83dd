import { type Implementation, type Implementations, noSuchOverload, text } from './implementation.ts'
import { intOf } from './int.ts'
import { type Calendar, calendarOf } from './moment.ts'
import { CelDuration, CelError, CelTimestamp, type Outcome, type Value } from './value.ts'

/** Fields of the calendar: months, days of the year and of the month count from 0, getDate from 1, Sunday is 0. */
const calendarFields: readonly (readonly [
  overload: string,
  read: (calendar: Calendar) => number,
  withZone?: string,
])[] = [
  ['timestamp_to_year', ({ local }) => local.getUTCFullYear()],
  ['timestamp_to_month', ({ local }) => local.getUTCMonth()],
  ['timestamp_to_day_of_year', ({ local }) => dayOfYear(local)],
  ['timestamp_to_day_of_month', ({ local }) => local.getUTCDate() - 1],
  ['timestamp_to_day_of_month_1_based', ({ local }) => local.getUTCDate()],
  ['timestamp_to_day_of_week', ({ local }) => local.getUTCDay()],
  ['timestamp_to_hours', ({ local }) => local.getUTCHours()],
  ['timestamp_to_minutes', ({ local }) => local.getUTCMinutes()],
  ['timestamp_to_seconds', ({ local }) => local.getUTCSeconds(), 'timestamp_to_seconds_tz'],
  ['timestamp_to_milliseconds', ({ milliseconds }) => milliseconds],
]

function dayOfYear(date: Date): number {
  const start = new Date(0)
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1)
  return Math.floor((date.getTime() - start.getTime()) / 86_400_000)
}

function inZone(value: Value | undefined, zone: string, read: (calendar: Calendar) => number): Outcome {
  if (!(value instanceof CelTimestamp)) return noSuchOverload
  const calendar = calendarOf(value, zone)
  return calendar instanceof CelError ? calendar : read(calendar)
}

function inUnits(nanos: bigint): Implementation {
  return (value) => (value instanceof CelDuration ? intOf(value.nanos / nanos) : noSuchOverload)
}

export const timeFunctions: Implementations = {
  ...Object.fromEntries(
    calendarFields.flatMap(([overload, read, withZone = `${overload}_with_tz`]): [string, Implementation][] => [
      [overload, (value) => inZone(value, 'UTC', read)],
      [withZone, (value, zone) => inZone(value, text(zone), read)],
    ]),
  ),
  duration_to_hours: inUnits(3_600_000_000_000n),
  duration_to_minutes: inUnits(60_000_000_000n),
  duration_to_seconds: inUnits(1_000_000_000n),
  duration_to_milliseconds: inUnits(1_000_000n),
}
