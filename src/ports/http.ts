import type { Ending } from '../api/ending.ts'
import type { Result } from '../api/result.ts'
import type { ByteSink, Duplex, MessageSocket } from './streams.ts'

/** Names in lower case; a repeated header is joined with ', '. */
export type HttpHeaders = Readonly<Record<string, string>>

export interface HttpBody {
  /** The whole body, or 'TooLarge' as soon as it exceeds the limit. Call at most one of bytes and chunks, once. */
  bytes(limitBytes: number): Promise<Result<Uint8Array, 'TooLarge' | 'Aborted'>>
  chunks(): AsyncIterable<Uint8Array>
}

/** Who is at the other end, as the transport knows it. */
export type HttpPeer = Readonly<{
  address: string
  /** Subject of a client certificate that chains to our client CA and is within its dates. */
  certificate?: Readonly<{
    commonName: string
    organizations: readonly string[]
    /** Kubernetes' own attribute of names, 1.3.6.1.4.1.57683.2, where it is there once. */
    userUid?: string
    /** SHA-256 of the certificate in hexadecimal digits: which of a user's credentials this is. */
    fingerprint?: string
    /** The common name of the authority that signed it. */
    issuer?: string
  }>
  /** Set instead when a client certificate was shown that does not verify: why not. Such a request is refused with 401. */
  certificateError?: string
}>

export type HttpRequest = Readonly<{
  method: string
  /** Path and query as on the wire: '/api/v1/pods?watch=1'. */
  target: string
  headers: HttpHeaders
  body: HttpBody
  peer: HttpPeer
  /** Aborted when the client has gone. */
  closed: Ending
}>

export type HttpResponse =
  /** A whole answer. Several chunks are sent as one body without being joined first. */
  | Readonly<{
      type: 'whole'
      status: number
      headers: HttpHeaders
      body: Uint8Array | readonly Uint8Array[]
      /** Only of use where the client is in this very process: what the body says as JSON. Neither side changes it. */
      value?: () => object
    }>
  /** An answer whose body is written as it comes into being: watches, logs. Headers go out at once. */
  | Readonly<{ type: 'stream'; status: number; headers: HttpHeaders; start: (sink: ByteSink) => void }>
  | Readonly<{ type: 'websocket'; subprotocol: string; start: (socket: MessageSocket) => void }>
  /** 101 Switching Protocols to raw bytes, as for SPDY/3.1. */
  | Readonly<{ type: 'upgrade'; protocol: string; headers: HttpHeaders; start: (duplex: Duplex) => void }>

/** One exchange. It never rejects for anything a client sent. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse>

export type TlsIdentity = Readonly<{
  certificatePem: string
  keyPem: string
  clientCaPem: string
  frontProxyCaPem?: string
}>
export type ListenAt =
  /** netnsPath: the network namespace whose address it is; absent: the host's. */
  | Readonly<{ type: 'tcp'; address: string; port: number; tls?: TlsIdentity; netnsPath?: string }>
  | Readonly<{ type: 'unix'; path: string }>
export type ListenError = Readonly<{
  code: 'AddressInUse' | 'AddressNotAvailable' | 'PermissionDenied' | 'Other'
  message: string
}>

export interface HttpListener {
  /** The port in use, when 0 was asked for. */
  readonly port: number
  /** Takes no new connections, ends streams, and resolves when all exchanges are done or graceMs has passed. */
  close(graceMs: number): Promise<void>
}

export type OutgoingRequest = Readonly<{
  method: string
  /** http:// or https:// */
  url: string
  /** Connect to this unix socket instead of the URL's host. */
  socketPath?: string
  /** Connect there instead of to the URL's host, whose name still is the one that is asked for and that a certificate must bear. */
  connectTo?: Readonly<{ host: string; port: number }>
  headers: HttpHeaders
  /** Headers that are sent once for each value: who reads them does not split. */
  repeatedHeaders?: Readonly<Record<string, readonly string[]>>
  body?: Uint8Array | AsyncIterable<Uint8Array>
  /** From the start of the request to the head of the answer. */
  timeoutMs: number
  /** https only: 'skip' accepts any certificate, as Kubernetes probes do. Absent: the system's roots. */
  verify?: 'skip' | Readonly<{ caPem: string }>
  /** https only: who we are, where the other side wants to know. */
  identity?: Readonly<{ certificatePem: string; keyPem: string }>
  /** Redirects are followed up to this number; 0 returns them. */
  maxRedirects: number
  closed?: Ending
}>
export type IncomingResponse = Readonly<{ status: number; headers: HttpHeaders; body: HttpBody }>
/** What became of a request to leave HTTP: the connection as it is from then on, or an answer as any other. */
export type Upgraded =
  | Readonly<{ type: 'switched'; headers: HttpHeaders; duplex: Duplex }>
  | Readonly<{ type: 'answered'; answer: IncomingResponse }>
export type RequestError = Readonly<{ code: 'Refused' | 'TimedOut' | 'Unreachable' | 'Tls' | 'Other'; message: string }>

/** HTTP both ways: HTTP/1.1 and HTTP/2 on one TLS port, plain HTTP on a unix socket, requests outward. */
export interface Http {
  listen(at: ListenAt, handler: HttpHandler): Promise<Result<HttpListener, ListenError>>
  request(request: OutgoingRequest): Promise<Result<IncomingResponse, RequestError>>
  /** The same for a request with the headers `connection: Upgrade` and `upgrade`. Redirects are not followed. */
  upgrade(request: OutgoingRequest): Promise<Result<Upgraded, RequestError>>
}
