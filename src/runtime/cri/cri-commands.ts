import { type Ending, makeEnder } from '../../api/ending.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { IoStreams, PodRuntime, RuntimeError } from '../pod-runtime.ts'
import { failed } from '../runtime-failure.ts'
import type { CommandStatus } from '../streaming/command-status.ts'
import { openSpdy, type SpdyClient } from '../streaming/spdy-connection.ts'
import type { SpdyStream } from '../streaming/spdy-stream.ts'
import { refused } from './cri-client.ts'
import type { CriContext } from './cri-context.ts'

const upgradeWithinMs = 30_000
/** What the runtime may take beyond a command's own time; and for one that has no limit. */
const execSlackMs = 30_000
const unlimitedMs = 86_400_000

type CommandMethods = Pick<PodRuntime, 'execSync' | 'exec' | 'attach'>

export function criCommands(context: CriContext): CommandMethods {
  const { runtime } = context.client
  return {
    execSync: (...call) => execSync(context, ...call),
    async exec(id, command, tty, io) {
      const streams = { tty, stdin: io.stdin !== undefined, stdout: true, stderr: !tty }
      const answer = await runtime.Exec({ containerId: id, cmd: command, ...streams })
      if (!answer.ok) return refused(answer.error)
      const ended = await follow(context, answer.value.url, io, tty)
      if (!ended.ok) return ended
      return exitCodeOf(ended.value)
    },
    async attach(id, io) {
      const tty = context.state.containers.get(id)?.tty ?? false
      const streams = { tty, stdin: io.stdin !== undefined, stdout: true, stderr: !tty }
      const answer = await runtime.Attach({ containerId: id, ...streams })
      if (!answer.ok) return refused(answer.error)
      const ended = await follow(context, answer.value.url, io, tty)
      if (!ended.ok) return ended
      const { status, message = '' } = ended.value
      return status === 'Success' ? ok(undefined) : failed(message)
    },
  }
}

async function execSync(
  { client }: CriContext,
  ...[id, command, timeoutMs, limitBytes]: Parameters<PodRuntime['execSync']>
): ReturnType<PodRuntime['execSync']> {
  const timeout = Math.ceil(timeoutMs / 1000)
  const waitMs = timeoutMs > 0 ? timeoutMs + execSlackMs : unlimitedMs
  const answer = await client.runtime.ExecSync({ containerId: id, cmd: command, timeout }, { timeoutMs: waitMs })
  if (answer.ok) {
    const { exitCode, stdout, stderr } = answer.value
    return ok({ exitCode, stdout: stdout.slice(0, limitBytes), stderr: stderr.slice(0, limitBytes), timedOut: false })
  }
  // The runtime's word for a command that took too long, which it has ended.
  if (answer.error.code === 'DeadlineExceeded' && timeoutMs > 0) {
    const stderr = new TextEncoder().encode(answer.error.message)
    return ok({ exitCode: 137, stdout: new Uint8Array(), stderr, timedOut: true })
  }
  return refused(answer.error)
}

/** The connection that the runtime has offered; dropped when `closed` is. */
export async function openStreams(
  { http, deflate }: CriContext,
  url: string,
  protocol: string,
  closed: Ending,
): Promise<Result<SpdyClient, RuntimeError>> {
  const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol }
  const answer = await http.upgrade({
    method: 'POST',
    url,
    headers,
    timeoutMs: upgradeWithinMs,
    verify: 'skip',
    maxRedirects: 0,
  })
  if (!answer.ok) return failed(`the runtime's streams at ${url} cannot be reached: ${answer.error.message}`)
  if (answer.value.type === 'answered') {
    const body = await answer.value.answer.body.bytes(4096)
    const text = body.ok ? new TextDecoder().decode(body.value).trim() : ''
    return failed(`the runtime's streams at ${url} answer ${answer.value.answer.status}: ${text}`)
  }
  const { duplex } = answer.value
  if (closed.aborted) duplex.destroy()
  closed.addEventListener('abort', () => duplex.destroy())
  return ok(openSpdy(duplex, deflate))
}

/** Streams of a command, in the order in which clients in Go open them, and how it ended: version 4 of the protocol. */
async function follow(
  context: CriContext,
  url: string,
  io: IoStreams,
  tty: boolean,
): Promise<Result<CommandStatus, RuntimeError>> {
  const over = makeEnder()
  io.closed.addEventListener('abort', over.abort)
  if (io.closed.aborted) over.abort()
  try {
    const connection = await openStreams(context, url, 'v4.channel.k8s.io', over.signal)
    return connection.ok ? await carry(connection.value, io, tty) : connection
  } finally {
    io.closed.removeEventListener('abort', over.abort)
    over.abort()
  }
}

async function carry(
  connection: SpdyClient,
  io: IoStreams,
  tty: boolean,
): Promise<Result<CommandStatus, RuntimeError>> {
  const names = ['error', ...(io.stdin ? ['stdin'] : []), 'stdout', ...(tty ? ['resize'] : ['stderr'])]
  const streams = new Map<string, SpdyStream>()
  for (const name of names) {
    const stream = await connection.open(new Map([['streamtype', name]]))
    if (stream === undefined) return ended(io, `the container runtime did not take the stream ${name}`)
    streams.set(name, stream)
  }
  void sendInput(io, streams.get('stdin')).catch(() => {})
  void sendSizes(io, streams.get('resize')).catch(() => {})
  const [status] = await Promise.all([
    textOf(streams.get('error')),
    deliver(streams.get('stdout'), io.stdout),
    deliver(streams.get('stderr'), io.stderr),
  ])
  return parseStatus(io, status)
}

async function sendInput({ stdin }: IoStreams, stream: SpdyStream | undefined): Promise<void> {
  if (stdin === undefined || stream === undefined) return
  for await (const chunk of stdin) await stream.write(chunk)
  await stream.end()
}

async function sendSizes({ resizes }: IoStreams, stream: SpdyStream | undefined): Promise<void> {
  if (resizes === undefined || stream === undefined) return
  for await (const { columns, rows } of resizes)
    await stream.write(new TextEncoder().encode(`${JSON.stringify({ Width: columns, Height: rows })}\n`))
}

async function deliver(stream: SpdyStream | undefined, to: (chunk: Uint8Array) => Promise<void>): Promise<void> {
  for await (const chunk of stream?.readable ?? []) await to(chunk)
}

export async function textOf(stream: SpdyStream | undefined): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stream?.readable ?? []) text += decoder.decode(chunk, { stream: true })
  return text
}

function parseStatus(io: IoStreams, text: string): Result<CommandStatus, RuntimeError> {
  if (text === '') return ended(io, 'the connection to the container runtime broke off')
  try {
    return ok(JSON.parse(text) as CommandStatus)
  } catch {
    return failed(text)
  }
}

/** Whoever has left has broken it off; else it is a failure. */
function ended({ closed }: IoStreams, message: string): Result<CommandStatus, RuntimeError> {
  return closed.aborted ? ok({ metadata: {}, status: 'Success' }) : fail({ code: 'Failed', message })
}

function exitCodeOf({ status, reason, message = '', details }: CommandStatus) {
  if (status === 'Success') return ok({ exitCode: 0 })
  const cause = details?.causes.find((one) => one.reason === 'ExitCode')
  if (reason !== 'NonZeroExitCode' || cause === undefined) return failed(message)
  return ok({ exitCode: Number(cause.message) })
}
