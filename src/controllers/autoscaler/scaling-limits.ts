import type { V2HPAScalingRules as ScalingRules } from '../../api/kinds.generated.ts'

/** What was proposed, and when. */
export type Recommendation = Readonly<{ replicas: number; atMs: number }>
/** By how much the target has grown or shrunk, and when. */
export type ScaleEvent = Readonly<{ change: number; atMs: number }>

/** What an autoscaler remembers: of its own, in no object. */
export type Memory = Readonly<{
  recommendations: readonly Recommendation[]
  ups: readonly ScaleEvent[]
  downs: readonly ScaleEvent[]
}>

export const noMemory: Memory = { recommendations: [], ups: [], downs: [] }

export type Limited = Readonly<{ replicas: number; reason: string; message: string }>

const secondMs = 1000
/** --horizontal-pod-autoscaler-downscale-stabilization. */
const downscaleWindowSeconds = 300
const longestWindowSeconds = 3600

const lowest = 'recent recommendations were lower than current one, applying the lowest recent recommendation'
const highest = 'recent recommendations were higher than current one, applying the highest recent recommendation'

export function windowOf(rules: ScalingRules | undefined, isDown: boolean): number {
  return rules?.stabilizationWindowSeconds ?? (isDown ? downscaleWindowSeconds : 0)
}

/** Without behavior only shrinking is held back: by the highest of the last five minutes. */
export function stabilized(
  desired: number,
  current: number,
  rules: Readonly<{ up: ScalingRules | undefined; down: ScalingRules | undefined }>,
  { recommendations }: Memory,
  nowMs: number,
): Limited {
  const within = (seconds: number): readonly number[] =>
    recommendations.filter(({ atMs }) => atMs > nowMs - seconds * secondMs).map(({ replicas }) => replicas)
  const up = Math.min(desired, ...within(windowOf(rules.up, false)))
  const down = Math.max(desired, ...within(windowOf(rules.down, true)))
  const replicas = Math.min(Math.max(current, up), down)
  return desired >= current
    ? { replicas, reason: 'ScaleUpStabilized', message: lowest }
    : { replicas, reason: 'ScaleDownStabilized', message: highest }
}

/** Kept as long as any window may look back. */
export function remembered(memory: Memory, replicas: number, nowMs: number): Memory {
  const kept = memory.recommendations.filter(({ atMs }) => atMs > nowMs - longestWindowSeconds * secondMs)
  return { ...memory, recommendations: [...kept, { replicas, atMs: nowMs }] }
}

export function rememberedScale(memory: Memory, before: number, after: number, nowMs: number): Memory {
  const recent = (events: readonly ScaleEvent[]): readonly ScaleEvent[] =>
    events.filter(({ atMs }) => atMs > nowMs - longestWindowSeconds * secondMs)
  const change = Math.abs(after - before)
  const one = { change, atMs: nowMs }
  return after > before
    ? { ...memory, ups: [...recent(memory.ups), one], downs: recent(memory.downs) }
    : { ...memory, ups: recent(memory.ups), downs: [...recent(memory.downs), one] }
}

const within: Omit<Limited, 'replicas'> = {
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
}
const tooFast = {
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
}
const tooMany = {
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
}
const tooFastDown = {
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
}
const tooFew = { reason: 'TooFewReplicas', message: 'the desired replica count is less than the minimum replica count' }

type Range = Readonly<{ min: number; max: number }>

/** Without behavior: at most twice as many at once, or four. */
export function limitedByRange(desired: number, current: number, { min, max }: Range): Limited {
  const limit = Math.max(2 * current, 4)
  if (desired < min) return { replicas: min, ...tooFew }
  const most = Math.min(max, limit)
  return desired > most ? { replicas: most, ...(max > limit ? tooFast : tooMany) } : { replicas: desired, ...within }
}

/** As fast as the policies allow, of what there was when their periods began. */
export function limitedByBehavior(
  desired: number,
  current: number,
  { min, max }: Range,
  rules: Readonly<{ up: ScalingRules | undefined; down: ScalingRules | undefined }>,
  memory: Memory,
  nowMs: number,
): Limited {
  if (desired > current) {
    const limit = Math.max(current, rateLimit(current, rules.up, 1, memory, nowMs))
    const most = Math.min(max, limit)
    return desired > most ? { replicas: most, ...(max > limit ? tooFast : tooMany) } : { replicas: desired, ...within }
  }
  if (desired < current) {
    const limit = Math.min(current, rateLimit(current, rules.down, -1, memory, nowMs))
    const least = Math.max(min, limit)
    return desired < least
      ? { replicas: least, ...(min < limit ? tooFastDown : tooFew) }
      : { replicas: desired, ...within }
  }
  return { replicas: desired, ...within }
}

/** What the policies lead to; the one that changes the most counts, unless the least is asked for. */
function rateLimit(
  current: number,
  rules: ScalingRules | undefined,
  sign: 1 | -1,
  { ups, downs }: Memory,
  nowMs: number,
): number {
  const { selectPolicy = 'Max', policies = [] } = rules ?? {}
  if (selectPolicy === 'Disabled') return current
  const proposals = policies.map(({ type, value, periodSeconds }) => {
    const sum = (events: readonly ScaleEvent[]): number =>
      events
        .filter(({ atMs }) => atMs > nowMs - periodSeconds * secondMs)
        .reduce((total, { change }) => total + change, 0)
    const start = current - sum(ups) + sum(downs)
    if (type === 'Pods') return start + sign * value
    return sign === 1 ? Math.ceil(start * (1 + value / 100)) : Math.trunc(start * (1 - value / 100))
  })
  const isFarthest = selectPolicy !== 'Min'
  return isFarthest === (sign === 1) ? Math.max(...proposals) : Math.min(...proposals)
}
