import type { Condition, PodDisruptionBudget, PodDisruptionBudgetStatus } from './kinds.generated.ts'

export const disruptionAllowed = 'DisruptionAllowed'

/** Of a budget: a pod that was evicted is counted as gone for this long, though it is still there. */
export const evictionTimeoutMs = 120_000

/** Never a reason of its own: what the count says, or that the count could not be made. */
export type DisruptionReason = 'SufficientPods' | 'InsufficientPods' | 'SyncFailed'

export function disruptionCondition({ status }: PodDisruptionBudget): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === disruptionAllowed)
}

/** The conditions with the one that tells whether pods may be evicted; its time changes only with its status. */
export function withDisruptionCondition(
  status: PodDisruptionBudgetStatus,
  now: string,
  failure?: string,
): PodDisruptionBudgetStatus {
  const known = status.conditions ?? []
  const before = known.find(({ type }) => type === disruptionAllowed)
  const isAllowed = failure === undefined && (status.disruptionsAllowed ?? 0) > 0
  const reason: DisruptionReason =
    failure === undefined ? (isAllowed ? 'SufficientPods' : 'InsufficientPods') : 'SyncFailed'
  const value = isAllowed ? 'True' : 'False'
  const condition: Condition = {
    type: disruptionAllowed,
    status: value,
    reason,
    message: failure ?? '',
    observedGeneration: status.observedGeneration ?? 0,
    lastTransitionTime: before?.status === value ? before.lastTransitionTime : now,
  }
  const others = known.filter(({ type }) => type !== disruptionAllowed)
  return { ...status, conditions: [...others, condition] }
}
