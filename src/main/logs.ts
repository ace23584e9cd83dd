import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { instanceNamed } from './instance.ts'
import { olderLog } from './log-file.ts'

export function logs(
  name: string,
  { follow = false, lines }: Readonly<{ follow?: boolean; lines?: number }>,
): Promise<void> {
  const { logPath } = instanceNamed(name)
  if (!existsSync(logPath)) throw new Error(`cluster "${name}" has no log yet; \`coracle up\` starts it`)
  const older = lines === undefined && !follow && existsSync(olderLog(logPath)) ? [olderLog(logPath)] : []
  const args = ['-q', '-n', lines === undefined ? '+1' : String(lines), ...(follow ? ['-F'] : []), ...older, logPath]
  const tail = spawn('tail', args, { stdio: ['ignore', 'inherit', 'inherit'] })
  return new Promise((resolve, reject) => {
    tail.once('error', (error) => reject(new Error(`tail cannot be run (${error.message}); the log is ${logPath}`)))
    tail.once('exit', () => resolve())
  })
}
