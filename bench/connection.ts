import tls from 'node:tls'

export type Target = Readonly<{
  host: string
  port: number
  ca: string
  cert: string
  key: string
  /** As whom the requests are made; absent: whose certificate it is. */
  actAs?: Readonly<{ user: string; group: string }>
}>
export type Answer = Readonly<{ status: number; sizeBytes: number; body: string }>

/**
 * One keep-alive HTTP/1.1 connection with one request in flight, framed by hand: the cheapest client there is, so that the figures are
 * the server's and not the client's.
 */
export interface Connection {
  request(method: string, path: string, body?: string, keepBody?: boolean): Promise<Answer>
  /** A request whose answer does not end: calls back with each piece of the body, chunk framing taken off. */
  stream(path: string, onBody: (chunk: Buffer) => void): void
  /** The answer has come to its end, or the connection has closed. */
  isEnded(): boolean
  /** Reads no more from the connection: a client that has stopped listening. */
  pause(): void
  close(): void
}

export async function connect(target: Target): Promise<Connection> {
  const socket = tls.connect({ ...target, servername: 'localhost' })
  socket.setNoDelay(true)
  await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
  let onData: (data: Buffer) => void = () => {}
  let onBroken: (why: Error) => void = () => {}
  socket.on('data', (data) => onData(data))
  socket.on('error', (error) => onBroken(error))
  let isEnded = false
  socket.on('close', () => {
    isEnded = true
    onBroken(new Error('the server closed the connection'))
  })
  const { actAs } = target
  const acting = actAs === undefined ? '' : `Impersonate-User: ${actAs.user}\r\nImpersonate-Group: ${actAs.group}\r\n`
  const send = (method: string, path: string, body: string | undefined): void => {
    const content =
      body === undefined
        ? '\r\n'
        : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    socket.write(
      `${method} ${path} HTTP/1.1\r\nHost: ${target.host}:${target.port}\r\nAccept: application/json\r\nUser-Agent: bench\r\n${acting}${content}`,
    )
  }
  return {
    request: (method, path, body, keepBody = false) =>
      new Promise((resolve, reject) => {
        onBroken = reject
        const chunks: Buffer[] = []
        let sizeBytes = 0
        const onBody = (chunk: Buffer): void => {
          sizeBytes += chunk.length
          if (keepBody) chunks.push(chunk)
        }
        onData = answerReader(onBody, (status) =>
          resolve({ status, sizeBytes, body: keepBody ? Buffer.concat(chunks).toString() : '' }),
        )
        send(method, path, body)
      }),
    stream(path, onBody) {
      onBroken = () => {}
      onData = answerReader(onBody, () => {
        isEnded = true
      })
      send('GET', path, undefined)
    },
    isEnded: () => isEnded,
    pause: () => socket.pause(),
    close: () => socket.destroy(),
  }
}

/** Takes a piece of a body; true when the body has ended with it. */
type BodyReader = (data: Buffer) => boolean

function answerReader(onBody: (chunk: Buffer) => void, onEnd: (status: number) => void): (data: Buffer) => void {
  let head = ''
  let status = 0
  let read: BodyReader | undefined
  return (data) => {
    let body = data
    if (read === undefined) {
      head += data.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      status = Number(head.slice(9, 12))
      read = bodyReader(head.slice(0, end + 2), onBody)
      body = Buffer.from(head.slice(end + 4), 'latin1')
    }
    if (read(body)) onEnd(status)
  }
}

function bodyReader(head: string, onBody: (chunk: Buffer) => void): BodyReader {
  if (/\r\ntransfer-encoding: *chunked\r\n/i.test(head)) return chunkedReader(onBody)
  let leftBytes = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
  return (data) => {
    if (data.length > 0) onBody(data)
    leftBytes -= data.length
    return leftBytes <= 0
  }
}

/** Takes the framing of chunked transfer coding off. */
function chunkedReader(onBody: (chunk: Buffer) => void): BodyReader {
  /** Of the chunk being read and the line end behind it. */
  let leftBytes = 0
  let line = ''
  return (data) => {
    for (let at = 0; at < data.length; ) {
      if (leftBytes > 0) {
        const piece = data.subarray(at, at + leftBytes)
        const payload = piece.subarray(0, Math.max(0, leftBytes - 2))
        if (payload.length > 0) onBody(payload)
        leftBytes -= piece.length
        at += piece.length
        continue
      }
      const end = data.indexOf(10, at)
      line += data.toString('latin1', at, end < 0 ? data.length : end)
      if (end < 0) return false
      at = end + 1
      const sizeBytes = Number.parseInt(line, 16)
      line = ''
      // Trailers are not asked for: an empty line follows the last chunk.
      if (sizeBytes === 0) return true
      leftBytes = sizeBytes + 2
    }
    return false
  }
}
