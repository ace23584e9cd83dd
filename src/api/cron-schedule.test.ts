import { describe, expect, it, test } from 'vitest'
import { type CronSchedule, parseCronSchedule } from './cron-schedule.ts'
import { utcOffset, zoneOffset } from './time-zone.ts'

function schedule(text: string, zone = 'UTC'): CronSchedule {
  const parsed = parseCronSchedule(text, zoneOffset(zone) ?? utcOffset)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

function next(text: string, after: string, zone = 'UTC'): string | undefined {
  const atMs = schedule(text, zone).next(Date.parse(after))
  return atMs === undefined ? undefined : new Date(atMs).toISOString().replace('.000Z', 'Z')
}

describe('the next time of a schedule', () => {
  test.each([
    ['* * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z'],
    ['* * * * *', '2026-01-01T00:00:59.999Z', '2026-01-01T00:01:00Z'],
    ['*/15 * * * *', '2026-01-01T00:14:59Z', '2026-01-01T00:15:00Z'],
    ['5/20 * * * *', '2026-01-01T00:26:00Z', '2026-01-01T00:45:00Z'],
    ['0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['0 0 30 2 *', '2026-01-01T00:00:00Z', undefined],
    ['30 8 * * mon-fri', '2026-01-02T09:00:00Z', '2026-01-05T08:30:00Z'],
    ['0 0 13 * fri', '2026-01-03T00:00:00Z', '2026-01-09T00:00:00Z'],
    ['0 0 */2 * mon', '2026-01-03T00:00:00Z', '2026-01-05T00:00:00Z'],
    ['@yearly', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['@weekly', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'],
    ['@every 90m', '2026-01-01T00:00:00Z', '2026-01-01T01:30:00Z'],
    ['@every 1ms', '2026-01-01T00:00:00.500Z', '2026-01-01T00:00:01Z'],
    ['0 12 ? JAN,Dec *', '2026-02-01T00:00:00Z', '2026-12-01T12:00:00Z'],
  ])('%s after %s is %s', (text, after, expected) => {
    expect(next(text, after)).toBe(expected)
  })

  it('is by the clocks of a zone', () => {
    expect(next('0 9 * * *', '2026-07-01T00:00:00Z', 'America/New_York')).toBe('2026-07-01T13:00:00Z')
    expect(next('0 9 * * *', '2026-01-01T00:00:00Z', 'America/New_York')).toBe('2026-01-01T14:00:00Z')
    expect(next('0 9 * * *', '2026-01-01T00:00:00Z', 'Asia/Kathmandu')).toBe('2026-01-01T03:15:00Z')
  })

  it('leaves out the hour that the clocks leave out, and comes twice in the one that they show twice', () => {
    expect(next('30 2 * * *', '2026-03-08T06:00:00Z', 'America/New_York')).toBe('2026-03-09T06:30:00Z')
    expect(next('30 1 * * *', '2026-11-01T05:00:00Z', 'America/New_York')).toBe('2026-11-01T05:30:00Z')
    expect(next('30 1 * * *', '2026-11-01T05:30:00Z', 'America/New_York')).toBe('2026-11-01T06:30:00Z')
  })
})

test.each([
  ['', 'empty spec string'],
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['5-2 * * * *', 'beginning of range (5) beyond end of range (2): 5-2'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
  ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ['@often', 'unrecognized descriptor: @often'],
  ['@every x', 'failed to parse duration @every x: time: invalid duration "x"'],
  ['@every 5', 'failed to parse duration @every 5: time: missing unit in duration "5"'],
  ['@every 5y', 'failed to parse duration @every 5y: time: unknown unit "y" in duration "5y"'],
])('"%s" is refused', (text, message) => {
  expect(parseCronSchedule(text, utcOffset)).toEqual({ ok: false, error: message })
})
