import { ok, type Result } from '../../api/result.ts'
import { imageService, runtimeService } from '../../api/rpc/cri.generated.ts'
import { rpcMethods } from '../../client/rpc.ts'
import type { Grpc, GrpcListenError } from '../../ports/grpc.ts'
import { containerMethods } from './container-methods.ts'
import type { CriContext } from './cri-context.ts'
import { eventMethods } from './event-methods.ts'
import { imageMethods } from './image-methods.ts'
import { metricMethods } from './metric-methods.ts'
import { runtimeMethods } from './runtime-methods.ts'
import { sandboxMethods } from './sandbox-methods.ts'
import { statsMethods } from './stats-methods.ts'
import { streamMethods } from './stream-methods.ts'
import { type StreamingParts, streamingServer } from './streaming-server.ts'

export type CriServerParts = CriContext & StreamingParts & Readonly<{ grpc: Grpc; socketPath: string }>

export interface CriServer {
  /** Takes no more calls, and cancels those that run. Containers go on. */
  close(): Promise<void>
}

/** Serves the engine as a container runtime: the CRI, version 1, on a unix socket. */
export async function startCriServer(parts: CriServerParts): Promise<Result<CriServer, GrpcListenError>> {
  const streaming = streamingServer(parts)
  const runtime = {
    ...runtimeMethods(parts),
    ...sandboxMethods(parts),
    ...containerMethods(parts),
    ...streamMethods(parts, streaming),
    ...statsMethods(parts),
    ...eventMethods(parts),
    ...metricMethods(parts),
  }
  const methods = new Map([...rpcMethods(runtimeService, runtime), ...rpcMethods(imageService, imageMethods(parts))])
  const listener = await parts.grpc.listen(parts.socketPath, methods)
  if (!listener.ok) return listener
  return ok({
    async close() {
      await listener.value.close()
      await streaming.close()
    },
  })
}
