import { fail, ok, type Result } from '../api/result.ts'
import { decodeRpc } from '../api/rpc/decode.ts'
import { encodeRpc } from '../api/rpc/encode.ts'
import type { Received, RpcMessage, Sent } from '../api/rpc/message.ts'
import { methodPath, type RpcMethod, type RpcMethods, type RpcService } from '../api/rpc/service.ts'
import type { GrpcAnswer, GrpcCall, GrpcChannel, GrpcFailure, GrpcMethod, GrpcMethods } from '../ports/grpc.ts'

export type RpcAnswer<Message extends RpcMessage> = Result<Received<Message>, GrpcFailure>
export type RpcReply<Message extends RpcMessage> = Result<Sent<Message>, GrpcFailure>

type Called<Method extends RpcMethod> = Method['type'] extends 'unary'
  ? (request: Sent<Method['request']>, options?: UnaryOptions) => Promise<RpcAnswer<Method['response']>>
  : (request: Sent<Method['request']>, options?: StreamOptions) => AsyncIterable<RpcAnswer<Method['response']>>
export type UnaryOptions = Readonly<{ timeoutMs?: number; closed?: AbortSignal }>
export type StreamOptions = Readonly<{ closed?: AbortSignal }>
export type RpcClient<Service extends RpcService> = Readonly<{
  [Name in keyof Service['methods']]: Called<Service['methods'][Name]>
}>

/** As kubelets wait for their runtime (`runtimeRequestTimeout`). */
const defaultTimeoutMs = 120_000

/** The methods of a service as functions. An answer that is not what the service says is a failure with the code 'Internal'. */
export function rpcClient<Service extends RpcService>(channel: GrpcChannel, service: Service): RpcClient<Service> {
  const calls = Object.entries<RpcMethod>(service.methods).map(([name, method]) => {
    const path = methodPath(service.name, name)
    return [name, method.type === 'unary' ? unaryCall(channel, path, method) : streamCall(channel, path, method)]
  })
  return Object.fromEntries(calls) as RpcClient<Service>
}

function unaryCall(channel: GrpcChannel, path: string, { request, response }: RpcMethod) {
  return async (value: Sent<RpcMessage>, { timeoutMs = defaultTimeoutMs, closed }: UnaryOptions = {}) => {
    const options = closed === undefined ? { timeoutMs } : { timeoutMs, closed }
    return received(response, await channel.unary(path, encodeRpc(request, value), options))
  }
}

function streamCall(channel: GrpcChannel, path: string, { request, response }: RpcMethod) {
  return async function* (value: Sent<RpcMessage>, options: StreamOptions = {}) {
    for await (const answer of channel.serverStream(path, encodeRpc(request, value), options)) {
      const message = received(response, answer)
      yield message
      if (!message.ok) return
    }
  }
}

function received(message: RpcMessage, answer: GrpcAnswer): RpcAnswer<RpcMessage> {
  if (!answer.ok) return answer
  const decoded = decodeRpc(message, answer.value)
  return decoded.ok ? decoded : fail({ code: 'Internal', message: `failed to unmarshal, ${decoded.error}` })
}

type Handled<Method extends RpcMethod> = Method['type'] extends 'unary'
  ? (request: Received<Method['request']>, call: GrpcCall) => Promise<RpcReply<Method['response']>>
  : (request: Received<Method['request']>, call: GrpcCall) => AsyncIterable<RpcReply<Method['response']>>
/** Methods that are left out are 'Unimplemented'. */
export type RpcHandlers<Methods extends RpcMethods> = Readonly<{ [Name in keyof Methods]?: Handled<Methods[Name]> }>

/** What a server listens with; join the entries of several services into one map. */
export function rpcMethods<Methods extends RpcMethods>(
  service: RpcService<Methods>,
  handlers: RpcHandlers<Methods>,
): GrpcMethods {
  return new Map(
    Object.entries(handlers).map(([name, handler]) => {
      const method = service.methods[name] as RpcMethod
      return [methodPath(service.name, name), served(method, handler as Handled<RpcMethod>)]
    }),
  )
}

type AnyHandler = (request: Received<RpcMessage>, call: GrpcCall) => unknown

function served({ type, request, response }: RpcMethod, handler: AnyHandler): GrpcMethod {
  const sent = (reply: RpcReply<RpcMessage>): GrpcAnswer => (reply.ok ? ok(encodeRpc(response, reply.value)) : reply)
  const decode = (bytes: Uint8Array) => {
    const decoded = decodeRpc(request, bytes)
    return decoded.ok
      ? decoded
      : fail<GrpcFailure>({ code: 'Internal', message: `grpc: error unmarshalling request: ${decoded.error}` })
  }
  if (type === 'unary')
    return {
      type,
      async answer(bytes, call) {
        const decoded = decode(bytes)
        return decoded.ok ? sent(await (handler(decoded.value, call) as Promise<RpcReply<RpcMessage>>)) : decoded
      },
    }
  return {
    type,
    async *answer(bytes, call) {
      const decoded = decode(bytes)
      if (!decoded.ok) return yield decoded
      for await (const reply of handler(decoded.value, call) as AsyncIterable<RpcReply<RpcMessage>>) yield sent(reply)
    },
  }
}

/** A failed call as programs in Go word it: 'rpc error: code = NotFound desc = no such volume'. */
export function rpcErrorText({ code, message }: GrpcFailure): string {
  return `rpc error: code = ${code === 'Cancelled' ? 'Canceled' : code} desc = ${message}`
}
