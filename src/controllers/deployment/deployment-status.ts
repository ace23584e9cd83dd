import type { Deployment, DeploymentStatus, ReplicaSet } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'
import {
  available,
  hasProgressDeadline,
  maxUnavailable,
  replicasOf,
  type Sets,
  sum,
  wanted,
} from './deployment-arithmetic.ts'
import { type Conditions, condition, find, fromReplicaSet, withCondition, without } from './deployment-conditions.ts'

export type StatusInput = Readonly<{
  nowMs: number
  deployment: Stored<Deployment>
  /** The Deployment's conditions, with what this look at it has already changed in them. */
  conditions: Conditions
  newSet: Stored<ReplicaSet> | undefined
  oldSets: Sets
}>

/** Counts, and whether the Deployment is available: all that is said outside a rollout. */
export function deploymentStatus(input: StatusInput): DeploymentStatus {
  const { nowMs, deployment, newSet, oldSets } = input
  const all = newSet === undefined ? oldSets : [...oldSets, newSet]
  const availableReplicas = available(all)
  const enough = availableReplicas >= replicasOf(deployment) - maxUnavailable(deployment)
  const availability = enough
    ? condition(nowMs, 'Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.')
    : condition(
        nowMs,
        'Available',
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
      )
  const { collisionCount } = deployment.status
  const terminatingReplicas = terminating(all)
  return {
    ...nonZero({
      observedGeneration: deployment.metadata.generation ?? 0,
      replicas: sum(all, ({ status }) => status.replicas),
      updatedReplicas: newSet?.status.replicas ?? 0,
      readyReplicas: sum(all, ({ status }) => status.readyReplicas),
      availableReplicas,
      unavailableReplicas: Math.max(0, wanted(all) - availableReplicas),
    }),
    ...(terminatingReplicas === undefined ? {} : { terminatingReplicas }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withCondition(input.conditions, availability),
  }
}

/** As deploymentStatus, and how the rollout goes on: what `kubectl rollout status` reads. */
export function rolloutStatus(input: StatusInput): DeploymentStatus {
  const status = deploymentStatus(input)
  const progress = progressConditions(input, status)
  const failure = replicaFailure(input)
  const conditions =
    failure === undefined ? without(progress, 'ReplicaFailure') : withCondition(progress, fromReplicaSet(failure))
  return { ...status, conditions }
}

function progressConditions(input: StatusInput, status: DeploymentStatus): Conditions {
  const { nowMs, deployment, newSet } = input
  const conditions = status.conditions ?? []
  if (!hasProgressDeadline(deployment)) return without(conditions, 'Progressing')
  const current = find(input.conditions, 'Progressing')
  const settled = (status.replicas ?? 0) === (status.updatedReplicas ?? 0)
  if (settled && current?.reason === 'NewReplicaSetAvailable') return conditions
  const subject =
    newSet === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${newSet.metadata.name}"`
  if (isComplete(deployment, status)) {
    const message = `${subject} has successfully progressed.`
    return withCondition(conditions, condition(nowMs, 'Progressing', 'True', 'NewReplicaSetAvailable', message))
  }
  if (isProgressing(deployment.status, status)) {
    const next = condition(nowMs, 'Progressing', 'True', 'ReplicaSetUpdated', `${subject} is progressing.`)
    // Every progress moves lastUpdateTime, from which the deadline counts, though status and reason are the same.
    const since = current?.status === 'True' ? current.lastTransitionTime : undefined
    return [...without(conditions, 'Progressing'), since === undefined ? next : { ...next, lastTransitionTime: since }]
  }
  if (!isTimedOut(deployment, conditions, nowMs)) return conditions
  const message = `${subject} has timed out progressing.`
  return withCondition(conditions, condition(nowMs, 'Progressing', 'False', 'ProgressDeadlineExceeded', message))
}

/** All desired replicas are of the newest template and available, and none else are left. */
export function isComplete(deployment: Stored<Deployment>, status: DeploymentStatus): boolean {
  const replicas = replicasOf(deployment)
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  )
}

/** More new pods, fewer old ones, or more that are ready or available. */
function isProgressing(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number => replicas - updatedReplicas
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

function isTimedOut(deployment: Stored<Deployment>, conditions: Conditions, nowMs: number): boolean {
  const known = find(conditions, 'Progressing')
  if (known === undefined || known.reason === 'NewReplicaSetAvailable') return false
  if (known.reason === 'ProgressDeadlineExceeded') return true
  return deadlineMs(deployment, conditions) < nowMs
}

/** When the lack of progress will be reported, should none come. */
function deadlineMs({ spec }: Stored<Deployment>, conditions: Conditions): number {
  const sinceMs = msOfTimestamp(find(conditions, 'Progressing')?.lastUpdateTime) ?? 0
  return sinceMs + (spec.progressDeadlineSeconds ?? 0) * 1000
}

/** When to look again, though nothing happens, to report a lack of progress; undefined when there is none to report. */
export function progressCheckAfterMs(
  deployment: Stored<Deployment>,
  status: DeploymentStatus,
  nowMs: number,
): number | undefined {
  const conditions = status.conditions ?? []
  const known = find(conditions, 'Progressing')
  if (!hasProgressDeadline(deployment) || known === undefined) return undefined
  if (isComplete(deployment, status) || known.reason === 'ProgressDeadlineExceeded') return undefined
  // One second more: timestamps are whole seconds.
  return Math.max(0, deadlineMs(deployment, conditions) - nowMs) + 1000
}

/** Of the new ReplicaSet rather than of an old one. */
function replicaFailure({ newSet, oldSets }: StatusInput) {
  for (const set of newSet === undefined ? oldSets : [newSet, ...oldSets]) {
    const failure = set.status.conditions?.find(({ type }) => type === 'ReplicaFailure')
    if (failure !== undefined) return failure
  }
  return undefined
}

/** Undefined when a ReplicaSet that has been looked at does not tell. */
function terminating(all: Sets): number | undefined {
  const told = all.filter(
    ({ status }) => (status.observedGeneration ?? 0) > 0 || status.terminatingReplicas !== undefined,
  )
  if (told.some(({ status }) => status.terminatingReplicas === undefined)) return undefined
  return sum(told, ({ status }) => status.terminatingReplicas)
}

/** Go leaves zero counts out of a status. */
function nonZero<T extends Readonly<Record<string, number>>>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)) as Partial<T>
}
