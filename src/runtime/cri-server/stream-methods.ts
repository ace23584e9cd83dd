import { ok, type Result } from '../../api/result.ts'
import type { runtimeService } from '../../api/rpc/cri.generated.ts'
import type { RpcHandlers } from '../../client/rpc.ts'
import type { GrpcFailure } from '../../ports/grpc.ts'
import type { ContainerRecord } from '../engine/engine-record.ts'
import { streamedAttach, streamedExec } from '../streaming/serve-command.ts'
import type { CriContext } from './cri-context.ts'
import { refuse, refused } from './cri-failure.ts'
import { containerRecord, sandboxRecord } from './lookup.ts'
import type { StreamingServer } from './streaming-server.ts'

type Methods = (typeof runtimeService)['methods']

/** containerd: more than that of either stream is dropped. */
const longestOutputBytes = 16 << 20

export function streamMethods(context: CriContext, streaming: StreamingServer): RpcHandlers<Methods> {
  const { engine } = context
  return {
    async ExecSync({ containerId, cmd, timeout }) {
      const found = running(context, containerId)
      if (!found.ok) return found
      const ended = await engine.execSync(found.value.id, cmd, timeout * 1000, longestOutputBytes)
      if (!ended.ok) return refused(ended.error)
      const { exitCode, stdout, stderr, timedOut } = ended.value
      if (timedOut)
        return refuse(
          'DeadlineExceeded',
          `failed to exec in container: timeout ${timeout}s exceeded: context deadline exceeded`,
        )
      return ok({ exitCode, stdout, stderr })
    },
    async Exec({ containerId, cmd, tty, stdin, stdout, stderr }) {
      const found = running(context, containerId)
      if (!found.ok) return found
      const options = streamsAsked({ tty, stdin, stdout, stderr })
      if (!options.ok) return options
      return streaming.url({
        type: 'exec',
        options: options.value,
        command: streamedExec(engine, found.value.id, cmd, tty),
      })
    },
    async Attach({ containerId, tty, stdin, stdout, stderr }) {
      const found = running(context, containerId)
      if (!found.ok) return found
      const options = streamsAsked({ tty, stdin, stdout, stderr })
      if (!options.ok) return options
      return streaming.url({ type: 'attach', options: options.value, command: streamedAttach(engine, found.value.id) })
    },
    async PortForward({ podSandboxId, port }) {
      const found = sandboxRecord(context, podSandboxId)
      if (!found.ok) return found
      const { id, state } = found.value
      if (state !== 'ready') return refuse('Unknown', 'sandbox container is not running')
      return streaming.url({ type: 'portforward', target: { runtime: engine, sandboxId: id, uid: '' }, ports: port })
    },
  }
}

function running(context: CriContext, containerId: string): Result<ContainerRecord, GrpcFailure> {
  const found = containerRecord(context, containerId)
  if (!found.ok) return found
  const { state } = found.value
  if (state === 'running') return found
  return refuse('Unknown', `container is in CONTAINER_${state.toUpperCase()} state`)
}

type Asked = Readonly<{ tty: boolean; stdin: boolean; stdout: boolean; stderr: boolean }>

/** As the original's streaming server judges them. */
function streamsAsked(asked: Asked): Result<Asked, GrpcFailure> {
  const { tty, stdin, stdout, stderr } = asked
  if (tty && stderr) return refuse('InvalidArgument', 'tty and stderr cannot both be true')
  return stdin || stdout || stderr
    ? ok(asked)
    : refuse('InvalidArgument', 'one of stdin, stdout, or stderr must be set')
}
