import type {
  V2HorizontalPodAutoscaler as Autoscaler,
  V2HorizontalPodAutoscalerCondition as Condition,
  V2MetricStatus as MetricStatus,
  Pod,
  Scale,
  V2HorizontalPodAutoscalerSpec as Spec,
  V2HorizontalPodAutoscalerStatus as Status,
} from '../../api/kinds.generated.ts'
import { type Kind, kinds } from '../../api/kinds.ts'
import type { ApiObject, Stored } from '../../api/object.ts'
import type { Result } from '../../api/result.ts'
import { timestampOf } from '../../api/wire-time.ts'
import { type Action, event, requeue, updateStatus } from '../action.ts'
import type { MetricAnswer } from './asked-proposal.ts'
import { measureAll, type ResourceMetrics } from './metric-proposal.ts'
import {
  limitedByBehavior,
  limitedByRange,
  type Memory,
  remembered,
  rememberedScale,
  stabilized,
} from './scaling-limits.ts'

export type ObservedAutoscaler = Readonly<{
  nowMs: number
  autoscaler: Stored<Autoscaler> & Readonly<{ spec: Spec }>
  /** The size of what it scales, and of which kind that is; or why it could not be had. */
  target: Result<Readonly<{ kind: Kind; scale: Scale }>, string>
  /** Pods of its namespace that the target's selector names. */
  pods: readonly Stored<Pod>[]
  /** What the resource metrics API tells of them, or why it does not. */
  metrics: Result<ResourceMetrics, string>
  /** What the APIs of custom and external metrics tell of each of its metrics that is theirs to tell. */
  asked: readonly (MetricAnswer | undefined)[]
  /** Others whose targets have pods in common with this one's: they would pull against each other. */
  rivals: readonly string[]
  memory: Memory
}>

/** --horizontal-pod-autoscaler-sync-period. */
const syncMs = 15_000

type Decided = Readonly<{ actions: readonly Action[]; memory: Memory }>

/** Gives the target the size at which its pods use what they should; how fast, the behavior says. */
export function autoscale(observed: ObservedAutoscaler): Decided {
  const { autoscaler, target, memory } = observed
  if (!target.ok) {
    const message = `the HPA controller was unable to get the target's current scale: ${target.error}`
    const conditions = withCondition(
      observed,
      conditionsOf(autoscaler),
      'AbleToScale',
      false,
      'FailedGetScale',
      message,
    )
    const told = event(autoscaler, 'Warning', 'FailedGetScale', target.error)
    return { actions: [told, ...report(observed, { ...statusOf(autoscaler), conditions }), requeue(syncMs)], memory }
  }
  const { scale } = target.value
  const current = scale.spec?.replicas ?? 0
  const started = memory.recommendations.length === 0 ? remembered(memory, current, observed.nowMs) : memory
  const got = "the HPA controller was able to get the target's current scale"
  const conditions = withCondition(observed, conditionsOf(autoscaler), 'AbleToScale', true, 'SucceededGetScale', got)
  const decided = decide({ ...observed, memory: started }, scale, current, conditions)
  return { ...decided, actions: [...decided.actions, requeue(syncMs)] }
}

function decide(
  observed: ObservedAutoscaler,
  scale: Scale,
  current: number,
  conditions: readonly Condition[],
): Decided {
  const { minReplicas: min = 1, maxReplicas: max } = observed.autoscaler.spec
  if (current === 0) {
    const why = 'scaling is disabled since the replica count of the target is zero'
    const disabled = withCondition(observed, conditions, 'ScalingActive', false, 'ScalingDisabled', why)
    return { actions: settle(observed, current, 0, disabled, []), memory: observed.memory }
  }
  if (current > max) {
    return rescale(observed, current, max, 'Current number of replicas above Spec.MaxReplicas', conditions, [])
  }
  if (current < min) {
    return rescale(observed, current, min, 'Current number of replicas below Spec.MinReplicas', conditions, [])
  }
  return decideByMetrics(observed, scale, current, conditions)
}

