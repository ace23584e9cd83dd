import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'

export type LogLine = Readonly<{
  atMs: number
  level: 'info' | 'warn' | 'error'
  message: string
  fields: Readonly<Record<string, unknown>>
}>

/** Keeps the lines for a test or a trace to look at. */
export function simLog(clock: Clock, limit = 10_000): Log & Readonly<{ lines: readonly LogLine[] }> {
  const lines: LogLine[] = []
  const write =
    (level: LogLine['level']) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      if (lines.length < limit) lines.push({ atMs: clock.nowMs(), level, message, fields })
    }
  return { lines, info: write('info'), warn: write('warn'), error: write('error') }
}
