import { ok } from '../../api/result.ts'
import type { runtimeService } from '../../api/rpc/cri.generated.ts'
import type { RpcHandlers } from '../../client/rpc.ts'
import { DiskError } from '../../ports/disk.ts'
import { resourcesOf } from '../cri/resource-messages.ts'
import type { ContainerRecord } from '../engine/engine-record.ts'
import type { ContainerSpec } from '../pod-runtime.ts'
import { containerMessage, containerPasses } from './container-messages.ts'
import { containerSpec } from './container-spec.ts'
import { statusOf } from './container-status.ts'
import type { CriContext } from './cri-context.ts'
import { refuse, refused } from './cri-failure.ts'
import { containerRecord, containers, sandboxRecord } from './lookup.ts'

type Methods = (typeof runtimeService)['methods']

export function containerMethods(context: CriContext): RpcHandlers<Methods> {
  return { ...livingMethods(context), ...askingMethods(context) }
}

/** What makes, changes and ends containers. */
function livingMethods(context: CriContext): RpcHandlers<Methods> {
  const { engine } = context
  return {
    async CreateContainer({ podSandboxId, config, sandboxConfig }) {
      const sandbox = sandboxRecord(context, podSandboxId)
      if (!sandbox.ok) return sandbox
      if (config === undefined || sandboxConfig === undefined)
        return refuse('InvalidArgument', 'container and sandbox config must be given')
      const spec = containerSpec(config, sandboxConfig, sandbox.value.spec, context.settings)
      if (!spec.ok) return spec
      if (isTaken(context, sandbox.value.id, spec.value)) {
        const name = `${spec.value.name}_${sandbox.value.id}_${spec.value.attempt}`
        return refuse('Unknown', `failed to reserve container name "${name}": name "${name}" is reserved`)
      }
      const missing = await makeHostPaths(context, spec.value)
      if (missing !== undefined) return refuse('Unknown', missing)
      const made = await engine.createContainer(sandbox.value.id, spec.value)
      return made.ok ? ok({ containerId: made.value.id }) : refused(made.error, 'failed to create container')
    },
    async StartContainer({ containerId }) {
      const found = containerRecord(context, containerId)
      if (!found.ok) return found
      const started = await engine.startContainer(found.value.id)
      return started.ok ? ok({}) : refused(started.error, `failed to start container "${containerId}"`)
    },
    async StopContainer({ containerId, timeout }) {
      const found = containerRecord(context, containerId)
      // No error where there is none: the CRI asks for it.
      const stopped = found.ok ? await engine.stopContainer(found.value.id, timeout) : ok(undefined)
      return stopped.ok ? ok({}) : refused(stopped.error, `failed to stop container "${containerId}"`)
    },
    async RemoveContainer({ containerId }) {
      const found = containerRecord(context, containerId)
      const removed = found.ok ? await engine.removeContainer(found.value.id) : ok(undefined)
      return removed.ok ? ok({}) : refused(removed.error, `failed to remove container "${containerId}"`)
    },
    async UpdateContainerResources({ containerId, linux }) {
      const found = containerRecord(context, containerId)
      if (!found.ok) return found
      const { resources } = found.value.spec
      const wanted = { ...resources, ...resourcesOf(linux), oomScoreAdj: resources.oomScoreAdj }
      const updated = await engine.updateResources(found.value.id, wanted)
      return updated.ok ? ok({}) : refused(updated.error, `failed to update resources of container "${containerId}"`)
    },
    async ReopenContainerLog({ containerId }) {
      const found = containerRecord(context, containerId)
      if (!found.ok) return found
      const reopened = await engine.reopenLog(found.value.id)
      return reopened.ok ? ok({}) : refused(reopened.error, `failed to reopen log of container "${containerId}"`)
    },
    async CheckpointContainer() {
      return refuse('Unimplemented', 'method CheckpointContainer not implemented')
    },
  }
}

function askingMethods(context: CriContext): RpcHandlers<Methods> {
  return {
    async ListContainers({ filter }) {
      const passing = containers(context).filter((record) => containerPasses(filter, record))
      return ok({ containers: passing.map(containerMessage) })
    },
    async *StreamContainers({ filter }) {
      const passing = containers(context).filter((record) => containerPasses(filter, record))
      yield ok({ containers: passing.map(containerMessage) })
    },
    async ContainerStatus({ containerId, verbose }) {
      const found = containerRecord(context, containerId)
      if (!found.ok) return found
      return ok({
        status: await statusOf(context, found.value),
        info: verbose ? await containerInfo(context, found.value) : {},
      })
    },
  }
}

function isTaken(context: CriContext, sandboxId: string, { name, attempt }: ContainerSpec): boolean {
  return containers(context).some(
    (other) => other.sandboxId === sandboxId && other.spec.name === name && other.spec.attempt === attempt,
  )
}

/** containerd: what is to be shown and is not there becomes a folder. The text tells what stands in the way. */
async function makeHostPaths({ disk }: CriContext, { mounts }: ContainerSpec): Promise<string | undefined> {
  for (const { hostPath } of mounts) {
    try {
      if (!(await disk.exists(hostPath))) await disk.makeDirectory(hostPath, 0o755)
    } catch (error) {
      if (error instanceof DiskError) return `failed to mkdir "${hostPath}": ${error.message}`
      throw error
    }
  }
  return undefined
}

/** What inspection tools show. */
async function containerInfo(
  { engine }: CriContext,
  { id, sandboxId, spec }: ContainerRecord,
): Promise<Readonly<Record<string, string>>> {
  const [pid, runtimeSpec] = await Promise.all([engine.processOf(id), engine.containerConfig(id)])
  return { info: JSON.stringify({ sandboxID: sandboxId, pid: pid ?? 0, config: spec, runtimeSpec }) }
}
