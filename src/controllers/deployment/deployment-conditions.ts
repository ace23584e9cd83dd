import type { Deployment, DeploymentCondition, ReplicaSetCondition } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { timestampOf } from '../../api/wire-time.ts'
import { hasProgressDeadline } from './deployment-arithmetic.ts'

export type Conditions = readonly DeploymentCondition[]
export type ConditionStatus = 'True' | 'False' | 'Unknown'

export function condition(
  nowMs: number,
  type: string,
  status: ConditionStatus,
  reason: string,
  message: string,
): DeploymentCondition {
  const at = timestampOf(nowMs)
  return { type, status, lastUpdateTime: at, lastTransitionTime: at, reason, message }
}

export function find(conditions: Conditions, type: string): DeploymentCondition | undefined {
  return conditions.find((each) => each.type === type)
}

/** A condition with the same status and reason stays as it is; one with the same status keeps its transition time. */
export function withCondition(conditions: Conditions, next: DeploymentCondition): Conditions {
  const known = find(conditions, next.type)
  if (known !== undefined && known.status === next.status && known.reason === next.reason) return conditions
  const { lastTransitionTime } = known?.status === next.status ? known : next
  const kept = lastTransitionTime === undefined ? next : { ...next, lastTransitionTime }
  return [...without(conditions, next.type), kept]
}

export function without(conditions: Conditions, type: string): Conditions {
  return conditions.filter((each) => each.type !== type)
}

export function fromReplicaSet(failure: ReplicaSetCondition): DeploymentCondition {
  const { type, status, lastTransitionTime, reason, message } = failure
  return {
    type,
    status,
    ...(lastTransitionTime === undefined ? {} : { lastTransitionTime, lastUpdateTime: lastTransitionTime }),
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  }
}

/** While a Deployment is paused no progress is expected, and after it is resumed the deadline starts anew. */
export function pausedConditions(deployment: Stored<Deployment>, nowMs: number): Conditions {
  const conditions = deployment.status.conditions ?? []
  const known = find(conditions, 'Progressing')
  if (!hasProgressDeadline(deployment) || known?.reason === 'ProgressDeadlineExceeded') return conditions
  const saysPaused = known?.reason === 'DeploymentPaused'
  const paused = deployment.spec.paused === true
  if (paused === saysPaused) return conditions
  const next = paused
    ? condition(nowMs, 'Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused')
    : condition(nowMs, 'Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed')
  return withCondition(conditions, next)
}
