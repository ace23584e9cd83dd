import { type Observations, type PressureCondition, signals, type Threshold, thresholdsMet } from './threshold.ts'

/** What is remembered from look to look. */
export type EvictionState = Readonly<{
  /** Since when each threshold is met. */
  metSinceMs: ReadonlyMap<Threshold, number>
  /** Those whose grace period was over at the last look. */
  due: readonly Threshold[]
  /** When each condition was last seen to hold. */
  seenAtMs: ReadonlyMap<PressureCondition, number>
}>

export const calmState: EvictionState = { metSinceMs: new Map(), due: [], seenAtMs: new Map() }

export type EvictionInput = Readonly<{
  state: EvictionState
  thresholds: readonly Threshold[]
  observations: Observations
  nowMs: number
}>

/** Kubernetes' eviction manager, without its effects: which thresholds are met now, and for how long they have been. */
export function nextEvictionState({ state, thresholds, observations, nowMs }: EvictionInput): EvictionState {
  const met = thresholdsMet(thresholds, observations, false)
  // What has once led to a reclaim is not over before enough is reclaimed.
  const unresolved = thresholdsMet(state.due, observations, true)
  const all = [...new Set([...met, ...unresolved])]
  const metSinceMs = new Map(all.map((threshold) => [threshold, state.metSinceMs.get(threshold) ?? nowMs]))
  const seenAtMs = new Map(state.seenAtMs)
  for (const { signal } of all) seenAtMs.set(signals[signal].condition, nowMs)
  const due = all.filter((threshold) => nowMs - (metSinceMs.get(threshold) ?? nowMs) >= threshold.graceMs)
  return { metSinceMs, due: byUrgency(due), seenAtMs }
}

/** The conditions that the node has: it says that it lacks something for the transition period after it last did. */
export function pressureConditions(
  { seenAtMs }: EvictionState,
  transitionMs: number,
  nowMs: number,
): ReadonlySet<PressureCondition> {
  return new Set([...seenAtMs].filter(([, atMs]) => nowMs - atMs < transitionMs).map(([condition]) => condition))
}

/** Memory first: it is what the kernel kills for. */
function byUrgency(thresholds: readonly Threshold[]): readonly Threshold[] {
  const isMemory = ({ signal }: Threshold): boolean => signals[signal].resource === 'memory'
  return [...thresholds.filter(isMemory), ...thresholds.filter((threshold) => !isMemory(threshold))]
}
