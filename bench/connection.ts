import tls from 'node:tls'

export type Target = Readonly<{ host: string; port: number; ca: string; cert: string; key: string }>
export type Answer = Readonly<{ status: number; sizeBytes: number; body: string }>

/**
 * One keep-alive HTTP/1.1 connection with one request in flight, framed by hand: the cheapest client there is, so that the figures are
 * the server's and not the client's.
 */
export interface Connection {
  request(method: string, path: string, body?: string, keepBody?: boolean): Promise<Answer>
  /** A request whose answer does not end: calls back with each piece of the body, chunk framing taken off. */
  stream(path: string, onBody: (chunk: Buffer) => void): void
  close(): void
}

export async function connect(target: Target): Promise<Connection> {
  const socket = tls.connect({ ...target, servername: 'localhost' })
  socket.setNoDelay(true)
  await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
  socket.on('error', () => {})
  let onData: (data: Buffer) => void = () => {}
  socket.on('data', (data) => onData(data))
  const send = (method: string, path: string, body: string | undefined): void => {
    const content =
      body === undefined
        ? '\r\n'
        : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    socket.write(
      `${method} ${path} HTTP/1.1\r\nHost: ${target.host}:${target.port}\r\nAccept: application/json\r\nUser-Agent: bench\r\n${content}`,
    )
  }
  return {
    request: (method, path, body, keepBody = false) =>
      new Promise((resolve) => {
        onData = answerReader(keepBody, resolve)
        send(method, path, body)
      }),
    stream(path, onBody) {
      const unchunk = unchunker(onBody)
      let head = Buffer.alloc(0)
      let begun = false
      onData = (data) => {
        if (begun) return unchunk(data)
        head = Buffer.concat([head, data])
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        begun = true
        if (end + 4 < head.length) unchunk(head.subarray(end + 4))
      }
      send('GET', path, undefined)
    },
    close: () => socket.destroy(),
  }
}

function answerReader(keepBody: boolean, resolve: (answer: Answer) => void): (data: Buffer) => void {
  let chunks: Buffer[] = []
  let head = ''
  let [status, wantBytes, gotBytes] = [0, -1, 0]
  return (data) => {
    let body = data
    if (wantBytes < 0) {
      head += data.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      status = Number(head.slice(9, 12))
      wantBytes = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
      body = Buffer.from(head.slice(end + 4), 'latin1')
    }
    gotBytes += body.length
    if (keepBody) chunks.push(body)
    if (gotBytes < wantBytes) return
    resolve({ status, sizeBytes: gotBytes, body: keepBody ? Buffer.concat(chunks).toString() : '' })
    chunks = []
  }
}

/** Takes the framing of chunked transfer coding off. */
function unchunker(onBody: (chunk: Buffer) => void): (data: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (data) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data])
    for (;;) {
      const end = rest.indexOf('\r\n')
      if (end < 0) return
      const sizeBytes = Number.parseInt(rest.toString('latin1', 0, end), 16)
      if (rest.length < end + 2 + sizeBytes + 2) return
      if (sizeBytes > 0) onBody(rest.subarray(end + 2, end + 2 + sizeBytes))
      rest = rest.subarray(end + 2 + sizeBytes + 2)
    }
  }
}
