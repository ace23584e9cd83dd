import type { ZoneOffset } from './cron-schedule.ts'

export const utcOffset: ZoneOffset = () => 0

/** The zone of that name in the IANA database; undefined where there is none. */
export function zoneOffset(name: string): ZoneOffset | undefined {
  if (name === 'UTC') return utcOffset
  const format = formatOf(name)
  if (format === undefined) return undefined
  return (atMs) => {
    const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]))
    const at = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
    const wallMs = Date.UTC(at('year'), at('month') - 1, at('day'), at('hour'), at('minute'), at('second'))
    return wallMs - Math.floor(atMs / 1000) * 1000
  }
}

const formats = new Map<string, Intl.DateTimeFormat | undefined>()

function formatOf(name: string): Intl.DateTimeFormat | undefined {
  if (!formats.has(name)) formats.set(name, makeFormat(name))
  return formats.get(name)
}

function makeFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  // The database knows names by their exact spelling, and offsets not at all.
  if (!/^(?:[A-Z]{2}\/|[A-Z][a-z]+\/|[A-Z][^/]*$)/.test(timeZone)) return undefined
  const numeric = 'numeric'
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    })
  } catch {
    return undefined
  }
}
