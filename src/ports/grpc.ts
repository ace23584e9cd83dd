import type { Result } from '../api/result.ts'

/** The codes of https://grpc.io/docs/guides/status-codes/, OK excepted: that one is a result. */
export const grpcCodes = [
  'Cancelled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
] as const
export type GrpcCode = (typeof grpcCodes)[number]

export type GrpcFailure = Readonly<{ code: GrpcCode; message: string }>
export type GrpcAnswer = Result<Uint8Array, GrpcFailure>

/** A way to one server. It connects when it is first used, and again after the server was away. */
export interface GrpcChannel {
  /**
   * One message there, one back. 'DeadlineExceeded' after the timeout, 'Cancelled' once `closed` is aborted or the server stops listening,
   * 'Unavailable' where nobody listens or the server dies meanwhile: whether it has done what was asked is not known then.
   */
  unary(
    method: string,
    request: Uint8Array,
    options: Readonly<{ timeoutMs: number; closed?: AbortSignal }>,
  ): Promise<GrpcAnswer>
  /** One message there, many back in their order; who reads slowly holds the server up. A failure is the last. Leaving the loop cancels the call. */
  serverStream(
    method: string,
    request: Uint8Array,
    options: Readonly<{ closed?: AbortSignal }>,
  ): AsyncIterable<GrpcAnswer>
  close(): void
}

/** Aborted when the caller has gone or its time is over. */
export type GrpcCall = Readonly<{ closed: AbortSignal }>

export type GrpcMethod =
  | Readonly<{ type: 'unary'; answer: (request: Uint8Array, call: GrpcCall) => Promise<GrpcAnswer> }>
  /** Ends with its iterable; a failure ends it too. */
  | Readonly<{ type: 'serverStream'; answer: (request: Uint8Array, call: GrpcCall) => AsyncIterable<GrpcAnswer> }>

/** By their full name: '/runtime.v1.RuntimeService/Version'. Others are 'Unimplemented'. */
export type GrpcMethods = ReadonlyMap<string, GrpcMethod>

export type GrpcListenError = Readonly<{ code: 'AddressInUse' | 'PermissionDenied' | 'Other'; message: string }>

export interface GrpcListener {
  /** Takes no more calls, cancels those that run, and removes the socket. */
  close(): Promise<void>
}

/** gRPC over unix sockets, both ways: container runtimes, storage and device plugins, key services. Messages are bytes here; `api/rpc` gives them types. */
export interface Grpc {
  connect(socketPath: string): GrpcChannel
  /** 'AddressInUse' where a server listens already; a socket that its server left behind is replaced. */
  listen(socketPath: string, methods: GrpcMethods): Promise<Result<GrpcListener, GrpcListenError>>
}
