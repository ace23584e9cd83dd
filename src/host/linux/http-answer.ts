import type { IncomingMessage, ServerResponse } from 'node:http'
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { promisify } from 'node:util'
import { gzip as gzipWithCallback } from 'node:zlib'
import { unreachable } from '../../api/assert.ts'
import { makeEnder } from '../../api/ending.ts'
import type { HttpHeaders, HttpResponse } from '../../ports/http.ts'
import type { ByteSink } from '../../ports/streams.ts'
import { byteSink } from './byte-sink.ts'

const gzip = promisify(gzipWithCallback)

// kube-apiserver compresses answers of more than 128 KiB, at level 4 down to 1 by version; 1 is what costs least.
const gzipFromBytes = 128 * 1024
const gzipLevel = 1
/** Up to this a piece is rather copied than written by itself. */
const togetherBytes = 4096

/** Streams being answered, so that a listener that closes can end them. */
export type Answering = Readonly<{ streams: Set<ByteSink> }>

type Whole = Extract<HttpResponse, { type: 'whole' }>

export async function sendOnHttp1(
  response: HttpResponse,
  request: IncomingMessage,
  out: ServerResponse,
  open: Answering,
): Promise<void> {
  switch (response.type) {
    case 'whole': {
      const isLarge = sizeOf(response.body) > gzipFromBytes
      const { status, headers, body } = isLarge
        ? await compressed(response, request.headers['accept-encoding'])
        : response
      out.writeHead(status, withLength(headers, sizeOf(body)))
      // With a small piece that comes first, as a list's head, they are written together.
      if (isLarge && firstSizeBytes(body) > togetherBytes) out.flushHeaders()
      if (request.method === 'HEAD') out.end()
      else if (isLarge) await sendPieces(out, body)
      else out.end(joined(body))
      // Without reading on, the rest of a refused body would be taken for the next request.
      if (!request.complete) request.resume()
      return
    }
    case 'stream':
      out.writeHead(response.status, response.headers)
      out.flushHeaders()
      return startStream(response.start, out, open)
    case 'websocket':
    case 'upgrade':
      out.writeHead(400, { 'content-type': 'text/plain' })
      out.end('unable to upgrade: missing upgrade headers in request')
      return
    default:
      return unreachable(response)
  }
}

export async function sendOnHttp2(
  response: HttpResponse,
  stream: ServerHttp2Stream,
  request: IncomingHttpHeaders,
  open: Answering,
): Promise<void> {
  if (stream.destroyed) return
  const headOnly = request[':method'] === 'HEAD'
  switch (response.type) {
    case 'whole': {
      const isLarge = sizeOf(response.body) > gzipFromBytes
      const { status, headers, body } = isLarge ? await compressed(response, request['accept-encoding']) : response
      if (stream.destroyed) return
      const sizeBytes = sizeOf(body)
      const endStream = sizeBytes === 0 || headOnly
      stream.respond({ ':status': status, ...endToEnd(headers), 'content-length': sizeBytes }, { endStream })
      if (endStream) return
      if (isLarge) await sendPieces(stream, body)
      else stream.end(joined(body))
      return
    }
    case 'stream':
      stream.respond({ ':status': response.status, ...endToEnd(response.headers) })
      return startStream(response.start, stream, open)
    case 'websocket':
    case 'upgrade':
      stream.respond({ ':status': 400, 'content-type': 'text/plain' })
      stream.end('unable to upgrade: HTTP/2 connections cannot be upgraded')
      return
    default:
      return unreachable(response)
  }
}

/** HTTP/2 has no headers about the connection, and refuses them: RFC 9113, 8.2.2. */
function endToEnd(headers: HttpHeaders): HttpHeaders {
  const { connection, 'keep-alive': keepAlive, 'transfer-encoding': transferEncoding, upgrade, ...rest } = headers
  return rest
}

function startStream(start: (sink: ByteSink) => void, out: ServerResponse | ServerHttp2Stream, open: Answering): void {
  const closed = makeEnder()
  const sink = byteSink(out, closed)
  open.streams.add(sink)
  out.once('close', () => {
    open.streams.delete(sink)
    closed.abort()
  })
  start(sink)
}

/** As Node's flat list of names and values, which costs a fraction of another object. */
function withLength(headers: HttpHeaders, sizeBytes: number): string[] {
  const list: string[] = []
  for (const name in headers) list.push(name, headers[name] ?? '')
  list.push('content-length', String(sizeBytes))
  return list
}

function sizeOf(body: Uint8Array | readonly Uint8Array[]): number {
  return body instanceof Uint8Array ? body.length : body.reduce((sum, chunk) => sum + chunk.length, 0)
}

function firstSizeBytes(body: Whole['body']): number {
  return body instanceof Uint8Array ? body.length : (body[0]?.length ?? 0)
}

function joined(body: Whole['body']): Uint8Array {
  return body instanceof Uint8Array ? body : Buffer.concat(body)
}

/** One after another: what is written together is copied together, and a list of two thousand objects is a megabyte. */
async function sendPieces(out: ServerResponse | ServerHttp2Stream, body: Whole['body']): Promise<void> {
  const pieces = body instanceof Uint8Array ? [body] : body
  for (const piece of pieces.slice(0, -1)) {
    await new Promise<void>((resolve) => out.write(piece, () => resolve()))
  }
  out.end(pieces.at(-1))
}

async function compressed(response: Whole, acceptEncoding: string | string[] | undefined): Promise<Whole> {
  if (!String(acceptEncoding ?? '').includes('gzip') || response.headers['content-encoding'] !== undefined)
    return response
  const body = await gzip(joined(response.body), { level: gzipLevel })
  return { ...response, headers: { ...response.headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' }, body }
}
