import type { Timer } from '../../ports/clock.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import type { KubeletPod } from '../pod-containers.ts'
import { evictionMessage, evictionOrder, leastAvailableMemoryBytes, type PodUsage } from './eviction-rank.ts'

/** Kubernetes: how often is looked, and how long the node says that it lacks memory after it last did. */
const lookMs = 10_000
const transitionMs = 300_000

/** Ends pods when the machine runs out of memory, before the kernel ends whatever it likes. */
export interface EvictionManager {
  /** Whether memory was short within the last minutes. */
  memoryPressure(): boolean
  /** Begins to look. */
  watch(pods: EvictablePods): void
  stop(): void
}

export type EvictablePods = Readonly<{
  running(): readonly KubeletPod[]
  evict(uid: string, message: string): void
  /** Tells the node's event. */
  tell(message: string): void
}>

export function makeEvictionManager({ runtime, clock, log }: Pick<KubeletDeps, 'runtime' | 'clock' | 'log'>) {
  let shortAtMs = Number.NEGATIVE_INFINITY
  let timer: Timer | undefined
  let stopped = false
  const look = async (pods: EvictablePods): Promise<void> => {
    const machine = await runtime.machineUsage()
    if (machine === undefined || machine.memoryAvailableBytes >= leastAvailableMemoryBytes) return
    shortAtMs = clock.monotonicMs()
    pods.tell('Attempting to reclaim memory')
    const [first] = evictionOrder(await usagesOf(pods.running()))
    // One at a time: what it gives back may be enough.
    if (first !== undefined) pods.evict(first.pod.metadata.uid, evictionMessage(first, machine.memoryAvailableBytes))
  }
  const usagesOf = async (pods: readonly KubeletPod[]): Promise<readonly PodUsage[]> => {
    const used = new Map((await runtime.stats()).map((stats) => [stats.containerId, stats.memoryWorkingSetBytes]))
    const containers = runtime.containers()
    return pods.map((pod) => {
      const own = containers.filter(({ id, pod: { uid } }) => uid === pod.metadata.uid && used.has(id))
      return { pod, memoryBytes: new Map(own.map(({ id, name }) => [name, used.get(id) ?? 0])) }
    })
  }
  const loop = async (pods: EvictablePods): Promise<void> => {
    await look(pods).catch((error: unknown) => log.error('the memory could not be watched', { error: String(error) }))
    if (!stopped) timer = clock.after(lookMs, () => void loop(pods))
  }
  const manager: EvictionManager = {
    memoryPressure: () => clock.monotonicMs() - shortAtMs < transitionMs,
    watch: (pods) => void loop(pods),
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
  return manager
}
