import { unreachable } from '../api/assert.ts'
import { equalJson } from '../api/json-value.ts'
import { kinds } from '../api/kinds.ts'
import type { Timer } from '../ports/clock.ts'
import { removePodTraces } from './container-garbage.ts'
import { killPod } from './kill-container.ts'
import { observePod, runningContainers } from './observed-pod.ts'
import { isTerminalPhase, type KubeletPod } from './pod-containers.ts'
import { newMemory, type PodParts } from './pod-parts.ts'
import { publishStatus } from './publish-status.ts'
import { syncPod } from './sync-pod.ts'
import { tearDownVolumes } from './volumes/pod-volumes.ts'

/** How long a step that threw, or a deletion that was refused, waits before it is tried again. */
const retryMs = 10_000

/**
 * Where a pod stands: new (not yet admitted), running, terminating (its containers are being stopped), terminated (they have ended; what
 * they used is given back, and a pod that is being deleted is let go), finished (nothing to do until the API server forgets it).
 */
export type PodStage = 'new' | 'running' | 'terminating' | 'terminated' | 'finished'

/** Looks after one pod, from its first sight to its last trace: one step at a time, woken by changes and never by polling. */
export interface PodWorker {
  readonly uid: string
  pod(): KubeletPod
  stage(): PodStage
  /** The pod as the API server has it now. */
  update(pod: KubeletPod): void
  /** The API server no longer has it. */
  removed(): void
  /** Something about its containers, probes or images has changed. */
  wake(): void
  /** A ConfigMap or Secret that it refers to has changed. */
  objectsChanged(): void
  imageDone(container: string, failure: string | undefined): void
  /** Does nothing more; what is under way ends by itself. */
  stop(): void
}

