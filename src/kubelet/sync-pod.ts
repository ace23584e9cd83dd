import type { Ending } from '../api/ending.ts'
import type { Container, PodStatus } from '../api/kinds.generated.ts'
import { msOfTimestamp } from '../client/timestamp.ts'
import { containerGarbage, removeContainer, sandboxGarbage } from './container-garbage.ts'
import { type ObservedPod, observePod } from './observed-pod.ts'
import { nextAttempt, perform, podFacts } from './perform.ts'
import { computePodActions, type ImageState } from './pod-actions.ts'
import { allContainers, isTerminalPhase, type KubeletPod, volumeImage } from './pod-containers.ts'
import type { PodMemory, PodParts } from './pod-parts.ts'
import { podDirectory } from './pod-paths.ts'
import { allocateResize, noteProgress, saveAllocation } from './pod-resize.ts'
import { publishStatus } from './publish-status.ts'
import { setUpVolumes } from './volumes/pod-volumes.ts'

/** Kubernetes' backOffPeriod: the wait after something failed that has no back-off of its own. */
const retryMs = 10_000
/** The original's, for a resize that the node has no room for. */
const resizeRetryMs = 180_000
/** How often drivers are told again of a pod's volumes: about as often as the original looks at each pod. */
const remountAfterMs = 60_000
const firstMountRetryMs = 500
const largestMountRetryMs = 122_000

export type SyncOutcome =
  /** The pod is over: its containers have ended for good, or its time is up. */
  | Readonly<{ type: 'terminal' }>
  /** Nothing to do before nextMs, if nothing happens. */
  | Readonly<{ type: 'running'; nextMs: number | undefined }>

/** One pass over a running pod: its status as it is, then what brings it to what it should be. */
export async function syncPod(parts: PodParts, memory: PodMemory, closed: Ending): Promise<SyncOutcome> {
  const { deps, probes } = parts
  const publish = async (): Promise<PodStatus> => {
    const status = await publishStatus(parts, memory, false)
    probes.update(memory.pod, status)
    return status
  }
  if (deadlineMs(parts, memory.pod) <= deps.clock.nowMs()) {
    memory.verdict = {
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    }
    parts.events.pod(memory.pod, 'Normal', 'DeadlineExceeded', memory.verdict.message)
    return { type: 'terminal' }
  }
  if (allocateResize(parts, memory)) await saveAllocation(parts, memory)
  noteProgress(parts, memory, observePod(deps.runtime, memory.pod.metadata.uid))
  if (isTerminalPhase((await publish()).phase)) return { type: 'terminal' }
  const mountRetryMs = await mountVolumes(parts, memory)
  if (mountRetryMs !== undefined) return { type: 'running', nextMs: deps.clock.nowMs() + mountRetryMs }
  if (closed.aborted) return { type: 'running', nextMs: undefined }
  const { pod } = memory
  const observed = observePod(deps.runtime, pod.metadata.uid)
  const { clock } = deps
  const actions = computePodActions({
    pod,
    observed,
    probes: probes.results,
    images: await imageStates(parts, pod, observed),
    crashes: memory.crashes,
    actuated: memory.actuated,
    nowMs: clock.nowMs(),
  })
  const done = await perform({ parts, memory, closed, publish }, actions)
  await collectGarbage(parts, pod)
  if (actions.length > 0 && !closed.aborted) {
    noteProgress(parts, memory, observePod(deps.runtime, pod.metadata.uid))
    await publish()
  }
  const times = [
    done.nextMs,
    done.failed ? clock.nowMs() + retryMs : undefined,
    parts.tokens.renewalMs(pod.metadata.uid),
    memory.remountMs,
    memory.resize.pending === undefined ? undefined : clock.nowMs() + resizeRetryMs,
  ]
  const known = [...times, deadlineMs(parts, pod)].filter((ms) => ms !== undefined && Number.isFinite(ms)) as number[]
  return { type: 'running', nextMs: known.length === 0 ? undefined : Math.min(...known) }
}

/** When activeDeadlineSeconds are over. */
function deadlineMs({ statuses }: PodParts, pod: KubeletPod): number {
  const { activeDeadlineSeconds } = pod.spec
  const startedMs = msOfTimestamp((statuses.latest(pod.metadata.uid) ?? pod.status).startTime)
  if (activeDeadlineSeconds === undefined || startedMs === undefined) return Number.POSITIVE_INFINITY
  return startedMs + activeDeadlineSeconds * 1000
}

async function imageStates(
  { puller }: PodParts,
  pod: KubeletPod,
  observed: ObservedPod,
): Promise<ReadonlyMap<string, ImageState>> {
  const wanted = [...allContainers(pod), ...volumeImages(pod)]
  const states = await Promise.all(
    wanted.map(async (container): Promise<readonly [string, ImageState]> => {
      const { name } = container
      return [name, await puller.stateOf(pod, container, nextAttempt(observed, name))]
    }),
  )
  return new Map(states)
}

function volumeImages(pod: KubeletPod): readonly Container[] {
  return (pod.spec.volumes ?? []).flatMap(({ name }) => volumeImage(pod, name) ?? [])
}

/** Sets the volumes up where they are not as they should be. How long to wait when that fails. */
async function mountVolumes(parts: PodParts, memory: PodMemory): Promise<number | undefined> {
  const { deps, objects, tokens, events } = parts
  const { pod } = memory
  const renewMs = tokens.renewalMs(pod.metadata.uid) ?? Number.POSITIVE_INFINITY
  const isDue = deps.clock.nowMs() >= Math.min(renewMs, memory.remountMs)
  if (memory.volumes !== undefined && !memory.volumesStale && !isDue) return undefined
  memory.volumesStale = false
  await deps.disk.makeDirectory(podDirectory(deps.config.rootDirectory, pod.metadata.uid), 0o750)
  const facts = podFacts(parts, pod, observePod(deps.runtime, pod.metadata.uid))
  const mounted = await setUpVolumes({ ...deps, csi: parts.plugins.csi }, { objects, tokens, facts }, pod)
  if (mounted.ok) {
    memory.volumes = mounted.value
    memory.remountMs = [...mounted.value.values()].some(({ remounts }) => remounts)
      ? deps.clock.nowMs() + remountAfterMs
      : Number.POSITIVE_INFINITY
    memory.volumeFailures = 0
    return undefined
  }
  memory.volumesStale = true
  const { volume, message } = mounted.error
  events.pod(
    pod,
    'Warning',
    'FailedMount',
    `MountVolume.SetUp failed for volume ${JSON.stringify(volume)} : ${message}`,
  )
  const waitMs = Math.min(largestMountRetryMs, firstMountRetryMs * 2 ** memory.volumeFailures)
  memory.volumeFailures += 1
  // What runs already goes on with the volumes as they are.
  return memory.volumes === undefined ? waitMs : undefined
}

async function collectGarbage({ deps }: PodParts, pod: KubeletPod): Promise<void> {
  const observed = observePod(deps.runtime, pod.metadata.uid)
  for (const container of containerGarbage(observed)) await removeContainer(deps, container)
  for (const id of sandboxGarbage(observePod(deps.runtime, pod.metadata.uid))) await deps.runtime.removeSandbox(id)
}
