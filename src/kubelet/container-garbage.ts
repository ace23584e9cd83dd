import type { Container as RuntimeContainer } from '../runtime/pod-runtime.ts'
import { rotatedLogs } from './container-log-files.ts'
import type { KubeletDeps } from './kubelet-config.ts'
import type { ObservedPod } from './observed-pod.ts'
import { podDirectory, podLogDirectory, terminationLogPath } from './pod-paths.ts'

/** Kubernetes keeps one ended instance of each container besides the newest, for `kubectl logs --previous` and lastState. */
const keptInstances = 2

type Deps = Pick<KubeletDeps, 'runtime' | 'disk' | 'mounts' | 'config' | 'log'>

/** Ended instances that nobody will ask for any more. */
export function containerGarbage(observed: ObservedPod): readonly RuntimeContainer[] {
  return endedBeyond(observed, keptInstances)
}

/** Ended instances that can be done without in need: all of a pod that is over, of others all but the newest. */
export function deadContainers(observed: ObservedPod, isOver: boolean): readonly RuntimeContainer[] {
  return endedBeyond(observed, isOver ? 0 : 1)
}

/** Instances come newest first. */
function endedBeyond({ containers }: ObservedPod, kept: number): readonly RuntimeContainer[] {
  const seen = new Map<string, number>()
  return containers.filter(({ name, state }) => {
    const newer = seen.get(name) ?? 0
    seen.set(name, newer + 1)
    return newer >= kept && state === 'exited'
  })
}

/** Sandboxes that were replaced, and hold nothing worth keeping. */
export function sandboxGarbage({ sandboxes, containers }: ObservedPod): readonly string[] {
  return sandboxes
    .slice(1)
    .filter(({ id, state }) => state === 'not-ready' && !containers.some(({ sandboxId }) => sandboxId === id))
    .map(({ id }) => id)
}

/** With its log and termination log. */
export async function removeContainer(
  { runtime, disk, mounts, config, log }: Deps,
  container: RuntimeContainer,
): Promise<void> {
  const removed = await runtime.removeContainer(container.id)
  if (!removed.ok && removed.error.code !== 'NotFound') {
    log.warn('a container could not be removed', { container: container.id, message: removed.error.message })
    return
  }
  const { rootDirectory } = config
  const { name, attempt, pod } = container
  for (const path of [...(await rotatedLogs(disk, container.logPath)), container.logPath]) await disk.remove(path)
  await disk.remove(terminationLogPath(rootDirectory, pod.uid, name, attempt))
  const bound = `${podDirectory(rootDirectory, pod.uid)}/volume-subpaths`
  const own = (await mounts.list(bound)).filter((path) => path.includes(`/${name}/${attempt}-`))
  if (own.length > 0) await mounts.unmount(own)
}

/** Everything the node has of a pod that is gone: sandboxes, containers, logs, folders. */
export async function removePodTraces(
  { runtime, disk, config, log }: Deps,
  pod: Readonly<{ namespace: string; name: string; uid: string }>,
): Promise<boolean> {
  let clean = true
  for (const { id } of runtime.sandboxes().filter((sandbox) => sandbox.pod.uid === pod.uid)) {
    const removed = await runtime.removeSandbox(id)
    if (removed.ok) continue
    clean = false
    log.warn('a sandbox could not be removed', { sandbox: id, message: removed.error.message })
  }
  await disk.remove(podLogDirectory(config.rootDirectory, pod))
  await disk.remove(podDirectory(config.rootDirectory, pod.uid))
  return clean
}
