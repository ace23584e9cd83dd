import type { Container, Pod } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { parseQuantity, quantityMilli } from '../../api/quantity.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'
import { podCondition } from '../pod-state.ts'

/** What one pod uses, in thousandths, and when it was measured over which time. */
export type PodMetric = Readonly<{ milli: number; atMs: number; windowMs: number }>
export type PodMetrics = ReadonlyMap<string, PodMetric>

export type Tolerances = Readonly<{ up: number; down: number }>

/** `usage`: the average of a pod, in thousandths. */
export type Proposal = Readonly<{ replicas: number; usage: number; utilization?: number }>

export type Measured = Readonly<{
  pods: readonly Stored<Pod>[]
  metrics: PodMetrics
  resource: string
  currentReplicas: number
  tolerances: Tolerances
  nowMs: number
}>

/** --horizontal-pod-autoscaler-cpu-initialization-period and -initial-readiness-delay. */
const initializationMs = 300_000
const readinessDelayMs = 30_000

type Groups = Readonly<{
  ready: number
  unready: readonly string[]
  missing: readonly string[]
  ignored: readonly string[]
}>

function grouped({ pods, metrics, resource, nowMs }: Measured): Groups {
  const unready: string[] = []
  const missing: string[] = []
  const ignored: string[] = []
  let ready = 0
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata
    const metric = metrics.get(name)
    if (deletionTimestamp !== undefined || pod.status.phase === 'Failed') ignored.push(name)
    else if (pod.status.phase === 'Pending') unready.push(name)
    else if (metric === undefined) missing.push(name)
    else if (resource === 'cpu' && isWarmingUp(pod, metric, nowMs)) unready.push(name)
    else ready += 1
  }
  return { ready, unready, missing, ignored }
}

/** A pod that begins burns processor time that says nothing of its load. */
function isWarmingUp(pod: Stored<Pod>, { atMs, windowMs }: PodMetric, nowMs: number): boolean {
  const condition = podCondition(pod, 'Ready')
  const startedMs = msOfTimestamp(pod.status.startTime)
  if (condition === undefined || startedMs === undefined) return true
  const changedMs = msOfTimestamp(condition.lastTransitionTime) ?? 0
  const isUnready = condition.status === 'False'
  if (startedMs + initializationMs > nowMs) return isUnready || atMs < changedMs + windowMs
  return isUnready && startedMs + readinessDelayMs > changedMs
}

type Ratio = Readonly<{ ratio: number; usage: number; utilization?: number }>
type RatioOf = (values: ReadonlyMap<string, number>) => Ratio | undefined

const noMetrics = 'did not receive metrics for targeted pods (pods might be unready)'
export const noPods = 'no pods returned by selector while calculating replica count'

/** How many pods there should be for each to use what it should: pods that tell nothing are taken for what changes the least. */
function propose(measured: Measured, ratioOf: RatioOf, fallback: (pod: string) => number): Result<Proposal, string> {
  const { pods, metrics, currentReplicas, tolerances } = measured
  if (pods.length === 0) return fail(noPods)
  const { ready, unready, missing, ignored } = grouped(measured)
  const left = new Set([...ignored, ...unready])
  const values = new Map([...metrics].filter(([name]) => !left.has(name)).map(([name, { milli }]) => [name, milli]))
  if (values.size === 0) return fail(noMetrics)
  const first = ratioOf(values)
  if (first === undefined) return fail('no metrics returned matched known pods')
  const { ratio } = first
  const told = { usage: first.usage, ...(first.utilization === undefined ? {} : { utilization: first.utilization }) }
  const grows = unready.length > 0 && ratio > 1
  const stays = ok({ replicas: currentReplicas, ...told })
  if (!grows && missing.length === 0) {
    return isWithin(tolerances, ratio) ? stays : ok({ replicas: Math.ceil(ratio * ready), ...told })
  }
  if (ratio !== 1) for (const name of missing) values.set(name, ratio < 1 ? fallback(name) : 0)
  if (grows) for (const name of unready) values.set(name, 0)
  const second = ratioOf(values)?.ratio ?? ratio
  const turns = (ratio < 1 && second > 1) || (ratio > 1 && second < 1)
  if (isWithin(tolerances, second) || turns) return stays
  const replicas = Math.ceil(second * values.size)
  const contradicts = (second < 1 && replicas > currentReplicas) || (second > 1 && replicas < currentReplicas)
  return contradicts ? stays : ok({ replicas, ...told })
}

export function isWithin({ up, down }: Tolerances, ratio: number): boolean {
  return 1 - down <= ratio && ratio <= 1 + up
}

/** By what a pod should use on average, in thousandths. */
export function proposeForUsage(measured: Measured, target: number): Result<Proposal, string> {
  const ratioOf: RatioOf = (values) => {
    const usage = Math.trunc([...values.values()].reduce((sum, value) => sum + value, 0) / values.size)
    return { ratio: usage / target, usage }
  }
  return propose(measured, ratioOf, () => target)
}

/** By the share of what pods ask for, in percent; of one container where it is named. */
export function proposeForUtilization(measured: Measured, target: number, container = ''): Result<Proposal, string> {
  if (measured.pods.length === 0) return fail(noPods)
  const requests = new Map<string, number>()
  for (const pod of measured.pods) {
    const request = requestOf(pod, measured.resource, container)
    if (!request.ok) return request
    requests.set(pod.metadata.name, request.value)
  }
  const ratioOf: RatioOf = (values) => {
    const known = [...values].filter(([name]) => requests.has(name))
    const used = known.reduce((sum, [, value]) => sum + value, 0)
    const asked = known.reduce((sum, [name]) => sum + (requests.get(name) ?? 0), 0)
    if (asked === 0) return undefined
    const utilization = Math.trunc((used * 100) / asked)
    return { ratio: utilization / target, usage: Math.trunc(used / known.length), utilization }
  }
  return propose(measured, ratioOf, (name) => ((requests.get(name) ?? 0) * Math.max(100, target)) / 100)
}

function requestOf({ metadata, spec }: Stored<Pod>, resource: string, container: string): Result<number, string> {
  const whole = container === '' ? spec.resources?.requests : undefined
  if (whole !== undefined && Object.keys(whole).length > 0) {
    const text = whole[resource]
    return text === undefined
      ? fail(`missing pod-level request for ${resource} in Pod ${metadata.name}`)
      : ok(milliOf(text))
  }
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  const containers: readonly Container[] = [...spec.containers, ...sidecars]
  const counted = container === '' ? containers : containers.filter(({ name }) => name === container)
  if (counted.length === 0) return fail(`container ${container} not found in Pod ${metadata.name}`)
  let sum = 0
  for (const { name, resources } of counted) {
    const text = resources?.requests?.[resource]
    if (text === undefined) return fail(`missing request for ${resource} in container ${name} of Pod ${metadata.name}`)
    sum += milliOf(text)
  }
  return ok(sum)
}

export function milliOf(text: string): number {
  const amount = parseQuantity(text)
  return amount.ok ? Number(quantityMilli(amount.value)) : 0
}
