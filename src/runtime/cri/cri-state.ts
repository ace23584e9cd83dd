import type { container, podSandbox } from '../../api/rpc/cri.generated.ts'
import type { Received } from '../../api/rpc/message.ts'
import type { Container, RuntimeEvent, Sandbox, SandboxSpec } from '../pod-runtime.ts'
import { type CriCache, criCache, runtimeEvents } from './cri-cache.ts'
import type { CriClient } from './cri-client.ts'
import { containerOf, stateOf } from './cri-container.ts'
import { clusterLabel, sandboxOf, sandboxSpecOf, sandboxStateOf } from './cri-sandbox.ts'

/** With what it was made, which all that is made in it needs. */
export type KnownSandbox = Readonly<{ sandbox: Sandbox; spec: SandboxSpec }>

/** What the runtime has of one cluster. */
export interface CriState {
  readonly sandboxes: Pick<CriCache<KnownSandbox>, 'all' | 'get' | 'drop'>
  readonly containers: Pick<CriCache<Container>, 'all' | 'get' | 'drop'>
  onEvent(listener: (event: RuntimeEvent) => void): void
  /** Asks for this one, now. Undefined when it is not there, or the runtime does not answer. */
  refreshSandbox(id: string, spec: SandboxSpec): Promise<Sandbox | undefined>
  refreshContainer(id: string, sandboxId: string): Promise<Container | undefined>
  /** Asks for everything; false when the runtime does not answer. */
  relist(): Promise<boolean>
}

export function criState({ runtime }: CriClient, cluster: string): CriState {
  const { onEvent, tell } = runtimeEvents()
  const sandboxes = criCache<KnownSandbox>(
    ({ sandbox: a }, { sandbox: b }) => a.state !== b.state || a.ips.join() !== b.ips.join(),
    ({ sandbox }) => tell({ type: 'sandbox-changed', sandboxId: sandbox.id }),
  )
  const containers = criCache<Container>(
    (a, b) => a.state !== b.state,
    ({ id, sandboxId }) => tell({ type: 'container-changed', sandboxId, containerId: id }),
  )
  const refreshSandbox: CriState['refreshSandbox'] = async (id, spec) => {
    const answer = await runtime.PodSandboxStatus({ podSandboxId: id })
    if (!answer.ok && answer.error.code === 'NotFound') sandboxes.drop(id)
    const status = answer.ok ? answer.value.status : undefined
    if (status === undefined) return undefined
    const sandbox = sandboxOf(status, spec)
    sandboxes.put(id, { sandbox, spec })
    return sandbox
  }
  const refreshContainer: CriState['refreshContainer'] = async (id, sandboxId) => {
    const answer = await runtime.ContainerStatus({ containerId: id })
    if (!answer.ok && answer.error.code === 'NotFound') containers.drop(id)
    const status = answer.ok ? answer.value.status : undefined
    const owner = sandboxes.get(sandboxId)
    if (status === undefined || owner === undefined) return undefined
    const found = containerOf(status, owner.sandbox)
    containers.put(id, found)
    return found
  }
  const takeSandboxes = async (items: readonly Received<typeof podSandbox>[], moment: number): Promise<void> => {
    await Promise.all(
      items.map(async (item) => {
        const known = sandboxes.get(item.id)
        const spec = known?.spec ?? sandboxSpecOf(item)
        if (spec === undefined || known?.sandbox.state === sandboxStateOf(item)) return
        if (sandboxes.unchangedSince(item.id, moment)) await refreshSandbox(item.id, spec)
      }),
    )
  }
  const takeContainers = async (items: readonly Received<typeof container>[], moment: number): Promise<void> => {
    await Promise.all(
      items.map(async (item) => {
        if (containers.get(item.id)?.state === stateOf(item)) return
        if (containers.unchangedSince(item.id, moment)) await refreshContainer(item.id, item.podSandboxId)
      }),
    )
  }
  return {
    sandboxes,
    containers,
    onEvent,
    refreshSandbox,
    refreshContainer,
    async relist() {
      const filter = { labelSelector: { [clusterLabel]: cluster } }
      const [sandboxMoment, containerMoment] = [sandboxes.now(), containers.now()]
      const [pods, parts] = await Promise.all([runtime.ListPodSandbox({ filter }), runtime.ListContainers({ filter })])
      if (!pods.ok || !parts.ok) return false
      await takeSandboxes(pods.value.items, sandboxMoment)
      await takeContainers(parts.value.containers, containerMoment)
      dropMissing(containers, ({ id }) => id, parts.value.containers, containerMoment)
      dropMissing(sandboxes, ({ sandbox }) => sandbox.id, pods.value.items, sandboxMoment)
      return true
    },
  }
}

/** What the list does not have is gone, unless it came after the list was asked for. */
function dropMissing<T>(
  cache: CriCache<T>,
  idOf: (value: T) => string,
  listed: readonly Readonly<{ id: string }>[],
  moment: number,
): void {
  const present = new Set(listed.map(({ id }) => id))
  for (const id of cache.all().map(idOf)) if (!present.has(id) && cache.unchangedSince(id, moment)) cache.drop(id)
  cache.settle(moment)
}
