import type { Clock } from '../ports/clock.ts'
import type { ContainerStats, MachineUsage, PodRuntime } from '../runtime/pod-runtime.ts'

/** What runs now, and how fast it used the processors in a window of time that ends now. */
export type UsageSample = Readonly<{
  machine: MachineUsage | undefined
  containers: readonly ContainerStats[]
  windowMs: number
  /** Processor time per time, in billionths of one processor. */
  machineNanoCores: number
  /** By container id; absent for what was not there when the window began. */
  nanoCores: ReadonlyMap<string, number>
}>

type Moment = Readonly<{ machine: MachineUsage | undefined; containers: readonly ContainerStats[]; atMs: number }>

/** Shorter windows tell nothing; from longer ones nobody learns what is now. */
const shortestMs = 1_000
const longestMs = 60_000

/** Measures when asked, and never else: the window begins when somebody last asked, or a second ago. */
export function makeUsageSampler(runtime: PodRuntime, clock: Clock): () => Promise<UsageSample> {
  let before: Moment | undefined
  const look = async (): Promise<Moment> => {
    const [machine, containers] = await Promise.all([runtime.machineUsage(), runtime.stats()])
    return { machine, containers, atMs: clock.monotonicMs() }
  }
  return async () => {
    const nowMs = clock.monotonicMs()
    let first = before
    if (first === undefined || nowMs - first.atMs > longestMs) first = await look()
    const leftMs = shortestMs - (clock.monotonicMs() - first.atMs)
    if (leftMs > 0) await clock.sleep(leftMs)
    const now = await look()
    before = now
    return sampleOf(first, now)
  }
}

function sampleOf(first: Moment, now: Moment): UsageSample {
  const windowMs = now.atMs - first.atMs
  const rate = (usedNs: number): number => Math.max(0, Math.round(usedNs / (windowMs / 1000)))
  const earlier = new Map(first.containers.map(({ containerId, cpuUsageNs }) => [containerId, cpuUsageNs]))
  const nanoCores = new Map(
    now.containers.flatMap(({ containerId, cpuUsageNs }) => {
      const usedBefore = earlier.get(containerId)
      return usedBefore === undefined ? [] : [[containerId, rate(cpuUsageNs - usedBefore)] as const]
    }),
  )
  const machineNanoCores = rate((now.machine?.cpuUsageNs ?? 0) - (first.machine?.cpuUsageNs ?? 0))
  return { machine: now.machine, containers: now.containers, windowMs, machineNanoCores, nanoCores }
}
