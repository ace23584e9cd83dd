import type { PodStatus, Status } from '../api/kinds.generated.ts'
import { kinds } from '../api/kinds.ts'
import { makeBackOff } from '../client/back-off.ts'
import type { KubeletDeps } from './kubelet-config.ts'
import type { KubeletPod } from './pod-containers.ts'
import { statusPatch } from './status-patch.ts'

/** Writes pods' statuses behind their workers' backs: the newest of each pod, tried until it is written or the pod is gone. */
export interface StatusWriter {
  set(pod: KubeletPod, status: PodStatus): void
  /** The newest that was set. */
  latest(uid: string): PodStatus | undefined
  /** Resolves when the pod's newest status is written, or the pod is gone. */
  flushed(uid: string): Promise<void>
  forget(uid: string): void
  stop(): void
}

type Entry = {
  pod: KubeletPod
  /** What the API server is known to have. */
  written: PodStatus
  wanted: PodStatus
  running: Promise<void> | undefined
  /** The pod is no longer there: another may have its name. */
  gone: boolean
}

export function makeStatusWriter(deps: Pick<KubeletDeps, 'client' | 'clock' | 'random' | 'log'>): StatusWriter {
  const entries = new Map<string, Entry>()
  let stopped = false

  const write = async (uid: string, entry: Entry): Promise<void> => {
    const backOff = makeBackOff(deps.clock, deps.random)
    while (!stopped && entries.get(uid) === entry) {
      const { wanted, pod } = entry
      const body = statusPatch(uid, entry.written, wanted)
      if (body === undefined) return
      const { name, namespace } = pod.metadata
      const answer = await deps.client.patch(kinds.pods, name, namespace, { type: 'strategic', body }, 'status')
      if (answer.ok) entry.written = wanted
      else if (isGone(answer.error)) {
        entry.gone = true
        return
      } else {
        deps.log.warn('a pod status could not be written', { pod: name, message: answer.error.message })
        await deps.clock.sleep(backOff.nextMs())
      }
    }
  }
  const run = (uid: string, entry: Entry): void => {
    if (entry.running !== undefined || entry.gone || stopped) return
    entry.running = write(uid, entry).then(() => {
      entry.running = undefined
    })
  }
  return {
    set(pod, status) {
      const { uid } = pod.metadata
      const known = entries.get(uid)
      const entry: Entry = known ?? { pod, written: pod.status, wanted: status, running: undefined, gone: false }
      entry.pod = pod
      entry.wanted = status
      entries.set(uid, entry)
      run(uid, entry)
    },
    latest: (uid) => entries.get(uid)?.wanted,
    async flushed(uid) {
      for (let running = entries.get(uid)?.running; running !== undefined; running = entries.get(uid)?.running)
        await running
    },
    forget: (uid) => void entries.delete(uid),
    stop() {
      stopped = true
    },
  }
}

/** A uid that does not fit is a conflict. */
function isGone({ code }: Status): boolean {
  return code === 404 || code === 409
}
