import type { Clock } from '../../ports/clock.ts'
import type { Deflate } from '../../ports/deflate.ts'
import type { HttpHeaders, HttpResponse } from '../../ports/http.ts'
import type { Duplex, MessageSocket } from '../../ports/streams.ts'
import { type ForwardTarget, forwardPort } from './forward-port.ts'
import { textAnswer } from './plain-answer.ts'
import { socketForward, socketForwardProtocols } from './port-forward-socket.ts'
import { spdyForward } from './port-forward-spdy.ts'
import { requestedUpgrade, unsupported, withoutUpgrade } from './upgrade-request.ts'

/** SPDY frames inside of a WebSocket's messages, for proxies that let only WebSockets through. */
const tunnelProtocol = 'SPDY/3.1+portforward.k8s.io'
const spdyProtocols = ['portforward.k8s.io', ''] as const

/** Answers a request for port-forward over a WebSocket or SPDY. Its query has ports where the protocol has no streams of its own. */
export function servePortForward(
  parts: Readonly<{ clock: Clock; deflate: Deflate }>,
  headers: HttpHeaders,
  query: URLSearchParams,
  target: ForwardTarget,
): HttpResponse {
  const websocket = [tunnelProtocol, ...socketForwardProtocols]
  const upgrade = requestedUpgrade(headers, { websocket, spdy: spdyProtocols })
  switch (upgrade.type) {
    case 'websocket': {
      if (upgrade.protocol === tunnelProtocol)
        return {
          type: 'websocket',
          subprotocol: tunnelProtocol,
          start: (socket) => spdyForward(parts, duplexOver(socket), target),
        }
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
        start: (duplex) => spdyForward(parts, duplex, target),
      }
    case 'unsupported':
      return unsupported(upgrade.offered, upgrade.transport === 'spdy' ? spdyProtocols : websocket)
    case 'none':
      return withoutUpgrade()
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
