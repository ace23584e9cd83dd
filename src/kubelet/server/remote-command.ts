import { fail, ok, type Result } from '../../api/result.ts'
import type { HttpRequest, HttpResponse } from '../../ports/http.ts'
import type { Container, IoStreams } from '../../runtime/pod-runtime.ts'
import { commandProtocols, socketStreams } from './command-socket.ts'
import { commandSpdyProtocols, spdyStreams } from './command-spdy.ts'
import { type CommandStatus, commandSucceeded, exitStatus, internalError } from './command-status.ts'
import { flag } from './log-options.ts'
import { textAnswer } from './plain-answer.ts'
import type { ServerContext } from './server-context.ts'
import { requestedUpgrade } from './upgrade-request.ts'

/** Which streams the client wants. With a terminal, all output comes as stdout. */
export type CommandOptions = Readonly<{ stdin: boolean; stdout: boolean; stderr: boolean; tty: boolean }>

/** A client's streams, whatever they travel over. */
export type CommandStreams = Readonly<{
  io: IoStreams
  /** Says how it ended, and closes. */
  finish(status: CommandStatus): Promise<void>
}>

type Command = (container: Container, io: IoStreams) => Promise<CommandStatus>

/** /exec/NAMESPACE/POD/CONTAINER?command=…&input=1&output=1&error=1&tty=1, also with the names of the public API. */
export function exec(
  context: ServerContext,
  parts: readonly string[],
  query: URLSearchParams,
  request: HttpRequest,
): HttpResponse {
  const options = commandOptions(query)
  if (!options.ok) return textAnswer(400, options.error)
  const command = query.getAll('command')
  return serve(context, parts, request, options.value, async ({ id }, io) => {
    const ended = await context.deps.runtime.exec(id, command, options.value.tty, io)
    return ended.ok
      ? exitStatus(command, ended.value.exitCode)
      : internalError(`error executing command in container: ${ended.error.message}`)
  })
}

/** /attach/NAMESPACE/POD/CONTAINER?input=1&output=1&error=1&tty=1 */
export function attach(
  context: ServerContext,
  parts: readonly string[],
  query: URLSearchParams,
  request: HttpRequest,
): HttpResponse {
  const options = commandOptions(query)
  if (!options.ok) return textAnswer(400, options.error)
  return serve(context, parts, request, options.value, async ({ id }, io) => {
    const ended = await context.deps.runtime.attach(id, io)
    return ended.ok ? commandSucceeded : internalError(`error attaching to container: ${ended.error.message}`)
  })
}

export function commandOptions(query: URLSearchParams): Result<CommandOptions, string> {
  const asked = (...names: readonly string[]): boolean => names.some((name) => flag(query.get(name)))
  const tty = asked('tty')
  const stdin = asked('input', 'stdin')
  const stdout = asked('output', 'stdout')
  const stderr = asked('error', 'stderr') && !tty
  if (!stdin && !stdout && !stderr) return fail('you must specify at least 1 of stdin, stdout, stderr')
  return ok({ stdin, stdout, stderr, tty })
}

function serve(
  context: ServerContext,
  [namespace = '', podName = '', containerName = '']: readonly string[],
  request: HttpRequest,
  options: CommandOptions,
  command: Command,
): HttpResponse {
  const { deps, pods } = context
  const pod = pods.pod(namespace, podName)
  if (pod === undefined) return textAnswer(404, `pod does not exist\n`)
  const container = deps.runtime
    .containers()
    .find((one) => one.pod.uid === pod.metadata.uid && one.name === containerName && one.state === 'running')
  if (container === undefined) return textAnswer(500, `container not found (${JSON.stringify(containerName)})`)
  const upgrade = requestedUpgrade(request.headers, { websocket: commandProtocols, spdy: commandSpdyProtocols })
  const run = async (streams: CommandStreams | undefined): Promise<void> => {
    if (streams !== undefined) await streams.finish(await command(container, streams.io))
  }
  switch (upgrade.type) {
    case 'websocket':
      return {
        type: 'websocket',
        subprotocol: upgrade.protocol,
        start: (socket) => void run(socketStreams(socket, upgrade.protocol, options)),
      }
    case 'spdy':
      return {
        type: 'upgrade',
        protocol: 'SPDY/3.1',
        headers: upgrade.protocol === '' ? {} : { 'x-stream-protocol-version': upgrade.protocol },
        start: (duplex) => void spdyStreams(deps, duplex, upgrade.protocol, options).then(run),
      }
    case 'unsupported':
      return unsupported(upgrade.offered, upgrade.transport === 'spdy' ? commandSpdyProtocols : commandProtocols)
    case 'none':
      return textAnswer(400, 'unable to upgrade: missing upgrade headers in request\n')
  }
}

/** As the original's handshake refuses: what there is stands in a header, so that a client can ask again. */
export function unsupported(offered: readonly string[], spoken: readonly string[]): HttpResponse {
  const answer = textAnswer(
    403,
    `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${spoken.join(' ').trim()}]\n`,
  )
  const headers = { ...answer.headers, 'x-accepted-stream-protocol-versions': spoken.join(', ') }
  return { ...answer, headers }
}
