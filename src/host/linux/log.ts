import type { Log } from '../../ports/log.ts'

/** One JSON object a line on standard error: time, level, message, fields. What a failure says of itself never takes the place of what failed. */
export function linuxLog(): Log {
  const write =
    (level: string) =>
    (message: string, { message: error, ...fields }: Readonly<Record<string, unknown>> = {}) => {
      const line = { time: new Date().toISOString(), level, message, error, ...fields }
      process.stderr.write(`${JSON.stringify(line)}\n`)
    }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}