export function startPodWorker(parts: PodParts, first: KubeletPod, onGone: (uid: string) => void): PodWorker {
  const { deps } = parts
  const { uid } = first.metadata
  const memory = newMemory(first)
  const ending = new AbortController()
  let stage: PodStage = 'new'
  let gone = false
  let dirty = false
  let running = false
  let stopped = false
  let timer: Timer | undefined
  let graceSeconds = Number.POSITIVE_INFINITY

  const wake = (): void => {
    dirty = true
    if (running || stopped) return
    running = true
    void Promise.resolve().then(run)
  }
  const wakeAt = (atMs: number | undefined): void => {
    timer?.cancel()
    timer = atMs === undefined ? undefined : deps.clock.after(Math.max(0, atMs - deps.clock.nowMs()), wake)
  }
  const run = async (): Promise<void> => {
    while (dirty && !stopped) {
      dirty = false
      try {
        wakeAt(await step())
      } catch (error) {
        deps.log.error('a pod could not be brought forward', { pod: memory.pod.metadata.name, error: String(error) })
        wakeAt(deps.clock.nowMs() + retryMs)
      }
    }
    running = false
  }
  /** One step in the pod's stage; when to take the next one. */
  const step = async (): Promise<number | undefined> => {
    const asked = gone || memory.pod.metadata.deletionTimestamp !== undefined
    switch (stage) {
      case 'new':
        admit()
        return deps.clock.nowMs()
      case 'running': {
        if (asked) return enter('terminating')
        const outcome = await syncPod(parts, memory, ending.signal)
        if (stopped) return undefined
        return outcome.type === 'terminal' ? enter('terminating') : outcome.nextMs
      }
      case 'terminating':
        return terminate()
      case 'terminated':
        return release()
      case 'finished':
        if (gone) return forget()
        return asked ? enter('terminated') : undefined
      default:
        return unreachable(stage)
    }
  }
  const enter = (next: PodStage): number => {
    stage = next
    return deps.clock.nowMs()
  }
  const admit = (): void => {
    parts.objects.use(memory.pod)
    const known = observePod(deps.runtime, uid).sandboxes.length > 0
    const over = gone || memory.pod.metadata.deletionTimestamp !== undefined || isTerminalPhase(memory.pod.status.phase)
    const rejection = known || over ? undefined : parts.admit(memory.pod)
    if (rejection !== undefined) {
      parts.events.pod(memory.pod, 'Warning', rejection.reason, rejection.message)
      memory.verdict = { reason: rejection.reason, message: `Pod was rejected: ${rejection.message}` }
    }
    stage = over || rejection !== undefined ? 'terminating' : 'running'
  }
  const terminate = async (): Promise<number> => {
    parts.probes.quiet(uid)
    if (!gone) await publishStatus(parts, memory, false)
    const observed = observePod(deps.runtime, uid)
    graceSeconds = graceOf(memory.pod)
    await killPod(
      parts,
      memory.pod,
      observed,
      memory.pod.metadata.deletionTimestamp === undefined ? undefined : graceSeconds,
    )
    return runningContainers(observePod(deps.runtime, uid)).length > 0
      ? deps.clock.nowMs() + retryMs
      : enter('terminated')
  }
  const release = async (): Promise<number | undefined> => {
    if (!gone) await publishStatus(parts, memory, true)
    parts.probes.forget(uid)
    await tearDownVolumes(deps, uid)
    memory.volumes = undefined
    parts.objects.release(uid)
    parts.tokens.release(uid)
    parts.puller.forget(uid)
    stage = 'finished'
    if (gone) return deps.clock.nowMs()
    return memory.pod.metadata.deletionTimestamp === undefined ? undefined : letGo()
  }
  /** The last word of a graceful deletion is the kubelet's. */
  const letGo = async (): Promise<number | undefined> => {
    await parts.statuses.flushed(uid)
    const { name, namespace } = memory.pod.metadata
    const options = { gracePeriodSeconds: 0, preconditions: { uid } }
    const deleted = await deps.client.delete(kinds.pods, name, namespace, options)
    if (deleted.ok || deleted.error.code === 404 || deleted.error.code === 409) return undefined
    stage = 'terminated'
    return deps.clock.nowMs() + retryMs
  }
  const forget = async (): Promise<number | undefined> => {
    const { name, namespace = '' } = memory.pod.metadata
    if (!(await removePodTraces(deps, { name, namespace, uid }))) return deps.clock.nowMs() + retryMs
    parts.statuses.forget(uid)
    stopped = true
    onGone(uid)
    return undefined
  }
  /** A second deletion may leave less time than the first. */
  const hasten = (): void => {
    const grace = gone ? Math.min(graceSeconds, graceOf(memory.pod)) : graceOf(memory.pod)
    if (stage !== 'terminating' || grace >= graceSeconds) return
    graceSeconds = grace
    for (const { id } of runningContainers(observePod(deps.runtime, uid))) void deps.runtime.stopContainer(id, grace)
  }
  wake()
  return {
    uid,
    pod: () => memory.pod,
    stage: () => stage,
    update(pod) {
      memory.volumesStale ||= showsOther(memory.pod, pod)
      memory.pod = pod
      if (stage === 'running') parts.objects.use(pod)
      if (pod.metadata.deletionTimestamp !== undefined) ending.abort()
      hasten()
      wake()
    },
    removed() {
      gone = true
      ending.abort()
      hasten()
      wake()
    },
    wake,
    objectsChanged() {
      memory.volumesStale = true
      wake()
    },
    imageDone(container, failure) {
      // Seen once as it is, before the back-off that follows hides it.
      if (failure !== undefined) memory.failures.set(container, { reason: 'ErrImagePull', message: failure })
      wake()
    },
    stop() {
      stopped = true
      timer?.cancel()
      ending.abort()
    },
  }
}

/** Whether files that show the pod itself must be written anew. */
function showsOther({ metadata: a }: KubeletPod, { metadata: b }: KubeletPod): boolean {
  return a.generation !== b.generation || !equalJson(a.labels, b.labels) || !equalJson(a.annotations, b.annotations)
}

/** A pod that is simply gone gets what its spec says. */
function graceOf({ metadata, spec }: KubeletPod): number {
  return metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30
}
