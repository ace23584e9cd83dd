import { createHash } from 'node:crypto'
import { chmod, unlink } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Server as ListeningServer, ListenOptions, Socket } from 'node:net'
import type { Duplex as NodeDuplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { fail, ok, type Result } from '../../api/result.ts'
import { parseCertificates } from '../../api/x509/certificate.ts'
import { pemOf } from '../../api/x509/pem.ts'
import type {
  HttpBody,
  HttpHandler,
  HttpHeaders,
  HttpListener,
  HttpPeer,
  HttpRequest,
  ListenAt,
  ListenError,
} from '../../ports/http.ts'
import { ClosedEnding } from './closed-ending.ts'
import { type Answering, sendOnHttp1, sendOnHttp2 } from './http-answer.ts'
import { bodyOf, emptyBody } from './http-body.ts'
import { answerUpgrade } from './http-upgrade.ts'
import { listeningSocket } from './listening-socket.ts'

// As kube-apiserver: 250 streams a connection; the rest bounds what an idle or slow client can hold.
const http2Settings = { maxConcurrentStreams: 250, initialWindowSize: 256 * 1024 }
const keepAliveTimeoutMs = 180_000

type AnyServer = Server | Http2SecureServer

export async function listen(at: ListenAt, handler: HttpHandler): Promise<Result<HttpListener, ListenError>> {
  const open: Answering = { streams: new Set() }
  const sockets = new Set<Socket>()
  const sessions = new Set<Http2Session>()
  const server = makeServer(at)
  server.on(at.type === 'tcp' && at.tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.setNoDelay(true)
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) =>
    serveHttp1(handler, open, request, response),
  )
  server.on('upgrade', (request: IncomingMessage, socket: NodeDuplex, head: Uint8Array) => {
    void answerUpgrade(handler, requestOf(request, request, socket), request, socket, head)
  })
  if (at.type === 'tcp' && at.tls) serveHttp2(server as Http2SecureServer, handler, open, sessions)
  const failed = await start(server, at)
  if (failed !== undefined) return fail(failed)
  return ok({ port: portOf(server), close: (graceMs) => close(server, open, sockets, sessions, graceMs) })
}

function makeServer(at: ListenAt): AnyServer {
  if (at.type === 'unix' || at.tls === undefined) return createServer({ keepAliveTimeout: keepAliveTimeoutMs })
  const { certificatePem, keyPem, clientCaPem, frontProxyCaPem } = at.tls
  return createSecureServer({
    allowHTTP1: true,
    cert: certificatePem,
    key: keyPem,
    ca: frontProxyCaPem === undefined ? clientCaPem : [clientCaPem, frontProxyCaPem],
    requestCert: true,
    // Whether the certificate is good is the authenticator's to say, in a Status.
    rejectUnauthorized: false,
    settings: http2Settings,
    keepAliveTimeout: keepAliveTimeoutMs,
  } as Parameters<typeof createSecureServer>[0])
}

/** HTTP/2 through Node's stream interface: its compatibility layer, which a 'request' listener brings along, halves the throughput. */
function serveHttp2(
  server: Http2SecureServer,
  handler: HttpHandler,
  open: Answering,
  sessions: Set<Http2Session>,
): void {
  server.removeAllListeners('stream')
  server.on('stream', (stream, headers) => {
    const method = headers[':method'] ?? 'GET'
    stream.on('error', () => {})
    const request: HttpRequest = {
      method,
      target: headers[':path'] ?? '/',
      headers: http2Headers(headers),
      body: bodyOnHttp2(stream, method),
      peer: peerOf(stream.session?.socket),
      closed: new ClosedEnding(stream),
    }
    void handler(request).then((response) => sendOnHttp2(response, stream, headers, open))
  })
  server.on('session', (session) => {
    sessions.add(session)
    session.on('error', () => session.destroy())
    session.once('close', () => sessions.delete(session))
  })
}

function bodyOnHttp2(stream: ServerHttp2Stream, method: string): HttpBody {
  return stream.endAfterHeaders || method === 'GET' ? emptyBody : bodyOf(stream)
}

function http2Headers(headers: IncomingHttpHeaders): HttpHeaders {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':')) continue
    plain[name] = Array.isArray(value) ? value.join(', ') : (value ?? '')
  }
  plain.host ??= headers[':authority'] ?? ''
  return plain
}

function serveHttp1(handler: HttpHandler, open: Answering, request: IncomingMessage, response: ServerResponse): void {
  response.on('error', () => {})
  void handler(requestOf(request, response, request.socket)).then((answer) =>
    sendOnHttp1(answer, request, response, open),
  )
}

