import { makeEnder } from '../api/ending.ts'
import { equalJson } from '../api/json-value.ts'
import type { Timer } from '../ports/clock.ts'
import type { AllocationRecord } from './allocation-record.ts'
import { asksForMore, withAllocation } from './pod-allocation.ts'
import type { KubeletPod } from './pod-containers.ts'
import { endPod, hasten, lifecycleRetryMs, type PodLife, type PodStage, stepPod } from './pod-lifecycle.ts'
import { type EndOrder, newMemory, type PodParts } from './pod-parts.ts'
import type { WaitingResize } from './resize-order.ts'

/** Looks after one pod, from its first sight to its last trace: one step at a time, woken by changes and never by polling. */
export interface PodWorker {
  readonly uid: string
  pod(): KubeletPod
  stage(): PodStage
  /** The node has granted it what it needs. */
  isAdmitted(): boolean
  /** It asks for resources that it has not been granted yet. */
  waitingResize(): WaitingResize | undefined
  /** The pod as the API server has it now. */
  update(pod: KubeletPod): void
  /** The API server no longer has it. */
  removed(): void
  /** Something about its containers, probes or images has changed. */
  wake(): void
  /** A ConfigMap or Secret that it refers to has changed. */
  objectsChanged(): void
  imageDone(container: string, failure: string | undefined): void
  /** Ends it though it would go on. Not where it is already on its way out. */
  endFor(order: EndOrder): void
  /** Does nothing more; what is under way ends by itself. */
  stop(): void
}

type Loop = Readonly<{ wake(): void; stop(): void }>

export function startPodWorker(
  parts: PodParts,
  first: KubeletPod,
  record: AllocationRecord | undefined,
  onGone: () => void,
): PodWorker {
  const memory = newMemory(first, record)
  const life: PodLife = {
    parts,
    memory,
    ending: makeEnder(),
    stage: 'new',
    removed: false,
    rejected: false,
    letGo: false,
    graceSeconds: Number.POSITIVE_INFINITY,
  }
  const loop = startLoop(parts, life, onGone)
  const end = (): void => {
    life.ending.abort()
    hasten(life)
  }
  loop.wake()
  return {
    uid: first.metadata.uid,
    pod: () => memory.pod,
    stage: () => life.stage,
    isAdmitted: () => memory.allocation !== undefined,
    waitingResize() {
      const { pending } = memory.resize
      if (life.stage !== 'running' || pending === undefined) return undefined
      const growing = asksForMore(memory.wanted, memory.pod)
      return { pod: memory.wanted, growing, pendingSince: pending.lastTransitionTime }
    },
    update(pod) {
      memory.volumesStale ||= showsOther(memory.pod, pod)
      memory.wanted = pod
      memory.pod = withAllocation(pod, memory.allocation)
      if (life.stage === 'running') parts.objects.use(pod)
      if (pod.metadata.deletionTimestamp !== undefined) end()
      loop.wake()
    },
    removed() {
      life.removed = true
      end()
      loop.wake()
    },
    wake: loop.wake,
    objectsChanged() {
      memory.volumesStale = true
      loop.wake()
    },
    imageDone(container, failure) {
      // Seen once as it is, before the back-off that follows hides it.
      if (failure !== undefined) memory.failures.set(container, { reason: 'ErrImagePull', message: failure })
      loop.wake()
    },
    endFor(order) {
      if (life.stage !== 'running') return
      endPod(life, order)
      loop.wake()
    },
    stop() {
      loop.stop()
      life.ending.abort()
    },
  }
}

/** Steps while there is reason to; a step that throws is a failure of the machine, told and tried again. */
function startLoop({ deps }: PodParts, life: PodLife, onGone: () => void): Loop {
  let dirty = false
  let running = false
  let stopped = false
  let timer: Timer | undefined
  const wake = (): void => {
    dirty = true
    if (running || stopped) return
    running = true
    void Promise.resolve().then(run)
  }
  const wakeAt = (atMs: number | undefined): void => {
    timer?.cancel()
    timer = atMs === undefined || stopped ? undefined : deps.clock.after(Math.max(0, atMs - deps.clock.nowMs()), wake)
  }
  const run = async (): Promise<void> => {
    while (dirty && !stopped) {
      dirty = false
      try {
        wakeAt(await stepPod(life))
      } catch (error) {
        deps.log.error('a pod could not be brought forward', {
          pod: life.memory.pod.metadata.name,
          error: String(error),
        })
        wakeAt(deps.clock.nowMs() + lifecycleRetryMs)
      }
      if (life.stage === 'gone') {
        stopped = true
        onGone()
      }
    }
    running = false
  }
  return {
    wake,
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}

/** Whether files that show the pod itself must be written anew. */
function showsOther({ metadata: a }: KubeletPod, { metadata: b }: KubeletPod): boolean {
  return a.generation !== b.generation || !equalJson(a.labels, b.labels) || !equalJson(a.annotations, b.annotations)
}