function decideByMetrics(
  observed: ObservedAutoscaler,
  scale: Scale,
  current: number,
  known: readonly Condition[],
): Decided {
  const { autoscaler, memory, nowMs } = observed
  const measured = measureAll(observed, scale, current)
  const told = measured.failures.map(({ reason, message }) => event(autoscaler, 'Warning', reason, message))
  if (!measured.found) {
    const { reason, message, error } = measured.failure
    const conditions = withCondition(observed, known, 'ScalingActive', false, reason, message)
    const failed = event(autoscaler, 'Warning', 'FailedComputeMetricsReplicas', error)
    const status = { ...statusOf(autoscaler), currentReplicas: current, currentMetrics: measured.statuses }
    return { actions: [...told, ...report(observed, { ...status, conditions }), failed], memory }
  }
  const { replicas: desired, metric, statuses } = measured
  const valid = `the HPA was able to successfully calculate a replica count from ${metric}`
  const active = withCondition(observed, known, 'ScalingActive', true, 'ValidMetricFound', valid)
  const reason = desired > current ? `${metric} above target` : desired < current ? 'All metrics below target' : ''
  const { replicas, conditions } = normalised(observed, current, desired, active)
  const remembering = { ...observed, memory: remembered(memory, desired, nowMs) }
  const next =
    replicas === current
      ? { actions: settle(observed, current, current, conditions, statuses), memory: remembering.memory }
      : rescale(remembering, current, replicas, reason, conditions, statuses)
  return { ...next, actions: [...told, ...next.actions] }
}

function normalised(
  observed: ObservedAutoscaler,
  current: number,
  desired: number,
  known: readonly Condition[],
): Readonly<{ replicas: number; conditions: readonly Condition[] }> {
  const { autoscaler, memory, nowMs } = observed
  const { behavior, minReplicas: min = 1, maxReplicas: max } = autoscaler.spec
  const rules = { up: behavior?.scaleUp, down: behavior?.scaleDown }
  const steady = stabilized(desired, behavior === undefined ? desired : current, rules, memory, nowMs)
  // Without behavior the highest recent one counts, whichever way it leads.
  const stable = behavior === undefined ? highestOf(desired, observed) : steady.replicas
  const heldBack = behavior === undefined ? scaleDownStabilized : steady
  const isHeld = stable !== desired
  const able = isHeld ? heldBack : { reason: 'ReadyForNewScale', message: 'recommended size matches current size' }
  const range = { min, max }
  const limited =
    behavior === undefined
      ? limitedByRange(stable, current, range)
      : limitedByBehavior(stable, current, range, rules, memory, nowMs)
  const held = withCondition(observed, known, 'AbleToScale', true, able.reason, able.message)
  const isLimited = limited.replicas !== stable
  return {
    replicas: limited.replicas,
    conditions: withCondition(observed, held, 'ScalingLimited', isLimited, limited.reason, limited.message),
  }
}

const scaleDownStabilized = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
}

function highestOf(desired: number, { memory, nowMs }: ObservedAutoscaler): number {
  return stabilized(desired, Number.MAX_SAFE_INTEGER, { up: undefined, down: undefined }, memory, nowMs).replicas
}

/** Written first, so that the status tells of nothing that has not happened. */
function rescale(
  observed: ObservedAutoscaler,
  current: number,
  desired: number,
  reason: string,
  known: readonly Condition[],
  statuses: readonly MetricStatus[],
): Decided {
  const { autoscaler, target, memory, nowMs } = observed
  const able = `the HPA controller was able to update the target scale to ${desired}`
  const conditions = withCondition(observed, known, 'AbleToScale', true, 'SucceededRescale', able)
  const status = {
    ...scaledStatus(autoscaler, current, desired, conditions, statuses),
    lastScaleTime: timestampOf(nowMs),
  }
  const written = target.ok ? [scaleTo(target.value, desired)] : []
  return {
    actions: [
      ...written,
      event(autoscaler, 'Normal', 'SuccessfulRescale', `New size: ${desired}; reason: ${reason}`),
      ...report(observed, status),
    ],
    memory: autoscaler.spec.behavior === undefined ? memory : rememberedScale(memory, current, desired, nowMs),
  }
}

