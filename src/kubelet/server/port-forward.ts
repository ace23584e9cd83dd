import type { HttpRequest, HttpResponse } from '../../ports/http.ts'
import type { Duplex, MessageSocket } from '../../ports/streams.ts'
import { observePod, readySandbox } from '../observed-pod.ts'
import { type ForwardTarget, forwardPort } from './forward-port.ts'
import { textAnswer } from './plain-answer.ts'
import { socketForward, socketForwardProtocols } from './port-forward-socket.ts'
import { spdyForward } from './port-forward-spdy.ts'
import { unsupported } from './remote-command.ts'
import type { ServerContext } from './server-context.ts'
import { requestedUpgrade } from './upgrade-request.ts'

/** SPDY frames inside of a WebSocket's messages, for proxies that let only WebSockets through. */
const tunnelProtocol = 'SPDY/3.1+portforward.k8s.io'
const spdyProtocols = ['portforward.k8s.io', ''] as const

/** /portForward/NAMESPACE/POD?port=80 (the ports only where the protocol has no streams of its own). */
export function portForward(
  { deps, pods }: ServerContext,
  [namespace = '', podName = '']: readonly string[],
  query: URLSearchParams,
  request: HttpRequest,
): HttpResponse {
  const pod = pods.pod(namespace, podName)
  if (pod === undefined) return textAnswer(404, 'pod does not exist\n')
  const sandbox = readySandbox(observePod(deps.runtime, pod.metadata.uid))
  if (sandbox === undefined) return textAnswer(500, `pod not found (${JSON.stringify(`${podName}_${namespace}`)})`)
  const target: ForwardTarget = { runtime: deps.runtime, sandboxId: sandbox.id, uid: pod.metadata.uid }
  const websocket = [tunnelProtocol, ...socketForwardProtocols]
  const upgrade = requestedUpgrade(request.headers, { websocket, spdy: spdyProtocols })
  switch (upgrade.type) {
    case 'websocket': {
      if (upgrade.protocol === tunnelProtocol) return tunnel(deps, target)
      const ports = requestedPorts(query)
      if (typeof ports === 'string') return textAnswer(400, ports)
      return {
        type: 'websocket',
        subprotocol: upgrade.protocol,
        start: (socket) =>
          void socketForward(socket, upgrade.protocol, ports, (port, side) => forwardPort(target, port, side)),
      }
    }
    case 'spdy':
      return {
        type: 'upgrade',
        protocol: 'SPDY/3.1',
        headers: upgrade.protocol === '' ? {} : { 'x-stream-protocol-version': upgrade.protocol },
        start: (duplex) => spdyForward(deps, duplex, target),
      }
    case 'unsupported':
      return unsupported(upgrade.offered, upgrade.transport === 'spdy' ? spdyProtocols : websocket)
    case 'none':
      return textAnswer(400, 'unable to upgrade: missing upgrade headers in request\n')
  }
}

function tunnel(deps: ServerContext['deps'], target: ForwardTarget): HttpResponse {
  return {
    type: 'websocket',
    subprotocol: tunnelProtocol,
    start: (socket) => spdyForward(deps, duplexOver(socket), target),
  }
}

/** A WebSocket's messages as one stream of bytes. */
function duplexOver(socket: MessageSocket): Duplex {
  return {
    readable: socket.messages,
    write: (chunk) => socket.send(chunk),
    end: async () => socket.close(1000, ''),
    destroy: () => socket.close(1000, ''),
  }
}

/** The ports, or what is wrong with them. */
function requestedPorts(query: URLSearchParams): readonly number[] | string {
  const texts = [...query.getAll('port'), ...query.getAll('ports')].flatMap((text) => text.split(','))
  if (texts.length === 0) return 'query parameter "port" is required'
  const ports = texts.map(Number)
  const wrong = ports.findIndex((port) => !Number.isInteger(port) || port < 1 || port > 65_535)
  return wrong < 0 ? ports : `unable to parse ${JSON.stringify(texts[wrong])} as a port`
}