function requestOf(request: IncomingMessage, closing: NodeJS.EventEmitter, socket: NodeDuplex): HttpRequest {
  const method = request.method ?? 'GET'
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
  const body = hasBody && request.headers['content-length'] !== '0' ? bodyOf(request) : emptyBody
  // Set-Cookie is the only header that Node gives as a list, and requests have none.
  const headers = request.headers as HttpHeaders
  const closed = new ClosedEnding(closing)
  return { method, target: request.url ?? '/', headers, body, peer: peerOf(socket), closed }
}

const peers = new WeakMap<object, HttpPeer>()

/** Parsing a certificate is dear, so it happens once a connection. */
function peerOf(socket: NodeDuplex | undefined): HttpPeer {
  if (socket === undefined) return { address: '' }
  const known = peers.get(socket)
  if (known !== undefined) return known
  const address = (socket as Socket).remoteAddress ?? ''
  const peer =
    socket instanceof TLSSocket || 'getPeerCertificate' in socket
      ? { address, ...subjectOf(socket as TLSSocket) }
      : { address }
  peers.set(socket, peer)
  return peer
}

function subjectOf(socket: TLSSocket): Pick<HttpPeer, 'certificate' | 'certificateError'> {
  const shown = socket.getPeerCertificate()
  // Several values of one field come as a list, whatever the declaration says.
  const subject = shown.subject as undefined | Readonly<Record<'CN' | 'O', string | string[] | undefined>>
  if (subject === undefined) return {}
  if (!socket.authorized) return { certificateError: String(socket.authorizationError) }
  const uids = userUidsOf(shown.raw)
  if (uids.length > 1) return { certificateError: `expected 1 UID, but found multiple: [${uids.join(' ')}]` }
  if (uids[0] === '') return { certificateError: 'UID cannot be an empty string' }
  const names = {
    commonName: [subject.CN ?? ''].flat()[0] ?? '',
    organizations: [subject.O ?? []].flat(),
    issuer: [(shown.issuer as Readonly<{ CN?: string | string[] }>).CN ?? ''].flat()[0] ?? '',
    fingerprint: createHash('sha256').update(shown.raw).digest('hex'),
  }
  return { certificate: { ...names, ...(uids[0] === undefined ? {} : { userUid: uids[0] }) } }
}

function userUidsOf(der: Uint8Array): readonly string[] {
  const parsed = parseCertificates(pemOf('CERTIFICATE', der))
  return parsed.ok ? parsed.value.flatMap(({ subject }) => subject.userUids) : []
}

async function start(server: AnyServer, at: ListenAt): Promise<ListenError | undefined> {
  if (at.type === 'tcp' && at.netnsPath !== undefined) {
    const socket = await listeningSocket({ ...at, netnsPath: at.netnsPath })
    if (!socket.ok) return { code: listenCode(socket.error.code), message: socket.error.message }
    return listenOn(server, socket.value)
  }
  // What is left of a socket file whose listener is gone cannot be bound again.
  if (at.type === 'unix') await unlink(at.path).catch(() => {})
  const place = at.type === 'unix' ? { path: at.path } : { host: at.address, port: at.port, backlog: 1024 }
  const failed = await listenOn(server, place)
  if (failed === undefined && at.type === 'unix') await chmod(at.path, 0o600)
  return failed
}

function listenOn(server: AnyServer, place: ListenOptions | ListeningServer): Promise<ListenError | undefined> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ code: listenCode(error.code), message: error.message }),
    )
    server.listen(place, () => {
      server.removeAllListeners('error')
      server.on('error', () => {})
      resolve(undefined)
    })
  })
}

function listenCode(code: string | undefined): ListenError['code'] {
  if (code === 'EADDRINUSE') return 'AddressInUse'
  if (code === 'EADDRNOTAVAIL') return 'AddressNotAvailable'
  return code === 'EACCES' ? 'PermissionDenied' : 'Other'
}

function portOf(server: AnyServer): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function close(
  server: AnyServer,
  open: Answering,
  sockets: Set<Socket>,
  sessions: Set<Http2Session>,
  graceMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const sink of open.streams) sink.end()
  for (const session of sessions) session.close()
  if ('closeIdleConnections' in server) server.closeIdleConnections()
  const timer = setTimeout(() => {
    for (const socket of sockets) socket.destroy()
  }, graceMs)
  await closed
  clearTimeout(timer)
}
