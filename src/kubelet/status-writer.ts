import type { PodStatus, Status } from '../api/kinds.generated.ts'
import { kinds } from '../api/kinds.ts'
import { makeBackOff } from '../client/back-off.ts'
import { isStaticPod } from './critical-pod.ts'
import type { KubeletDeps } from './kubelet-config.ts'
import type { KubeletPod } from './pod-containers.ts'
import { statusPatch } from './status-patch.ts'

/** Writes pods' statuses behind their workers' backs: the newest of each pod, tried until it is written or the pod is gone. */
export interface StatusWriter {
  set(pod: KubeletPod, status: PodStatus): void
  /** The API server knows the pod under another object now. */
  retarget(uid: string): void
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
  /** Whom `written` is of. */
  targetUid: string
  /** The pod is no longer there: another may have its name. */
  gone: boolean
}

export type StatusWriterDeps = Pick<KubeletDeps, 'client' | 'clock' | 'random' | 'log'> &
  Readonly<{
    /** Under which object the API server knows the pod; undefined: under none yet. */
    targetOf: (pod: KubeletPod) => KubeletPod | undefined
  }>

export function makeStatusWriter(deps: StatusWriterDeps): StatusWriter {
  const entries = new Map<string, Entry>()
  let stopped = false

  const write = async (uid: string, entry: Entry): Promise<void> => {
    const backOff = makeBackOff(deps.clock, deps.random)
    while (!stopped && entries.get(uid) === entry) {
      const { wanted } = entry
      const pod = deps.targetOf(entry.pod)
      if (pod === undefined) return
      if (pod.metadata.uid !== entry.targetUid) {
        entry.targetUid = pod.metadata.uid
        entry.written = pod.status
      }
      const body = statusPatch(entry.targetUid, entry.written, wanted)
      if (body === undefined) return
      const { name, namespace } = pod.metadata
      const answer = await deps.client.patch(kinds.pods, name, namespace, { type: 'strategic', body }, 'status')
      if (answer.ok) entry.written = wanted
      else if (isGone(answer.error)) {
        // A static pod goes on, and is shown anew.
        entry.gone = !isStaticPod(entry.pod)
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
      const entry: Entry = known ?? {
        pod,
        written: pod.status,
        wanted: status,
        running: undefined,
        targetUid: uid,
        gone: false,
      }
      entry.pod = pod
      entry.wanted = status
      entries.set(uid, entry)
      run(uid, entry)
    },
    retarget(uid) {
      const entry = entries.get(uid)
      if (entry !== undefined) run(uid, entry)
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
