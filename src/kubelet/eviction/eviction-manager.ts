import type { EventType } from '../../client/event-recorder.ts'
import type { Timer } from '../../ports/clock.ts'
import { durationMs } from '../configuration/kubelet-configuration.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import type { KubeletPod } from '../pod-containers.ts'
import type { EndOrder } from '../pod-parts.ts'
import { type NodeObservations, observeNode } from '../usage/node-observations.ts'
import { podDiskUsage } from '../usage/pod-disk-usage.ts'
import { calmState, nextEvictionState, pressureConditions } from './eviction-decision.ts'
import { evictionMessage } from './eviction-message.ts'
import { evictionOrder, type PodUsage } from './eviction-rank.ts'
import { limitsStorage, storageFault } from './storage-limits.ts'
import { type PressureCondition, parseThresholds, signals, type Threshold, thresholdsMet } from './threshold.ts'

/** Kubernetes: how often is looked; how long an evicted pod is waited for, and how often is looked whether it is gone. */
const lookMs = 10_000
const cleanupTimeoutMs = 30_000
const cleanupLookMs = 1_000
/** Kubernetes' immediateEvictionGracePeriodSeconds. */
const immediateSeconds = 1

/** Gives back what is not needed, and ends pods, when the node runs out of something, before the kernel ends whatever it likes. */
export interface EvictionManager {
  /** What was short within the transition period. */
  pressure(): ReadonlySet<PressureCondition>
  /** Begins to look. */
  watch(pods: EvictablePods): void
  stop(): void
}

export type EvictablePods = Readonly<{
  running(): readonly KubeletPod[]
  end(uid: string, order: EndOrder): void
  /** Nothing of the pod runs any more, and what it used is given back. */
  isCleanedUp(uid: string): boolean
  removeDeadContainers(): Promise<void>
  removeUnusedImages(): Promise<void>
  tellNode(type: EventType, reason: string, message: string): void
  tellPod(pod: KubeletPod, message: string, annotations: Readonly<Record<string, string>>): void
}>

type Deps = Pick<KubeletDeps, 'runtime' | 'clock' | 'log' | 'disk' | 'config'>

export function makeEvictionManager(deps: Deps): EvictionManager {
  const { clock, log, config } = deps
  const { configuration } = config
  const parsed = parseThresholds(configuration)
  const thresholds = parsed.ok ? parsed.value : []
  const transitionMs = durationMs(configuration.evictionPressureTransitionPeriod)
  let state = calmState
  let timer: Timer | undefined
  let stopped = false

  /** The pods that were ended. */
  const look = async (pods: EvictablePods): Promise<readonly string[]> => {
    const seen = await observeNode(deps)
    const nowMs = clock.monotonicMs()
    state = nextEvictionState({ state, thresholds, observations: seen.observations, nowMs })
    const { due } = state
    const exceeding = await endExceeding(deps, pods, seen.dedicatedImageFs)
    if (exceeding.length > 0) return exceeding
    const [first] = due
    if (first === undefined) return []
    const { resource } = signals[first.signal]
    log.info('the node runs short', { resource, signal: first.signal })
    pods.tellNode('Warning', 'EvictionThresholdMet', `Attempting to reclaim ${resource}`)
    if (await reclaimNode(deps, pods, first, seen, thresholds)) return []
    return endOne(deps, pods, first, seen, due)
  }
  const loop = async (pods: EvictablePods): Promise<void> => {
    const ended = await look(pods).catch((error: unknown) => {
      log.error('the node could not be watched for what runs short', { error: String(error) })
      return []
    })
    const deadlineMs = clock.monotonicMs() + cleanupTimeoutMs
    while (!stopped && !ended.every(pods.isCleanedUp) && clock.monotonicMs() < deadlineMs)
      await clock.sleep(cleanupLookMs)
    // What the pod gave back may not be enough.
    if (!stopped) timer = clock.after(ended.length > 0 ? 0 : lookMs, () => void loop(pods))
  }
  return {
    pressure: () => pressureConditions(state, transitionMs, clock.monotonicMs()),
    watch: (pods) => void loop(pods),
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}

/** Pods that have written more than they may. */
async function endExceeding(deps: Deps, pods: EvictablePods, dedicatedImageFs: boolean): Promise<readonly string[]> {
  const ended: string[] = []
  for (const pod of pods.running().filter(limitsStorage)) {
    const message = storageFault(pod, await podDiskUsage(deps, pod), dedicatedImageFs)
    if (message === undefined) continue
    pods.tellPod(pod, message, {})
    pods.end(pod.metadata.uid, { reason: 'Evicted', message, graceSeconds: immediateSeconds, isDisruption: false })
    ended.push(pod.metadata.uid)
  }
  return ended
}

/** Whether what nobody needs was enough. Of memory and processes the node itself has nothing to give back. */
async function reclaimNode(
  deps: Deps,
  pods: EvictablePods,
  { signal }: Threshold,
  { dedicatedImageFs }: NodeObservations,
  thresholds: readonly Threshold[],
): Promise<boolean> {
  if (signals[signal].condition !== 'DiskPressure') return false
  // With images on a file system of their own, nothing on the node's is without use.
  if (dedicatedImageFs && signal.startsWith('nodefs.')) return false
  await pods.removeDeadContainers()
  await pods.removeUnusedImages()
  const { observations } = await observeNode(deps)
  return thresholdsMet(thresholds, observations, true).length === 0
}

/** One at a time: what it gives back may be enough. */
async function endOne(
  deps: Deps,
  pods: EvictablePods,
  threshold: Threshold,
  { observations, dedicatedImageFs }: NodeObservations,
  due: readonly Threshold[],
): Promise<readonly string[]> {
  const { resource, condition } = signals[threshold.signal]
  const usages = await usagesOf(deps, pods.running(), condition === 'DiskPressure')
  const [usage] = evictionOrder(threshold.signal, usages, { dedicatedImageFs })
  if (usage === undefined) return []
  const { pod } = usage
  const most = deps.config.configuration.evictionMaxPodGracePeriod
  const graceSeconds =
    threshold.graceMs === 0 ? immediateSeconds : Math.min(most, pod.spec.terminationGracePeriodSeconds ?? most)
  const { message, annotations } = evictionMessage(resource, usage, due, observations)
  pods.tellPod(pod, message, annotations)
  pods.end(pod.metadata.uid, { reason: 'Evicted', message, graceSeconds, isDisruption: true })
  return [pod.metadata.uid]
}

async function usagesOf(deps: Deps, pods: readonly KubeletPod[], withDisk: boolean): Promise<readonly PodUsage[]> {
  const { runtime } = deps
  const stats = new Map((await runtime.stats()).map((one) => [one.containerId, one]))
  const containers = runtime.containers()
  return Promise.all(
    pods.map(async (pod) => {
      const own = containers.flatMap(({ id, name, pod: { uid } }) => {
        const used = uid === pod.metadata.uid ? stats.get(id) : undefined
        return used === undefined ? [] : [{ name, used }]
      })
      return {
        pod,
        memoryBytes: new Map(own.map(({ name, used }) => [name, used.memoryWorkingSetBytes])),
        processes: own.reduce((sum, { used }) => sum + used.pids, 0),
        ...(withDisk ? { disk: await podDiskUsage(deps, pod) } : {}),
      }
    }),
  )
}
