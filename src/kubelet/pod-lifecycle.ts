import { unreachable } from '../api/assert.ts'
import type { Ender } from '../api/ending.ts'
import { kinds } from '../api/kinds.ts'
import { ok } from '../api/result.ts'
import { timestampOf } from '../api/wire-time.ts'
import { removePodTraces } from './container-garbage.ts'
import { killPod } from './kill-container.ts'
import { observePod, runningContainers } from './observed-pod.ts'
import { allocationOf } from './pod-allocation.ts'
import { isTerminalPhase, type KubeletPod } from './pod-containers.ts'
import type { EndOrder, PodMemory, PodParts, Rejection } from './pod-parts.ts'
import { saveAllocation } from './pod-resize.ts'
import { publishRejection, publishStatus } from './publish-status.ts'
import { syncPod } from './sync-pod.ts'
import { tearDownVolumes } from './volumes/pod-volumes.ts'

/** How long something that was refused waits before it is tried again. */
export const lifecycleRetryMs = 10_000

/**
 * Where a pod stands: new (not yet admitted), running, terminating (its containers are being stopped), terminated (they have ended; what
 * they used is given back, and a pod that is being deleted is let go), finished (nothing to do until the API server forgets it), gone
 * (nothing of it is left).
 */
export type PodStage = 'new' | 'running' | 'terminating' | 'terminated' | 'finished' | 'gone'

export type PodLife = {
  readonly parts: PodParts
  readonly memory: PodMemory
  /** Aborted when the pod is to end: what waits for its containers gives up. */
  readonly ending: Ender
  stage: PodStage
  /** The API server no longer has the pod. */
  removed: boolean
  /** The node would not take it. */
  rejected: boolean
  /** The API server has been told that the pod may go. */
  letGo: boolean
  /** What the containers that are being stopped were given. */
  graceSeconds: number
}

/** One step in the pod's stage; when to take the next one, if nothing happens before. */
export async function stepPod(life: PodLife): Promise<number | undefined> {
  switch (life.stage) {
    case 'new':
      return admit(life)
    case 'running': {
      if (endRequested(life) || life.memory.endOrder !== undefined) return enter(life, 'terminating')
      const outcome = await syncPod(life.parts, life.memory, life.ending.signal)
      return outcome.type === 'terminal' ? enter(life, 'terminating') : outcome.nextMs
    }
    case 'terminating':
      return terminate(life)
    case 'terminated':
      return release(life)
    case 'finished':
      if (life.removed) return forget(life)
      return endRequested(life) && !life.letGo ? enter(life, 'terminated') : undefined
    case 'gone':
      return undefined
    default:
      return unreachable(life.stage)
  }
}

function enter(life: PodLife, stage: PodStage): number {
  life.stage = stage
  return life.parts.deps.clock.nowMs()
}

/** It was over before this kubelet began, and nothing is left that could tell more. */
function isSettled({ parts, memory }: PodLife): boolean {
  const { metadata, status } = memory.pod
  const known = observePod(parts.deps.runtime, metadata.uid).containers.length > 0
  return isTerminalPhase(status.phase) && !known && parts.statuses.latest(metadata.uid) === undefined
}

function endRequested({ removed, memory }: PodLife): boolean {
  return removed || memory.pod.metadata.deletionTimestamp !== undefined
}

/** It ends, and is not started again. */
export function endPod({ parts, memory, ending }: PodLife, order: EndOrder): void {
  const { reason, message, isDisruption } = order
  memory.endOrder = order
  memory.verdict = { reason, message }
  const { generation } = memory.pod.metadata
  if (isDisruption)
    memory.disruption = {
      type: 'DisruptionTarget',
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      status: 'True',
      lastTransitionTime: timestampOf(parts.deps.clock.nowMs()),
      reason: 'TerminationByKubelet',
      message,
    }
  ending.abort()
}

