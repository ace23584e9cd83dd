import { kinds } from '../../api/kinds.ts'
import { objectKey } from '../../api/object.ts'
import { mirrorAnnotation } from '../../api/validation/pod.ts'
import type { Timer } from '../../ports/clock.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import type { KubeletPod } from '../pod-containers.ts'

/** How long something that the API server refused waits before it is tried again. */
const retryMs = 10_000

/** Shows static pods in the API: for each an object that tells of it, and that nobody runs. */
export interface MirrorPods {
  /** Static pods or their mirrors have changed. */
  changed(): void
  /** The object that stands for the static pod. */
  mirrorOf(pod: KubeletPod): KubeletPod | undefined
  stop(): void
}

export type MirrorParts = Readonly<{
  staticPods(): readonly KubeletPod[]
  /** Those that the API server has of this node. */
  mirrors(): readonly KubeletPod[]
  nodeUid(): string | undefined
}>

type Deps = Pick<KubeletDeps, 'client' | 'clock' | 'log' | 'config'>

export type MirrorAction =
  | Readonly<{ type: 'create'; pod: KubeletPod }>
  | Readonly<{ type: 'delete'; mirror: KubeletPod }>

/** What makes the mirrors those of the static pods. One that is to be replaced is deleted first; its going begins the next look. */
export function mirrorActions(
  staticPods: readonly KubeletPod[],
  mirrors: readonly KubeletPod[],
): readonly MirrorAction[] {
  const wanted = new Map(staticPods.map((pod) => [objectKey(pod), pod]))
  const present = new Map(mirrors.map((pod) => [objectKey(pod), pod]))
  const stale = mirrors.filter((mirror) => !isMirrorOf(mirror, wanted.get(objectKey(mirror))))
  const missing = staticPods.filter((pod) => !present.has(objectKey(pod)))
  return [
    ...stale.map((mirror): MirrorAction => ({ type: 'delete', mirror })),
    ...missing.map((pod): MirrorAction => ({ type: 'create', pod })),
  ]
}

function isMirrorOf({ metadata }: KubeletPod, pod: KubeletPod | undefined): boolean {
  const hash = metadata.annotations?.[mirrorAnnotation]
  return metadata.deletionTimestamp === undefined && hash !== undefined && hash === pod?.metadata.uid
}

export function startMirrorPods({ client, clock, log, config }: Deps, parts: MirrorParts): MirrorPods {
  let stopped = false
  let timer: Timer | undefined
  let isLooking = false
  let isStale = false
  const act = async (action: MirrorAction): Promise<boolean> => {
    if (action.type === 'create') return create(action.pod)
    const { name, namespace, uid } = action.mirror.metadata
    const deleted = await client.delete(kinds.pods, name, namespace, { gracePeriodSeconds: 0, preconditions: { uid } })
    return deleted.ok || deleted.error.code === 404 || deleted.error.code === 409
  }
  const create = async (pod: KubeletPod): Promise<boolean> => {
    const uid = parts.nodeUid()
    if (uid === undefined) return false
    const created = await client.create(kinds.pods, mirrorFor(pod, config.nodeName, uid))
    if (!created.ok && created.error.code !== 409)
      log.warn('a static pod could not be shown', { pod: pod.metadata.name, message: created.error.message })
    return created.ok || created.error.code === 409
  }
  const look = async (): Promise<void> => {
    let done = true
    while (isStale && !stopped) {
      isStale = false
      for (const action of mirrorActions(parts.staticPods(), parts.mirrors())) done = (await act(action)) && done
    }
    isLooking = false
    timer?.cancel()
    if (!done && !stopped) timer = clock.after(retryMs, begin)
  }
  const begin = (): void => {
    isStale = true
    if (stopped || isLooking) return
    isLooking = true
    void look()
  }
  return {
    changed: begin,
    mirrorOf: (pod) =>
      parts.mirrors().find((mirror) => objectKey(mirror) === objectKey(pod) && isMirrorOf(mirror, pod)),
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}

function mirrorFor({ metadata, spec }: KubeletPod, nodeName: string, nodeUid: string) {
  const { name, namespace, labels, annotations, uid } = metadata
  const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: nodeUid, controller: true }
  return {
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      annotations: { ...annotations, [mirrorAnnotation]: uid },
      ownerReferences: [owner],
    },
    spec,
  }
}
