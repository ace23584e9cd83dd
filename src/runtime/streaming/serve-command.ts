import type { Clock } from '../../ports/clock.ts'
import type { Deflate } from '../../ports/deflate.ts'
import type { HttpHeaders, HttpResponse } from '../../ports/http.ts'
import type { IoStreams, PodRuntime } from '../pod-runtime.ts'
import { commandProtocols, socketStreams } from './command-socket.ts'
import { commandSpdyProtocols, spdyStreams } from './command-spdy.ts'
import { type CommandStatus, commandSucceeded, exitStatus, internalError } from './command-status.ts'
import { requestedUpgrade, unsupported, withoutUpgrade } from './upgrade-request.ts'

/** Which streams the client wants. With a terminal, all output comes as stdout. */
export type CommandOptions = Readonly<{ stdin: boolean; stdout: boolean; stderr: boolean; tty: boolean }>

/** A client's streams, whatever they travel over. */
export type CommandStreams = Readonly<{
  io: IoStreams
  /** Says how it ended, and closes. */
  finish(status: CommandStatus): Promise<void>
}>

/** Runs with a client's streams until it has ended. */
export type StreamedCommand = (io: IoStreams) => Promise<CommandStatus>

export function streamedExec(
  runtime: Pick<PodRuntime, 'exec'>,
  containerId: string,
  command: readonly string[],
  tty: boolean,
): StreamedCommand {
  return async (io) => {
    const ended = await runtime.exec(containerId, command, tty, io)
    return ended.ok
      ? exitStatus(command, ended.value.exitCode)
      : internalError(`error executing command in container: ${ended.error.message}`)
  }
}

export function streamedAttach(runtime: Pick<PodRuntime, 'attach'>, containerId: string): StreamedCommand {
  return async (io) => {
    const ended = await runtime.attach(containerId, io)
    return ended.ok ? commandSucceeded : internalError(`error attaching to container: ${ended.error.message}`)
  }
}

/** Answers a request for exec or attach: over a WebSocket or SPDY, as the client asks. */
export function serveCommand(
  parts: Readonly<{ clock: Clock; deflate: Deflate }>,
  headers: HttpHeaders,
  options: CommandOptions,
  command: StreamedCommand,
): HttpResponse {
  const upgrade = requestedUpgrade(headers, { websocket: commandProtocols, spdy: commandSpdyProtocols })
  const run = async (streams: CommandStreams | undefined): Promise<void> => {
    if (streams !== undefined) await streams.finish(await command(streams.io))
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
        start: (duplex) => void spdyStreams(parts, duplex, upgrade.protocol, options).then(run),
      }
    case 'unsupported':
      return unsupported(upgrade.offered, upgrade.transport === 'spdy' ? commandSpdyProtocols : commandProtocols)
    case 'none':
      return withoutUpgrade()
  }
}
