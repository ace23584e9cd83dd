import { ok, type Result } from '../../api/result.ts'
import type { Clock, Timer } from '../../ports/clock.ts'
import type { Deflate } from '../../ports/deflate.ts'
import type { GrpcFailure } from '../../ports/grpc.ts'
import type { Http, HttpHandler, HttpListener } from '../../ports/http.ts'
import type { Random } from '../../ports/random.ts'
import type { ForwardTarget } from '../streaming/forward-port.ts'
import { textAnswer } from '../streaming/plain-answer.ts'
import { type CommandOptions, type StreamedCommand, serveCommand } from '../streaming/serve-command.ts'
import { servePortForward } from '../streaming/serve-port-forward.ts'
import { refuse } from './cri-failure.ts'

/** What somebody may do once, with the address he was given for it. */
export type StreamRequest =
  | Readonly<{ type: 'exec' | 'attach'; options: CommandOptions; command: StreamedCommand }>
  | Readonly<{ type: 'portforward'; target: ForwardTarget; ports: readonly number[] }>

export interface StreamingServer {
  /** An address on loopback at which the request can be made, once and soon. */
  url(request: StreamRequest): Promise<Result<Readonly<{ url: string }>, GrpcFailure>>
  close(): Promise<void>
}

export type StreamingParts = Readonly<{ clock: Clock; deflate: Deflate; http: Http; random: Random }>

/** As the original's streaming server: how long an address holds, and how many are out at a time. */
const validForMs = 60_000
const mostInFlight = 1_000

type InFlight = Readonly<{ request: StreamRequest; timer: Timer }>

/** Exec, attach and port-forward as kubelets carry them on: by HTTP on loopback. It begins to listen when the first is asked for. */
export function streamingServer(parts: StreamingParts): StreamingServer {
  const { clock, http, random } = parts
  const inFlight = new Map<string, InFlight>()
  let listening: Promise<Awaited<ReturnType<Http['listen']>>> | undefined
  const take = (token: string, type: string): StreamRequest | undefined => {
    const found = inFlight.get(token)
    if (found?.request.type !== type) return undefined
    found.timer.cancel()
    inFlight.delete(token)
    return found.request
  }
  return {
    async url(request) {
      if (inFlight.size >= mostInFlight)
        return refuse('ResourceExhausted', 'maximum number of in-flight requests exceeded')
      listening ??= http.listen({ type: 'tcp', address: '127.0.0.1', port: 0 }, streamHandler(parts, take))
      const listener = await listening
      if (!listener.ok) {
        listening = undefined
        return refuse('Unavailable', `streaming server: ${listener.error.message}`)
      }
      const token = [...random.bytes(16)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
      inFlight.set(token, { request, timer: clock.after(validForMs, () => void inFlight.delete(token)) })
      return ok({ url: `http://127.0.0.1:${listener.value.port}/${request.type}/${token}` })
    },
    async close() {
      for (const { timer } of inFlight.values()) timer.cancel()
      inFlight.clear()
      const listener = await listening
      if (listener?.ok === true) await (listener.value satisfies HttpListener).close(0)
    },
  }
}

function streamHandler(
  parts: StreamingParts,
  take: (token: string, type: string) => StreamRequest | undefined,
): HttpHandler {
  return async ({ target, headers }) => {
    const [path = '', search = ''] = target.split('?')
    const [type = '', token = ''] = path.split('/').filter((part) => part !== '')
    const request = take(token, type)
    if (request === undefined) return textAnswer(404, '404 page not found\n')
    if (request.type !== 'portforward') return serveCommand(parts, headers, request.options, request.command)
    const query = new URLSearchParams(search)
    for (const port of request.ports) query.append('port', String(port))
    return servePortForward(parts, headers, query, request.target)
  }
}
