import type { Log } from '../../ports/log.ts'

/** One JSON object a line on standard error: time, level, message, fields. */
export function linuxLog(): Log {
  const write =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`)
    }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}
