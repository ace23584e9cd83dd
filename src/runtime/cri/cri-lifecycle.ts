import { ok, type Result } from '../../api/result.ts'
import type { ContainerSpec, PodRuntime, RuntimeError, SandboxSpec } from '../pod-runtime.ts'
import { failed } from '../runtime-failure.ts'
import { refused } from './cri-client.ts'
import { criContainerConfig } from './cri-container.ts'
import type { CriContext } from './cri-context.ts'
import { sandboxConfig } from './cri-sandbox.ts'
import { resourcesMessage } from './resource-messages.ts'

/** As the original waits for a runtime: twice its request timeout where an image of its own may have to come first. */
const sandboxWithinMs = 240_000
/** On top of the time that a container was given to end. */
const stopWithinMs = 120_000

type SandboxMethods = Pick<PodRuntime, 'runSandbox' | 'stopSandbox' | 'removeSandbox'>

export function criSandboxes(context: CriContext): SandboxMethods {
  const { client, state, name, cgroupPath } = context
  return {
    async runSandbox(spec) {
      const { handler: runtimeHandler = '' } = spec
      const config = sandboxConfig(spec, name, cgroupPath)
      const made = await client.runtime.RunPodSandbox({ config, runtimeHandler }, { timeoutMs: sandboxWithinMs })
      if (!made.ok) return refused(made.error)
      const sandbox = await state.refreshSandbox(made.value.podSandboxId, spec)
      return sandbox === undefined ? failed(`sandbox ${made.value.podSandboxId} has gone`) : ok(sandbox)
    },
    async stopSandbox(id) {
      const stopped = await client.runtime.StopPodSandbox({ podSandboxId: id })
      if (!stopped.ok && stopped.error.code !== 'NotFound') return refused(stopped.error)
      await refreshAll(context, id)
      return ok(undefined)
    },
    async removeSandbox(id) {
      const known = state.sandboxes.get(id)
      // Some runtimes remove what still runs, others refuse to.
      const stopped = await client.runtime.StopPodSandbox({ podSandboxId: id })
      if (!stopped.ok && stopped.error.code !== 'NotFound') return refused(stopped.error)
      const removed = await client.runtime.RemovePodSandbox({ podSandboxId: id })
      if (!removed.ok && removed.error.code !== 'NotFound') return refused(removed.error)
      for (const container of containersOf(context, id)) state.containers.drop(container)
      state.sandboxes.drop(id)
      if (known !== undefined) await removeCgroup(context, known.spec.cgroupParent)
      return ok(undefined)
    },
  }
}

function containersOf({ state }: CriContext, sandboxId: string): readonly string[] {
  return state.containers.all().flatMap((container) => (container.sandboxId === sandboxId ? [container.id] : []))
}

async function refreshAll(context: CriContext, sandboxId: string): Promise<void> {
  const { state } = context
  const spec = state.sandboxes.get(sandboxId)?.spec
  if (spec === undefined) return
  await state.refreshSandbox(sandboxId, spec)
  await Promise.all(containersOf(context, sandboxId).map((id) => state.refreshContainer(id, sandboxId)))
}

/** The pod's own cgroup, which the kubelet had made: the runtime removes only what is in it. */
async function removeCgroup({ state, cgroups, cgroupPath, log }: CriContext, parent: string): Promise<void> {
  if (state.sandboxes.all().some(({ spec }) => spec.cgroupParent === parent)) return
  const removed = await cgroups.remove(cgroupPath(parent))
  if (!removed.ok) log.warn("cannot remove a pod's cgroup", { path: parent, error: removed.error.message })
}

type ContainerMethods = Pick<
  PodRuntime,
  'createContainer' | 'startContainer' | 'stopContainer' | 'removeContainer' | 'updateResources' | 'reopenLog'
>

export function criContainers(context: CriContext): ContainerMethods {
  const { client, state, name, cgroupPath } = context
  const { runtime } = client
  const refresh = async (id: string): Promise<void> => {
    const known = state.containers.get(id)
    if (known !== undefined) await state.refreshContainer(id, known.sandboxId)
  }
  return {
    async createContainer(sandboxId, spec) {
      const sandbox = state.sandboxes.get(sandboxId)
      if (sandbox === undefined) return failed(`sandbox ${sandboxId} does not exist`, 'NotFound')
      const made = await runtime.CreateContainer({
        podSandboxId: sandboxId,
        config: criContainerConfig(spec, sandbox.spec, name),
        // One that came later, as an ephemeral container does, may do what none of those before it may.
        sandboxConfig: sandboxConfig(privilegedAs(sandbox.spec, spec), name, cgroupPath),
      })
      if (!made.ok) return refused(made.error)
      const container = await state.refreshContainer(made.value.containerId, sandboxId)
      return container === undefined ? failed(`container ${made.value.containerId} has gone`) : ok(container)
    },
    async startContainer(id) {
      const started = await runtime.StartContainer({ containerId: id })
      await refresh(id)
      return started.ok ? ok(undefined) : refused(started.error)
    },
    async stopContainer(id, graceSeconds) {
      const timeoutMs = graceSeconds * 1000 + stopWithinMs
      const stopped = await runtime.StopContainer({ containerId: id, timeout: graceSeconds }, { timeoutMs })
      await refresh(id)
      return gone(stopped)
    },
    async removeContainer(id) {
      const removed = await runtime.RemoveContainer({ containerId: id })
      if (removed.ok || removed.error.code === 'NotFound') state.containers.drop(id)
      return gone(removed)
    },
    async updateResources(id, resources) {
      const updated = await runtime.UpdateContainerResources({ containerId: id, linux: resourcesMessage(resources) })
      return updated.ok ? ok(undefined) : refused(updated.error)
    },
    async reopenLog(id) {
      const reopened = await runtime.ReopenContainerLog({ containerId: id })
      return reopened.ok ? ok(undefined) : refused(reopened.error)
    },
  }
}

function privilegedAs(sandbox: SandboxSpec, { security }: ContainerSpec): SandboxSpec {
  return security.privileged ? { ...sandbox, privileged: true } : sandbox
}

type Answer = Awaited<ReturnType<CriContext['client']['runtime']['StopContainer']>>

/** What is not there any more need not be stopped or removed. */
function gone(answer: Answer): Result<void, RuntimeError> {
  return answer.ok || answer.error.code === 'NotFound' ? ok(undefined) : refused(answer.error)
}
