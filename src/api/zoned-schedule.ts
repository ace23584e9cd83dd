import { type CronSchedule, parseCronSchedule } from './cron-schedule.ts'
import { fail, type Result } from './result.ts'
import { utcOffset, zoneOffset } from './time-zone.ts'

/** A cron expression by the clocks of a zone: the one that is given, or the one that the text begins with (TZ=…), or UTC. */
export function parseZonedSchedule(text: string, timeZone = ''): Result<CronSchedule, string> {
  const named = /^(?:CRON_)?TZ=(\S*) +/.exec(text)
  const zone = named?.[1] ?? timeZone
  const offset = zone === '' ? utcOffset : zoneOffset(zone)
  if (offset === undefined) return fail(`provided bad location ${zone}: unknown time zone ${zone}`)
  return parseCronSchedule(named === null ? text : text.slice(named[0].length).trim(), offset)
}
