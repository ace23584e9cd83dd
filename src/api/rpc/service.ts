import type { RpcMessage } from './message.ts'

export type RpcMethod<Request extends RpcMessage = RpcMessage, Response extends RpcMessage = RpcMessage> = Readonly<{
  type: 'unary' | 'serverStream'
  request: Request
  response: Response
}>

/** A gRPC service as data. */
export type RpcService<Methods extends RpcMethods = RpcMethods> = Readonly<{
  /** With its package: 'runtime.v1.RuntimeService'. */
  name: string
  methods: Methods
}>
export type RpcMethods = Readonly<Record<string, RpcMethod>>

export function service<const Methods extends RpcMethods>(name: string, methods: Methods): RpcService<Methods> {
  return { name, methods }
}

export function unary<Request extends RpcMessage, Response extends RpcMessage>(request: Request, response: Response) {
  return { type: 'unary', request, response } as const
}

export function serverStream<Request extends RpcMessage, Response extends RpcMessage>(
  request: Request,
  response: Response,
) {
  return { type: 'serverStream', request, response } as const
}

/** '/runtime.v1.RuntimeService/Version' */
export function methodPath(serviceName: string, method: string): string {
  return `/${serviceName}/${method}`
}
