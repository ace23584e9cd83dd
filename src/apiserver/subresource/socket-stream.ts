import { encodeBase64 } from '../../api/base64.ts'
import { byteQueue } from '../../client/byte-queue.ts'
import type { HttpHeaders, HttpResponse } from '../../ports/http.ts'
import type { MessageSocket } from '../../ports/streams.ts'

/** apiserver's wsstream: each piece is a message, as it is or in base64. '' is a client that names none. */
const protocols = ['', 'binary.k8s.io', 'base64.binary.k8s.io']
const highWaterBytes = 1 << 16
const normalClosure = 1000

/** The protocol in which a client wants an answer as messages; undefined where it asks for no WebSocket, or for none that is spoken. */
export function socketProtocol(headers: HttpHeaders): string | undefined {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return undefined
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  return offered.find((name) => protocols.includes(name))
}

/** The answer's body over a WebSocket, after an empty message that shows it to be open. Refusals stay as they are. */
export function overSocket(response: HttpResponse, subprotocol: string): HttpResponse {
  if ((response.type !== 'whole' && response.type !== 'stream') || response.status >= 300) return response
  return { type: 'websocket', subprotocol, start: (socket) => void pump(response, socket, subprotocol) }
}

async function pump(
  response: Extract<HttpResponse, { type: 'whole' | 'stream' }>,
  socket: MessageSocket,
  subprotocol: string,
): Promise<void> {
  const send = (bytes: Uint8Array): Promise<void> =>
    socket.send(subprotocol.startsWith('base64') ? encodeBase64(bytes) : bytes)
  const queue = byteQueue(highWaterBytes)
  // A client that goes away ends what is read for it.
  void drain(socket).then(() => queue.close())
  await send(new Uint8Array())
  if (response.type === 'whole') {
    for (const chunk of response.body instanceof Uint8Array ? [response.body] : response.body) await send(chunk)
  } else {
    response.start(queue.sink)
    for await (const chunk of queue.chunks) await send(chunk)
  }
  socket.close(normalClosure, '')
}

async function drain({ messages }: MessageSocket): Promise<void> {
  for await (const _ of messages);
}