/** What is said of a target that could not be given its size. Nothing is remembered of that. */
export function rescaleFailed(observed: ObservedAutoscaler, why: string): readonly Action[] {
  const { autoscaler } = observed
  const { actions } = autoscale(observed)
  const done = actions.find((one) => one.type === 'event' && one.reason === 'SuccessfulRescale')
  const told = actions.find((one) => one.type === 'updateStatus')
  if (done?.type !== 'event' || told?.type !== 'updateStatus') return []
  const { currentReplicas, currentMetrics, conditions = [] } = told.object.status as Status
  const failed = `the HPA controller was unable to update the target scale: ${why}`
  const able = withCondition(observed, conditions, 'AbleToScale', false, 'FailedUpdateScale', failed)
  const status = { ...statusOf(autoscaler), currentReplicas, currentMetrics, conditions: able } as Status
  return [event(autoscaler, 'Warning', 'FailedRescale', `${done.message}; error: ${why}`), ...report(observed, status)]
}

function scaleTo({ kind, scale }: Readonly<{ kind: Kind; scale: Scale }>, replicas: number): Action {
  return { type: 'scale', kind, object: { ...scale, spec: { replicas } } as unknown as ApiObject }
}

function settle(
  observed: ObservedAutoscaler,
  current: number,
  desired: number,
  conditions: readonly Condition[],
  statuses: readonly MetricStatus[],
): readonly Action[] {
  return report(observed, scaledStatus(observed.autoscaler, current, desired, conditions, statuses))
}

function scaledStatus(
  autoscaler: Stored<Autoscaler>,
  currentReplicas: number,
  desiredReplicas: number,
  conditions: readonly Condition[],
  currentMetrics: readonly MetricStatus[],
): Status {
  const { lastScaleTime } = autoscaler.status ?? {}
  const time = lastScaleTime === undefined ? {} : { lastScaleTime }
  return { ...time, currentReplicas, desiredReplicas, currentMetrics, conditions }
}

function statusOf({ status }: Stored<Autoscaler>): Status {
  return { ...status, desiredReplicas: status?.desiredReplicas ?? 0 }
}

function conditionsOf({ status }: Stored<Autoscaler>): readonly Condition[] {
  return status?.conditions ?? []
}

function withCondition(
  { nowMs }: ObservedAutoscaler,
  known: readonly Condition[],
  type: string,
  holds: boolean,
  reason: string,
  message: string,
): readonly Condition[] {
  const status = holds ? 'True' : 'False'
  const before = known.find((condition) => condition.type === type)
  const since = before?.status === status ? (before.lastTransitionTime ?? '') : timestampOf(nowMs)
  const condition = { type, status, lastTransitionTime: since, reason, message }
  return before === undefined ? [...known, condition] : known.map((each) => (each.type === type ? condition : each))
}

function report({ autoscaler }: ObservedAutoscaler, status: Status): readonly Action[] {
  const text = ({
    currentReplicas = 0,
    desiredReplicas = 0,
    currentMetrics,
    conditions = [],
    lastScaleTime,
  }: Status): string =>
    JSON.stringify([currentReplicas, desiredReplicas, currentMetrics ?? [], conditions.map(asSaid), lastScaleTime])
  const isSame = autoscaler.status !== undefined && text(autoscaler.status as Status) === text(status)
  return isSame ? [] : [updateStatus(kinds.horizontalPodAutoscalers, { ...autoscaler, status } as typeof autoscaler)]
}

function asSaid({ type, status, reason, message }: Condition): readonly unknown[] {
  return [type, status, reason, message]
}
