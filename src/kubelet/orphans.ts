import { removePodTraces } from './container-garbage.ts'
import type { ClaimManager } from './dra/claim-manager.ts'
import type { KubeletDeps } from './kubelet-config.ts'
import { observePod, runningContainers } from './observed-pod.ts'
import { podDirectory } from './pod-paths.ts'
import type { UserIds } from './user-ids.ts'
import { tearDownVolumes, type VolumeDeps } from './volumes/pod-volumes.ts'

const retryMs = 10_000

type Deps = KubeletDeps & VolumeDeps & Readonly<{ claims: ClaimManager; userIds: UserIds }>

/** Removes what is left of pods that vanished from the API server while no kubelet was running; each for itself, until it is done. */
export async function removeOrphans(deps: Deps, isKnown: (uid: string) => boolean): Promise<void> {
  const { runtime, disk, config } = deps
  const sandboxes = runtime.sandboxes().map(({ pod }) => pod.uid)
  const folders = await disk.list(`${config.rootDirectory}/pods`).catch(() => [])
  for (const uid of new Set([...sandboxes, ...folders])) if (!isKnown(uid)) void keepRemoving(deps, uid)
}

/** Drivers whose volumes it had may yet have to come back. */
async function keepRemoving(deps: Deps, uid: string): Promise<void> {
  try {
    await removeOrphan(deps, uid)
  } catch (error) {
    deps.log.warn('what is left of a vanished pod cannot be removed yet', { uid, error: String(error) })
    deps.clock.after(retryMs, () => void keepRemoving(deps, uid))
  }
}

async function removeOrphan(deps: Deps, uid: string): Promise<void> {
  const { runtime, disk, config } = deps
  const pod = runtime.sandboxes().find((sandbox) => sandbox.pod.uid === uid)?.pod
  const running = runningContainers(observePod(runtime, uid))
  await Promise.all(
    running.map(({ id, labels }) =>
      runtime.stopContainer(id, Number(labels['io.kubernetes.pod.terminationGracePeriod'] ?? 2)),
    ),
  )
  await tearDownVolumes(deps, uid)
  const given = await deps.claims.unprepare(uid)
  if (!given.ok) throw new Error(given.error)
  if (pod === undefined) await disk.remove(podDirectory(config.rootDirectory, uid))
  else await removePodTraces(deps, pod)
  await deps.userIds.release(uid)
}
