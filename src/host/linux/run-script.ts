import type { Processes } from '../../ports/processes.ts'

export type ScriptOutcome =
  | Readonly<{ type: 'ended'; exitCode: number; stdout: string; stderr: string }>
  | Readonly<{ type: 'missing'; message: string }>
  | Readonly<{ type: 'timed-out' }>

export type ScriptOptions = Readonly<{ workingDirectory?: string; timeoutMs?: number; stdin?: string }>

/**
 * Runs a POSIX shell script with arguments: several commands in sequence for the price of one process here. Values go in as
 * arguments, never into the text of the script.
 */
export async function runScript(
  processes: Processes,
  script: string,
  args: readonly string[],
  { workingDirectory, timeoutMs = 30_000, stdin }: ScriptOptions = {},
): Promise<ScriptOutcome> {
  const program = { argv: ['sh', '-c', script, 'sh', ...args], env: { LIBMOUNT_FORCE_MOUNT2: 'always' } }
  const outcome = await processes.run(workingDirectory === undefined ? program : { ...program, workingDirectory }, {
    timeoutMs,
    outputLimitBytes: 1 << 20,
    ...(stdin === undefined ? {} : { stdin: Buffer.from(stdin) }),
  })
  if (!outcome.ok) return { type: 'missing', message: outcome.error.message }
  const { exitCode, stdout, stderr, timedOut } = outcome.value
  if (timedOut) return { type: 'timed-out' }
  return {
    type: 'ended',
    exitCode,
    stdout: Buffer.from(stdout).toString('utf8'),
    stderr: Buffer.from(stderr).toString('utf8').trim().slice(0, 4096),
  }
}
