import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { fail, ok, type Result } from '../../api/result.ts'
import type {
  ProcessEnd,
  ProcessError,
  Processes,
  Program,
  RunningProcess,
  RunOptions,
  RunOutcome,
} from '../../ports/processes.ts'

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export function linuxProcesses(): Processes {
  return { run, start }
}

async function run(program: Program, options: RunOptions): Promise<Result<RunOutcome, ProcessError>> {
  const begun = await begin(program)
  if (!begun.ok) return begun
  const child = begun.value
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    child.kill('SIGKILL')
    // A grandchild may still hold the pipes; nobody waits for it.
    child.stdout.destroy()
    child.stderr.destroy()
  }, options.timeoutMs)
  const stdout = collect(child.stdout, options.outputLimitBytes)
  const stderr = collect(child.stderr, options.outputLimitBytes)
  child.stdin.end(options.stdin ?? '')
  const end = await endOf(child)
  clearTimeout(timer)
  return ok({ ...end, stdout: stdout(), stderr: stderr(), timedOut })
}

async function start(program: Program): Promise<Result<RunningProcess, ProcessError>> {
  const begun = await begin(program)
  if (!begun.ok) return begun
  const child = begun.value
  return ok({
    pid: child.pid ?? 0,
    stdout: chunksOf(child.stdout),
    stderr: chunksOf(child.stderr),
    write: (chunk) =>
      new Promise((resolve) => {
        if (child.stdin.destroyed || child.stdin.writableEnded || child.stdin.write(chunk)) return resolve()
        child.stdin.once('drain', resolve)
        child.stdin.once('close', resolve)
      }),
    closeStdin: () => void child.stdin.end(),
    kill: (signal) => void child.kill(signal),
    ended: endOf(child),
  })
}

function begin({
  argv,
  env,
  workingDirectory,
}: Program): Promise<Result<ChildProcessWithoutNullStreams, ProcessError>> {
  const [file = '', ...args] = argv
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: 'pipe',
      env: { PATH: path, LC_ALL: 'C', ...env },
      ...(workingDirectory === undefined ? {} : { cwd: workingDirectory }),
    })
    // A program that ends early closes its end; its own message says why.
    child.stdin.on('error', () => {})
    child.once('spawn', () => resolve(ok(child)))
    child.once('error', (error: NodeJS.ErrnoException) => resolve(fail(processError(file, error))))
  })
}

function processError(file: string, error: NodeJS.ErrnoException): ProcessError {
  if (error.code === 'ENOENT') return { code: 'NotFound', message: `${file}: no such program` }
  return { code: error.code === 'EACCES' ? 'PermissionDenied' : 'Other', message: `${file}: ${error.message}` }
}

function endOf(child: ChildProcessWithoutNullStreams): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) =>
      resolve({ exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) }),
    )
  })
}

function collect(stream: NodeJS.ReadableStream, limitBytes: number): () => Uint8Array {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    if (size < limitBytes) chunks.push(chunk.subarray(0, limitBytes - size))
    size += chunk.length
  })
  return () => new Uint8Array(Buffer.concat(chunks))
}

async function* chunksOf(stream: NodeJS.ReadableStream): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of stream) yield chunk as Uint8Array
  } catch {
    // Destroyed: for the reader that is the end.
  }
}
