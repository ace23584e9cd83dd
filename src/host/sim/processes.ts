import { fail, ok } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ProcessEnd, Processes, Program, RunningProcess } from '../../ports/processes.ts'
import { type Pipe, pipe } from './pipe.ts'

export type SimProgramIo = Readonly<{
  clock: Clock
  args: readonly string[]
  stdin: AsyncIterable<Uint8Array>
  stdout(chunk: Uint8Array): void
  stderr(chunk: Uint8Array): void
}>

/** Resolves with the exit code. */
export type SimProgram = (io: SimProgramIo) => Promise<number>

export type SimProcessesOptions = Readonly<{
  clock: Clock
  /** By name, beside cat, echo, true, false and sleep. */
  programs?: Readonly<Record<string, SimProgram>>
  /** What starting a process costs. */
  spawnMs?: number
}>

const basicPrograms: Readonly<Record<string, SimProgram>> = {
  cat: async ({ stdin, stdout }) => {
    for await (const chunk of stdin) stdout(chunk)
    return 0
  },
  echo: async ({ args, stdout }) => {
    stdout(new TextEncoder().encode(`${args.join(' ')}\n`))
    return 0
  },
  true: async () => 0,
  false: async () => 1,
  sleep: async ({ args, clock }) => {
    await clock.sleep(Number(args[0]) * 1000)
    return 0
  },
}

/** A machine with a few programs, which take time, and end when they are killed. */
export function simProcesses({ clock, programs = {}, spawnMs = 2 }: SimProcessesOptions): Processes {
  const known = new Map([...Object.entries(basicPrograms), ...Object.entries(programs)])
  let lastPid = 100
  const start: Processes['start'] = async ({ argv }: Program) => {
    await clock.sleep(spawnMs)
    const [name = '', ...args] = argv
    const program = known.get(name)
    if (program === undefined) return fail({ code: 'NotFound', message: `${name}: no such program` })
    lastPid += 1
    return ok(run(clock, lastPid, program, args))
  }
  return {
    start,
    async run(program, { stdin, timeoutMs, outputLimitBytes }) {
      const started = await start(program)
      if (!started.ok) return started
      const process = started.value
      let timedOut = false
      const timer = clock.after(timeoutMs, () => {
        timedOut = true
        process.kill('SIGKILL')
      })
      void feed(process, stdin)
      const [stdout, stderr, end] = await Promise.all([
        collect(process.stdout, outputLimitBytes),
        collect(process.stderr, outputLimitBytes),
        process.ended,
      ])
      timer.cancel()
      return ok({ ...end, stdout, stderr, timedOut })
    },
  }
}

async function feed(process: RunningProcess, stdin: Uint8Array | undefined): Promise<void> {
  if (stdin !== undefined) await process.write(stdin)
  process.closeStdin()
}

function run(clock: Clock, pid: number, program: SimProgram, args: readonly string[]): RunningProcess {
  const [stdin, stdout, stderr] = [pipe(), pipe(), pipe()]
  const write =
    ({ sink }: Pipe) =>
    (chunk: Uint8Array): void =>
      void sink.write(chunk)
  let end: (end: ProcessEnd) => void = () => {}
  const ended = new Promise<ProcessEnd>((resolve) => {
    end = resolve
  })
  const finish = (exitCode: number): void => {
    stdout.sink.end()
    stderr.sink.end()
    stdin.abort()
    end({ exitCode })
  }
  void program({ clock, args, stdin: stdin.chunks, stdout: write(stdout), stderr: write(stderr) }).then(finish)
  return {
    pid,
    stdout: stdout.chunks,
    stderr: stderr.chunks,
    async write(chunk) {
      if (!stdin.sink.write(chunk)) await stdin.sink.drained()
    },
    closeStdin: () => stdin.sink.end(),
    kill: (signal) => finish(signal === 'SIGKILL' ? 137 : 143),
    ended,
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    if (size < limitBytes) parts.push(chunk.subarray(0, limitBytes - size))
    size += chunk.length
  }
  return new Uint8Array(Buffer.concat(parts))
}
