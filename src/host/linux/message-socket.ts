import type { RawData, WebSocket } from 'ws'
import type { MessageSocket } from '../../ports/streams.ts'

// Beyond this many unread messages the socket is paused, so that a slow reader slows the writer down and holds no memory.
const unreadLimit = 64
const unsentLimitBytes = 1 << 20

export function messageSocketOf(socket: WebSocket): MessageSocket {
  const unread: Uint8Array[] = []
  let wake = (): void => {}
  let closed = false
  socket.on('message', (data) => {
    unread.push(bytesOf(data))
    if (unread.length >= unreadLimit) socket.pause()
    wake()
  })
  socket.on('close', () => {
    closed = true
    wake()
  })
  socket.on('error', () => socket.terminate())
  return {
    messages: read(),
    send: (message) =>
      new Promise((resolve) => {
        if (socket.readyState !== socket.OPEN) return resolve()
        socket.send(message, () => resolve())
        if (socket.bufferedAmount < unsentLimitBytes) resolve()
      }),
    close: (code, reason) => socket.close(code, reason),
  }

  async function* read(): AsyncIterable<Uint8Array> {
    for (;;) {
      const next = unread.shift()
      if (next !== undefined) {
        if (socket.isPaused && unread.length < unreadLimit / 2) socket.resume()
        yield next
      } else if (closed) return
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  }
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data)
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data
}
