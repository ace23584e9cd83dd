import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { hostInstance } from './up.ts'

export function logs(
  name: string,
  { follow = false, lines }: Readonly<{ follow?: boolean; lines?: number }>,
): Promise<void> {
  const { logPath } = hostInstance(name)
  if (!existsSync(logPath)) throw new Error(`cluster "${name}" has no log yet; \`coracle up\` starts it`)
  const args = ['-n', lines === undefined ? '+1' : String(lines), ...(follow ? ['-F'] : []), logPath]
  const tail = spawn('tail', args, { stdio: ['ignore', 'inherit', 'inherit'] })
  return new Promise((resolve) => tail.once('exit', () => resolve()))
}