/** A pod that has a sandbox was admitted by an earlier kubelet. */
async function admit(life: PodLife): Promise<number> {
  const { parts, memory } = life
  const { pod } = memory
  parts.objects.use(pod)
  const known = observePod(parts.deps.runtime, pod.metadata.uid).sandboxes.length > 0
  const over = endRequested(life) || isTerminalPhase(pod.status.phase)
  const rejection = known || over ? undefined : parts.admit(pod)
  if (rejection === undefined) {
    // At once: the next pod that asks must find this one's resources taken.
    const isNew = memory.allocation === undefined
    memory.allocation ??= allocationOf(pod)
    if (over) return enter(life, 'terminating')
    const refused = isNew ? await parts.topology.allocate(pod) : ok(undefined)
    if (!refused.ok) {
      memory.allocation = undefined
      return reject(life, refused.error)
    }
    life.stage = 'running'
    parts.roomTaken()
    if (isNew) await saveAllocation(parts, memory)
    return parts.deps.clock.nowMs()
  }
  return reject(life, rejection)
}

function reject(life: PodLife, rejection: Rejection): number {
  const { parts, memory } = life
  parts.events.pod(memory.pod, 'Warning', rejection.reason, rejection.message)
  memory.verdict = { reason: rejection.reason, message: `Pod was rejected: ${rejection.message}` }
  life.rejected = true
  return enter(life, 'terminated')
}

async function terminate(life: PodLife): Promise<number> {
  const { parts, memory, removed } = life
  const { runtime, clock } = parts.deps
  const { uid, deletionTimestamp } = memory.pod.metadata
  parts.probes.quiet(uid)
  if (!removed && !isSettled(life)) await publishStatus(parts, memory, false)
  life.graceSeconds = memory.endOrder?.graceSeconds ?? graceOf(memory.pod)
  await killPod(
    parts,
    memory.pod,
    observePod(runtime, uid),
    deletionTimestamp === undefined && memory.endOrder === undefined ? undefined : life.graceSeconds,
  )
  if (runningContainers(observePod(runtime, uid)).length > 0) return clock.nowMs() + lifecycleRetryMs
  return enter(life, 'terminated')
}

async function release(life: PodLife): Promise<number | undefined> {
  const { parts, memory, removed, rejected } = life
  const { uid, deletionTimestamp } = memory.pod.metadata
  if (rejected) publishRejection(parts, memory)
  else if (!removed && !isSettled(life)) await publishStatus(parts, memory, true)
  parts.probes.forget(uid)
  await tearDownVolumes({ ...parts.deps, csi: parts.plugins.csi }, uid)
  memory.volumes = undefined
  await parts.topology.release(uid)
  const given = await parts.plugins.claims.unprepare(uid)
  if (!given.ok) throw new Error(given.error)
  parts.roomMade()
  parts.objects.release(uid)
  parts.tokens.release(uid)
  await parts.userIds.release(uid)
  parts.puller.forget(uid)
  if (!life.removed && deletionTimestamp !== undefined) {
    if (!(await letGo(life))) return parts.deps.clock.nowMs() + lifecycleRetryMs
    life.letGo = true
  }
  // A deletion that came meanwhile is still to be seen to.
  return enter(life, 'finished')
}

/** The last word of a graceful deletion is the kubelet's. False when it must be said again. */
async function letGo({ parts, memory }: PodLife): Promise<boolean> {
  const { name, namespace, uid } = memory.pod.metadata
  await parts.statuses.flushed(uid)
  const options = { gracePeriodSeconds: 0, preconditions: { uid } }
  const deleted = await parts.deps.client.delete(kinds.pods, name, namespace, options)
  return deleted.ok || deleted.error.code === 404 || deleted.error.code === 409
}

async function forget(life: PodLife): Promise<number | undefined> {
  const { parts, memory } = life
  const { name, namespace = '', uid } = memory.pod.metadata
  if (!(await removePodTraces(parts.deps, { name, namespace, uid }))) return parts.deps.clock.nowMs() + lifecycleRetryMs
  parts.statuses.forget(uid)
  life.stage = 'gone'
  return undefined
}

/** A second deletion may leave less time than the first: what is being stopped is told so. */
export function hasten(life: PodLife): void {
  const { runtime } = life.parts.deps
  const { uid } = life.memory.pod.metadata
  const grace = graceOf(life.memory.pod)
  if (life.stage !== 'terminating' || grace >= life.graceSeconds) return
  life.graceSeconds = grace
  for (const { id } of runningContainers(observePod(runtime, uid))) void runtime.stopContainer(id, grace)
}

/** A pod that is simply gone gets what its spec says. */
function graceOf({ metadata, spec }: KubeletPod): number {
  return metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30
}
