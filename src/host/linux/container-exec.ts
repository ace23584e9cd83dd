import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fail, ok, type Result } from '../../api/result.ts'
import type { ContainerError, ContainerStreams, ExecOptions } from '../../ports/containers.ts'
import type { RunningProcess } from '../../ports/processes.ts'
import { type ContainerFiles, runningPid } from './container-files.ts'
import type { Tools } from './container-start.ts'
import { execOnTerminal } from './container-terminal.ts'
import { killTree } from './kill-tree.ts'
import { runtimeRefusal } from './runtime-refusal.ts'

type ExecResult = Result<Readonly<{ exitCode: number; timedOut: boolean }>, ContainerError>

/** Runs the runtime's own exec, with its pipes as the program's. */
export async function execInContainer(
  tools: Tools,
  files: ContainerFiles,
  id: string,
  options: ExecOptions,
  streams: ContainerStreams,
): Promise<ExecResult> {
  if ((await runningPid(files, id)) === undefined)
    return fail({ code: 'NotRunning', message: `container ${id} is not running` })
  const folder = `${files.bundle}/exec-${randomBytes(6).toString('hex')}`
  await mkdir(folder, { mode: 0o700 })
  try {
    await writeFile(`${folder}/process.json`, JSON.stringify(options.process))
    return await (options.process.terminal ? execOnTerminal : execPlain)(tools, folder, id, options, streams)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function execPlain(
  tools: Tools,
  folder: string,
  id: string,
  { timeoutMs }: ExecOptions,
  streams: ContainerStreams,
): Promise<ExecResult> {
  const log = ['--log', `${folder}/log`, '--log-format', 'json']
  const argv = [
    tools.runtime,
    '--root',
    tools.runtimeRoot,
    ...log,
    'exec',
    '--process',
    `${folder}/process.json`,
    '--pid-file',
    `${folder}/pid`,
    id,
  ]
  const begun = await tools.processes.start({ argv })
  if (!begun.ok) return fail({ code: 'Unavailable', message: begun.error.message })
  const running = begun.value
  let timedOut = false
  const stop = (): void => void killExec(running, folder)
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true
          stop()
        }, timeoutMs)
  streams.closed.addEventListener('abort', stop)
  if (streams.closed.aborted) stop()
  void feed(running, streams)
  await Promise.all([
    pump(running.stdout, (chunk) => streams.stdout(chunk)),
    pump(running.stderr, (chunk) => streams.stderr(chunk)),
  ])
  const { exitCode } = await running.ended
  clearTimeout(timer)
  streams.closed.removeEventListener('abort', stop)
  const refusal = exitCode === 0 || timedOut ? undefined : await runtimeRefusal(folder)
  return refusal === undefined ? ok({ exitCode, timedOut }) : fail({ code: 'CannotRun', message: refusal })
}

/** How long the runtime may take to see that its program has ended. */
const reapWithinMs = 1_000

/**
 * The runtime passes no signals on to a program that it runs without a terminal. It ends with its program; killed before that, it would
 * leave a zombie to the container.
 */
async function killExec(running: RunningProcess, folder: string): Promise<void> {
  const pid = Number.parseInt(await readFile(`${folder}/pid`, 'utf8').catch(() => ''), 10)
  if (!(pid > 0)) return running.kill('SIGKILL')
  killTree(pid)
  const timer = setTimeout(() => running.kill('SIGKILL'), reapWithinMs)
  void running.ended.finally(() => clearTimeout(timer))
}

async function feed(running: RunningProcess, { stdin }: ContainerStreams): Promise<void> {
  try {
    if (stdin !== undefined) for await (const chunk of stdin) await running.write(chunk)
  } finally {
    running.closeStdin()
  }
}

async function pump(chunks: AsyncIterable<Uint8Array>, to: (chunk: Uint8Array) => Promise<void>): Promise<void> {
  for await (const chunk of chunks) await to(chunk)
}
