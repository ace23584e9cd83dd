import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex as NodeDuplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { unreachable } from '../../api/assert.ts'
import { makeEnder } from '../../api/ending.ts'
import type { HttpHandler, HttpHeaders, HttpRequest, HttpResponse } from '../../ports/http.ts'
import { byteSink } from './byte-sink.ts'
import { duplexOf } from './duplex.ts'
import { messageSocketOf } from './message-socket.ts'

// Clients send terminal input and files in pieces of at most 32 KiB; SPDY tunnelled in messages stays below this too.
const longestMessageBytes = 8 << 20

/** A request that asks to leave HTTP: the handler decides whether, and what the connection becomes. */
export async function answerUpgrade(
  handler: HttpHandler,
  request: HttpRequest,
  raw: IncomingMessage,
  socket: NodeDuplex,
  head: Uint8Array,
): Promise<void> {
  socket.on('error', () => socket.destroy())
  const response = await handler(request)
  if (socket.destroyed) return
  switch (response.type) {
    case 'websocket':
      return startWebSocket(response, raw, socket, head)
    case 'upgrade':
      socket.write(headText(101, { ...response.headers, connection: 'Upgrade', upgrade: response.protocol }))
      return response.start(duplexOf(socket, head))
    case 'whole': {
      const body = response.body instanceof Uint8Array ? response.body : Buffer.concat(response.body)
      socket.write(
        headText(response.status, { ...response.headers, 'content-length': String(body.length), connection: 'close' }),
      )
      socket.end(body)
      return
    }
    case 'stream': {
      // Without a length, the end of the connection is that of the body.
      socket.write(headText(response.status, { ...response.headers, connection: 'close' }))
      const closed = makeEnder()
      socket.once('close', () => closed.abort())
      return response.start(byteSink(socket, closed))
    }
    default:
      return unreachable(response)
  }
}

function startWebSocket(
  response: Extract<HttpResponse, { type: 'websocket' }>,
  raw: IncomingMessage,
  socket: NodeDuplex,
  head: Uint8Array,
): void {
  const server = new WebSocketServer({ noServer: true, maxPayload: longestMessageBytes, perMessageDeflate: false })
  // kubectl's port-forward offers 'SPDY/3.1+portforward.k8s.io', whose '/' the library takes for a malformed header. The handler has
  // chosen already, so the library need not see what was offered.
  delete raw.headers['sec-websocket-protocol']
  server.on('headers', (lines) => {
    if (response.subprotocol !== '') lines.push(`Sec-WebSocket-Protocol: ${response.subprotocol}`)
  })
  server.handleUpgrade(raw, socket, Buffer.from(head), (opened) => response.start(messageSocketOf(opened)))
}

function headText(status: number, headers: HttpHeaders): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`
}
