import type {
  Client,
  ClientReadableStream,
  handleServerStreamingCall,
  handleUnaryCall,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceError,
} from '@grpc/grpc-js'
import { fail, ok } from '../../api/result.ts'
import { type GrpcAnswer, type GrpcFailure, type GrpcMethod, grpcCodes } from '../../ports/grpc.ts'

/** Messages are bytes on both sides of the library. */
export const asBytes = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
export const asMessage = (bytes: Buffer): Uint8Array => bytes

/** The numbers of codes on the wire; that of OK is 0. */
function numberOf({ code }: GrpcFailure): number {
  return grpcCodes.indexOf(code) + 1
}

function failureOf({ code, details }: Pick<ServiceError, 'code' | 'details'>): GrpcFailure {
  return { code: grpcCodes[code - 1] ?? 'Unknown', message: details }
}

type CallOptions = Readonly<{ timeoutMs?: number; closed?: AbortSignal }>

export function callUnary(client: Client, method: string, request: Uint8Array, options: CallOptions) {
  return new Promise<GrpcAnswer>((resolve) => {
    const deadline = Date.now() + (options.timeoutMs ?? Number.POSITIVE_INFINITY)
    const call = client.makeUnaryRequest(method, asBytes, asMessage, request, { deadline }, (error, answer) => {
      options.closed?.removeEventListener('abort', cancel)
      if (error !== null) resolve(fail(failureOf(error)))
      else resolve(ok(answer ?? new Uint8Array(0)))
    })
    const cancel = (): void => call.cancel()
    options.closed?.addEventListener('abort', cancel)
    if (options.closed?.aborted === true) cancel()
  })
}

/** The library stops reading from the connection while nobody takes the next message. */
export async function* callServerStream(
  client: Client,
  method: string,
  request: Uint8Array,
  { closed }: CallOptions,
): AsyncIterable<GrpcAnswer> {
  const call: ClientReadableStream<Uint8Array> = client.makeServerStreamRequest(method, asBytes, asMessage, request)
  const cancel = (): void => call.cancel()
  closed?.addEventListener('abort', cancel)
  if (closed?.aborted === true) cancel()
  try {
    for await (const message of call) yield ok(message as Uint8Array)
  } catch (error) {
    yield fail(failureOf(error as ServiceError))
  } finally {
    closed?.removeEventListener('abort', cancel)
    cancel()
  }
}

type Method<Type> = Extract<GrpcMethod, { type: Type }>

export function answeringUnary({ answer }: Method<'unary'>): handleUnaryCall<Uint8Array, Uint8Array> {
  return async (call, done) => {
    const answered = await answer(call.request, { closed: goneSignal(call) })
    if (answered.ok) done(null, answered.value)
    else done({ code: numberOf(answered.error), details: answered.error.message })
  }
}

export function answeringServerStream({
  answer,
}: Method<'serverStream'>): handleServerStreamingCall<Uint8Array, Uint8Array> {
  return async (call) => {
    const closed = goneSignal(call)
    for await (const answered of answer(call.request, { closed })) {
      if (closed.aborted) return
      if (!answered.ok) {
        call.emit('error', { code: numberOf(answered.error), details: answered.error.message })
        return
      }
      if (!call.write(answered.value)) await roomIn(call, closed)
    }
    call.end()
  }
}

type ServerCall = ServerUnaryCall<Uint8Array, Uint8Array> | ServerWritableStream<Uint8Array, Uint8Array>

function goneSignal(call: ServerCall): AbortSignal {
  const gone = new AbortController()
  call.on('cancelled', () => gone.abort())
  return gone.signal
}

function roomIn(call: ServerWritableStream<Uint8Array, Uint8Array>, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      call.off('drain', go)
      closed.removeEventListener('abort', go)
      resolve()
    }
    call.on('drain', go)
    closed.addEventListener('abort', go)
    if (closed.aborted) go()
  })
}
