import { ok } from '../../api/result.ts'
import type { runtimeService } from '../../api/rpc/cri.generated.ts'
import type { RpcHandlers } from '../../client/rpc.ts'
import { DiskError } from '../../ports/disk.ts'
import type { SandboxRecord } from '../engine/engine-record.ts'
import { statusOf } from './container-status.ts'
import type { CriContext } from './cri-context.ts'
import { nanoseconds } from './cri-context.ts'
import { refuse, refused } from './cri-failure.ts'
import { containersOf, sandboxes, sandboxNamed, sandboxRecord } from './lookup.ts'
import { sandboxMessage, sandboxPasses, sandboxStatusMessage } from './sandbox-messages.ts'
import { type HostTexts, sandboxSpec } from './sandbox-spec.ts'

type Methods = (typeof runtimeService)['methods']

export function sandboxMethods(context: CriContext): RpcHandlers<Methods> {
  const { engine, clock } = context
  return {
    async RunPodSandbox({ config, runtimeHandler }) {
      if (config === undefined) return refuse('InvalidArgument', 'sandbox config must include metadata')
      const spec = sandboxSpec(config, runtimeHandler, context.settings, await hostTexts(context))
      if (!spec.ok) return spec
      const made = await engine.runSandbox(spec.value)
      return made.ok ? ok({ podSandboxId: made.value.id }) : refused(made.error, 'failed to run sandbox')
    },
    async StopPodSandbox({ podSandboxId }) {
      const id = sandboxNamed(context, podSandboxId)
      // No error where there is none: the CRI asks for it.
      const stopped = id.ok ? await engine.stopSandbox(id.value) : ok(undefined)
      return stopped.ok ? ok({}) : refused(stopped.error, `failed to stop sandbox "${podSandboxId}"`)
    },
    async RemovePodSandbox({ podSandboxId }) {
      const id = sandboxNamed(context, podSandboxId)
      const removed = id.ok ? await engine.removeSandbox(id.value) : ok(undefined)
      return removed.ok ? ok({}) : refused(removed.error, `failed to remove sandbox "${podSandboxId}"`)
    },
    async PodSandboxStatus({ podSandboxId, verbose }) {
      const found = sandboxRecord(context, podSandboxId)
      if (!found.ok) return found
      const record = found.value
      return ok({
        status: sandboxStatusMessage(record),
        containersStatuses: await Promise.all(
          containersOf(context, record.id).map((container) => statusOf(context, container)),
        ),
        timestamp: nanoseconds(clock.nowMs()),
        info: verbose ? sandboxInfo(record) : {},
      })
    },
    async ListPodSandbox({ filter }) {
      return ok({
        items: sandboxes(context)
          .filter((record) => sandboxPasses(filter, record))
          .map(sandboxMessage),
      })
    },
    async *StreamPodSandboxes({ filter }) {
      const passing = sandboxes(context).filter((record) => sandboxPasses(filter, record))
      yield ok({ podSandboxes: passing.map(sandboxMessage) })
    },
    async UpdatePodSandboxResources({ podSandboxId }) {
      // The pod's cgroup is its kubelet's; there is nothing of the sandbox's own to bound (as containerd answers).
      const found = sandboxRecord(context, podSandboxId)
      return found.ok ? ok({}) : found
    },
  }
}

/** What inspection tools show. */
function sandboxInfo({ spec, namespaces }: SandboxRecord): Readonly<Record<string, string>> {
  return { info: JSON.stringify({ config: spec, namespaces }) }
}

async function hostTexts({ disk, settings: { hostFiles } }: CriContext): Promise<HostTexts> {
  const [resolvConf, hosts] = await Promise.all(
    [hostFiles.resolvConf, hostFiles.hosts].map((path) => textOf(disk, path)),
  )
  return { resolvConf: resolvConf ?? '', hosts: hosts ?? '' }
}

/** Not every machine has them. */
async function textOf(disk: CriContext['disk'], path: string): Promise<string> {
  try {
    return new TextDecoder().decode(await disk.readFile(path))
  } catch (error) {
    if (error instanceof DiskError) return ''
    throw error
  }
}
