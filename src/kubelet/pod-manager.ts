import type { Pod } from '../api/kinds.generated.ts'
import { kinds } from '../api/kinds.ts'
import { isMirrorPod } from '../api/pod-references.ts'
import type { Informer } from '../client/informer.ts'
import { startInformer } from '../client/start-informer.ts'
import { readAllocations } from './allocation-record.ts'
import { deadContainers, removeContainer } from './container-garbage.ts'
import type { KubeletDeps } from './kubelet-config.ts'
import { observePod } from './observed-pod.ts'
import { removeOrphans } from './orphans.ts'
import type { KubeletPod } from './pod-containers.ts'
import { isTerminalPhase } from './pod-containers.ts'
import type { EndOrder, PodParts } from './pod-parts.ts'
import { type PodWorker, startPodWorker } from './pod-worker.ts'
import { resizeOrder } from './resize-order.ts'
import type { ManifestFolder } from './static-pods/manifest-folder.ts'
import { followManifests } from './static-pods/static-workers.ts'

/** The pods bound to this node, each with its worker. */
export interface PodManager {
  /** Pods as the API server has them, and static ones. */
  pods(): readonly KubeletPod[]
  /** What the API server has of the static ones. */
  mirrors(): readonly KubeletPod[]
  pod(namespace: string, name: string): KubeletPod | undefined
  wake(uid: string): void
  objectsChanged(uid: string): void
  /** An image pull has ended, with this failure if it did not succeed. */
  imageDone(uid: string, container: string, failure: string | undefined): void
  /** Pods that take up the node's resources, besides this one. */
  others(uid: string): readonly KubeletPod[]
  /** Pods that wait for more than they were granted look again, in the order in which the original asks them. */
  retryResizes(): void
  /** Pods that have anything running. */
  running(): readonly KubeletPod[]
  /** Ends the pod for good, though it would go on. */
  end(uid: string, order: EndOrder): void
  /** Nothing of it runs, and its volumes are gone; also said of a pod that is not known. */
  isCleanedUp(uid: string): boolean
  /** Removes containers that have ended, and that no restart and no `kubectl logs --previous` needs. */
  removeDeadContainers(): Promise<void>
  stop(): void
}

/** Starts to look after the node's pods. Resolves when the first list is there and what is left of vanished pods is being removed. */
export async function startPodManager(
  deps: KubeletDeps,
  manifests: ManifestFolder,
  makeParts: (manager: PodManager) => PodParts,
  /** Static pods, or what the API server has of them. */
  mirrorsChanged: () => void,
): Promise<PodManager> {
  const workers: Workers = new Map()
  // Known before the first worker decides anything: what earlier pods were granted is theirs.
  const records = await readAllocations(deps)
  const informer: Informer<Pod> = startInformer<Pod>({
    ...deps,
    kind: kinds.pods,
    options: { fieldSelector: `spec.nodeName=${deps.config.nodeName}` },
  })
  const manager = managerOf(deps, workers, informer, manifests)
  const parts = makeParts(manager)
  const begin = (pod: KubeletPod): void => {
    const { uid } = pod.metadata
    workers.set(
      uid,
      startPodWorker(parts, pod, records.get(uid), () => {
        workers.delete(uid)
        staticWorkers.beginNext()
      }),
    )
  }
  const staticWorkers = followManifests(manifests, workers, begin, mirrorsChanged)
  informer.onChange((before, after) => {
    const known = after ?? before
    if (known !== undefined && isMirrorPod(known)) return mirrorsChanged()
    const uid = known?.metadata.uid ?? ''
    const worker = workers.get(uid)
    if (after === undefined) {
      // The last state tells how the pod was deleted.
      if (before !== undefined) worker?.update(before)
      worker?.removed()
    } else if (worker === undefined) begin(after)
    else worker.update(after)
  })
  deps.runtime.onEvent(({ sandboxId }) => {
    const sandbox = deps.runtime.sandboxes().find(({ id }) => id === sandboxId)
    if (sandbox !== undefined) workers.get(sandbox.pod.uid)?.wake()
  })
  await informer.whenSynced()
  void removeOrphans({ ...deps, ...parts.plugins, userIds: parts.userIds }, (uid) => workers.has(uid)).catch(
    (error: unknown) => deps.log.error('what is left of vanished pods could not be removed', { error: String(error) }),
  )
  return manager
}

type Workers = Map<string, PodWorker>

function managerOf(
  deps: KubeletDeps,
  workers: Workers,
  informer: Informer<Pod>,
  manifests: ManifestFolder,
): PodManager {
  return {
    pods: () => [...informer.list().filter((pod) => !isMirrorPod(pod)), ...manifests.pods()],
    mirrors: () => informer.list().filter(isMirrorPod),
    pod: (namespace, name) => {
      const known = informer.get(`${namespace}/${name}`)
      if (known !== undefined && !isMirrorPod(known)) return known
      return manifests.pods().find(({ metadata }) => metadata.namespace === namespace && metadata.name === name)
    },
    wake: (uid) => workers.get(uid)?.wake(),
    objectsChanged: (uid) => workers.get(uid)?.objectsChanged(),
    imageDone: (uid, container, failure) => workers.get(uid)?.imageDone(container, failure),
    others: (uid) =>
      [...workers.values()]
        .filter((worker) => worker.uid !== uid && takesResources(worker))
        .map((worker) => worker.pod()),
    retryResizes() {
      const waiting = [...workers.values()].flatMap((worker) => worker.waitingResize() ?? [])
      for (const { pod } of resizeOrder(waiting)) workers.get(pod.metadata.uid)?.wake()
    },
    running: () => [...workers.values()].filter((worker) => worker.stage() === 'running').map((worker) => worker.pod()),
    end: (uid, order) => workers.get(uid)?.endFor(order),
    isCleanedUp: (uid) => ['finished', 'gone', undefined].includes(workers.get(uid)?.stage()),
    async removeDeadContainers() {
      for (const worker of workers.values()) {
        const observed = observePod(deps.runtime, worker.uid)
        for (const container of deadContainers(observed, worker.stage() === 'finished'))
          await removeContainer(deps, container)
      }
    },
    stop() {
      informer.stop()
      for (const worker of workers.values()) worker.stop()
    },
  }
}

function takesResources(worker: PodWorker): boolean {
  return worker.isAdmitted() && worker.stage() !== 'finished' && !isTerminalPhase(worker.pod().status.phase)
}
