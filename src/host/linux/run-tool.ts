import { spawn } from 'node:child_process'

export type ToolOutcome =
  | Readonly<{ type: 'ended'; exitCode: number; stdout: string; stderr: string }>
  | Readonly<{ type: 'missing' }>
  | Readonly<{ type: 'timed-out' }>

export type ToolOptions = Readonly<{
  stdin?: string
  /** Runs inside this network namespace; absent: this process's own. */
  netnsPath?: string | undefined
  timeoutMs?: number
  outputLimitBytes?: number
}>

/** Runs a short-lived tool to its end. The output is cut at the limit, the run at the timeout. */
export function runTool(command: readonly string[], options: ToolOptions = {}): Promise<ToolOutcome> {
  const { stdin = '', netnsPath, timeoutMs = 30_000, outputLimitBytes = 64 << 20 } = options
  const [program = '', ...args] = netnsPath === undefined ? command : ['nsenter', `--net=${netnsPath}`, ...command]
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
    })
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
    }, timeoutMs)
    const stdout = collect(child.stdout, outputLimitBytes)
    const stderr = collect(child.stderr, outputLimitBytes)
    child.once('error', () => {
      clearTimeout(timer)
      resolve({ type: 'missing' })
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      if (timedOut) resolve({ type: 'timed-out' })
      else resolve({ type: 'ended', exitCode: code ?? 128, stdout: stdout(), stderr: stderr() })
    })
    // A tool that fails early closes its end; its own message says why.
    child.stdin.on('error', () => {})
    child.stdin.end(stdin)
  })
}

function collect(stream: NodeJS.ReadableStream, limitBytes: number): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    if (size < limitBytes) chunks.push(chunk)
    size += chunk.length
  })
  return () => Buffer.concat(chunks).toString('utf8')
}
