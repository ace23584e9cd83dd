import { fail, type Result } from '../../api/result.ts'
import { imageService, runtimeService } from '../../api/rpc/cri.generated.ts'
import { type RpcClient, rpcClient } from '../../client/rpc.ts'
import type { GrpcChannel, GrpcFailure } from '../../ports/grpc.ts'
import type { RuntimeError } from '../pod-runtime.ts'

/** Both services of a runtime: one socket has them. */
export type CriClient = Readonly<{
  runtime: RpcClient<typeof runtimeService>
  images: RpcClient<typeof imageService>
}>

export function criClient(channel: GrpcChannel): CriClient {
  return { runtime: rpcClient(channel, runtimeService), images: rpcClient(channel, imageService) }
}

/** Worded as clients in Go do it, which is what people know from a pod's events. */
export function refused(failure: GrpcFailure, code?: RuntimeError['code']): Result<never, RuntimeError> {
  return fail({ code: code ?? codeOf(failure), message: rpcMessage(failure) })
}

export function rpcMessage({ code, message }: GrpcFailure): string {
  return `rpc error: code = ${code} desc = ${message}`
}

function codeOf({ code }: GrpcFailure): RuntimeError['code'] {
  switch (code) {
    case 'NotFound':
    case 'AlreadyExists':
    case 'InvalidArgument':
      return code
    default:
      return 'Failed'
  }
}
