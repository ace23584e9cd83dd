import { equalJson } from '../../api/json-value.ts'
import type { Deployment, DeploymentStatus, Pod, ReplicaSet } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { selectorFromObject } from '../../api/label-selector.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, event, remove, requeue, targetOf, update, updateStatus } from '../action.ts'
import { claim } from '../claim.ts'
import type { Failure } from '../perform.ts'
import {
  byAge,
  hasHistoryLimit,
  hasProgressDeadline,
  isRolling,
  replicasOf,
  type Sets,
} from './deployment-arithmetic.ts'
import { type Conditions, condition, find, pausedConditions, withCondition } from './deployment-conditions.ts'
import { creationOf, isUncreated, newReplicaSet } from './deployment-new-set.ts'
import { byRevision, highestRevision, revisionAnnotation, withRevision } from './deployment-revision.ts'
import { oldPodsRunning, oldSetsToZero, rollingStep } from './deployment-rollout.ts'
import { isScalingEvent, scaleDeployment, scaleTo } from './deployment-scaling.ts'
import { deploymentStatus, isComplete, progressCheckAfterMs, rolloutStatus } from './deployment-status.ts'
import { findNewReplicaSet } from './deployment-template.ts'

export type ObservedDeployment = Readonly<{
  nowMs: number
  deployment: Stored<Deployment>
  /** What it owns, and the orphans of its namespace. */
  replicaSets: Sets
  /** The pods of the ReplicaSets that it owns; only where the strategy is Recreate, which waits for their end. */
  pods: readonly Stored<Pod>[]
  /** Whatever has the name that a new ReplicaSet would get. */
  occupant?: Stored<ReplicaSet>
}>

/** A Deployment, and what this look at it has found and decided so far. */
type Look = Readonly<{
  nowMs: number
  deployment: Stored<Deployment>
  conditions: Conditions
  newSet: Stored<ReplicaSet> | undefined
  oldSets: Sets
}>

/** Brings the Deployment's ReplicaSets one step towards its template and size, as its strategy allows. */
export function reconcileDeployment(observed: ObservedDeployment): readonly Action[] {
  const { deployment, nowMs } = observed
  const selector = selectorFromObject(deployment.spec.selector)
  if (selector.ok && selector.value?.length === 0) return refuseSelectingAll(deployment)
  const candidates = observed.replicaSets
  const claimed = claim(
    kinds.deployments,
    deployment,
    selector.ok ? selector.value : undefined,
    kinds.replicaSets,
    candidates,
  )
  const sets = claimed.objects.toSorted(byAge)
  const found = findNewReplicaSet(deployment, sets)
  const oldSets = sets.filter((set) => set !== found)
  const newSet = found && withRevision(deployment, found, highestRevision(oldSets) + 1n)
  const conditions = pausedConditions(deployment, nowMs)
  const look = { nowMs, deployment, conditions: withFound(deployment, conditions, newSet, nowMs), newSet, oldSets }
  return [...claimed.actions, ...decide(observed, look, sets)]
}

function decide(observed: ObservedDeployment, look: Look, sets: Sets): readonly Action[] {
  const { deployment, oldSets, newSet } = look
  if (deployment.metadata.deletionTimestamp !== undefined) return conclude(look, sets, [], deploymentStatus(look))
  const paused = deployment.spec.paused === true
  if (paused || isScalingEvent(deployment, newSet === undefined ? oldSets : [...oldSets, newSet])) {
    const scaled = applied(look, scaleDeployment(deployment, newSet, oldSets))
    return conclude(scaled, sets, paused ? cleanup(look) : [], deploymentStatus(scaled))
  }
  return isRolling(deployment) ? roll(observed, look, sets) : recreate(observed, look, sets)
}

function roll(observed: ObservedDeployment, look: Look, sets: Sets): readonly Action[] {
  if (look.newSet === undefined && isCollision(observed)) return countCollision(observed.deployment)
  const begun = look.newSet === undefined ? withNewSet(look) : look
  const { newSet } = begun
  const changed = newSet === undefined ? [] : rollingStep(begun.deployment, newSet, begun.oldSets)
  return finishRollout(applied(begun, changed), sets, changed.length > 0)
}

function recreate(observed: ObservedDeployment, look: Look, sets: Sets): readonly Action[] {
  const { deployment } = look
  const emptied = oldSetsToZero(deployment, look.oldSets)
  if (emptied.length > 0) return finishRollout(applied(look, emptied), sets, true)
  if (oldPodsRunning(look.newSet, look.oldSets, observed.pods)) return finishRollout(look, sets, true)
  if (look.newSet === undefined && isCollision(observed)) return countCollision(deployment)
  const begun = look.newSet === undefined ? withNewSet(look) : look
  const grown = begun.newSet === undefined ? [] : [scaleTo(deployment, begun.newSet, replicasOf(deployment))]
  return finishRollout(applied(begun, grown), sets, false)
}

/** Old ReplicaSets are only cleaned up in a look that changed nothing else. */
function finishRollout(look: Look, sets: Sets, changed: boolean): readonly Action[] {
  const done = !changed && isComplete(look.deployment, look.deployment.status)
  return conclude(look, sets, done ? cleanup(look) : [], rolloutStatus(look))
}

function withNewSet(look: Look): Look {
  const { deployment, oldSets, nowMs } = look
  const newSet = newReplicaSet(deployment, oldSets)
  if (!hasProgressDeadline(deployment)) return { ...look, newSet }
  const message = `Created new replica set "${newSet.metadata.name}"`
  const created = condition(nowMs, 'Progressing', 'True', 'NewReplicaSetCreated', message)
  return { ...look, newSet, conditions: withCondition(look.conditions, created) }
}

/** A Deployment that has not been watched for progress so far begins with the ReplicaSet that is there. */
function withFound(
  deployment: Stored<Deployment>,
  conditions: Conditions,
  newSet: Stored<ReplicaSet> | undefined,
  nowMs: number,
): Conditions {
  if (newSet === undefined || !hasProgressDeadline(deployment) || find(conditions, 'Progressing')) return conditions
  const message = `Found new replica set "${newSet.metadata.name}"`
  return withCondition(conditions, condition(nowMs, 'Progressing', 'True', 'FoundNewReplicaSet', message))
}

/** The look with ReplicaSets replaced by their changed selves. */
function applied(look: Look, changed: Sets): Look {
  const current = (set: Stored<ReplicaSet>): Stored<ReplicaSet> =>
    changed.find(({ metadata }) => metadata.name === set.metadata.name) ?? set
  return { ...look, newSet: look.newSet && current(look.newSet), oldSets: look.oldSets.map(current) }
}

/** Writes each ReplicaSet that differs from what was observed, then what the Deployment says of itself. */
function conclude(
  look: Look,
  observedSets: Sets,
  more: readonly Action[],
  status: DeploymentStatus,
): readonly Action[] {
  const { deployment, newSet, oldSets, nowMs } = look
  const known = new Map(observedSets.map((set) => [set.metadata.uid, set]))
  const all = newSet === undefined ? oldSets : [newSet, ...oldSets]
  const writes = all.flatMap((set) => writeSet(deployment, known.get(set.metadata.uid), set))
  const checkAfterMs = progressCheckAfterMs(deployment, status, nowMs)
  return [
    ...writes,
    ...more,
    ...writeStatus(withRevisionShown(deployment, newSet), status, deployment),
    ...(checkAfterMs === undefined || deployment.spec.paused === true ? [] : [requeue(checkAfterMs)]),
  ]
}

function writeSet(
  deployment: Stored<Deployment>,
  before: Stored<ReplicaSet> | undefined,
  after: Stored<ReplicaSet>,
): readonly Action[] {
  if (before === after) return []
  const write = isUncreated(after) ? creationOf(after) : update(kinds.replicaSets, after)
  const [from, to] = [before === undefined ? 0 : replicasOf(before), replicasOf(after)]
  if (from === to) return [write]
  const message = `Scaled ${from < to ? 'up' : 'down'} replica set ${after.metadata.name} from ${from} to ${to}`
  return [write, event(deployment, 'Normal', 'ScalingReplicaSet', message)]
}

/** `before`: the Deployment as observed, where more than its status is to change. */
function writeStatus(
  deployment: Stored<Deployment>,
  status: DeploymentStatus,
  before: Stored<Deployment> = deployment,
): readonly Action[] {
  if (deployment === before && equalJson(deployment.status, status)) return []
  return [updateStatus(kinds.deployments, { ...deployment, status })]
}

/**
 * The Deployment shows the revision of its newest ReplicaSet. It goes with the status: written by itself it would count as a new
 * generation of the Deployment.
 */
function withRevisionShown(deployment: Stored<Deployment>, newSet: Stored<ReplicaSet> | undefined): Stored<Deployment> {
  const revision = newSet?.metadata.annotations?.[revisionAnnotation]
  const { annotations } = deployment.metadata
  if (revision === undefined || annotations?.[revisionAnnotation] === revision) return deployment
  return {
    ...deployment,
    metadata: { ...deployment.metadata, annotations: { ...annotations, [revisionAnnotation]: revision } },
  }
}

/** Keeps spec.revisionHistoryLimit old ReplicaSets to roll back to, and of the others those that still have pods. */
function cleanup({ deployment, oldSets }: Look): readonly Action[] {
  if (!hasHistoryLimit(deployment)) return []
  const alive = oldSets.filter(({ metadata }) => metadata.deletionTimestamp === undefined).toSorted(byRevision)
  const surplus = Math.max(0, alive.length - (deployment.spec.revisionHistoryLimit ?? 0))
  return alive
    .slice(0, surplus)
    .filter(
      ({ metadata, spec, status }) =>
        (status.replicas ?? 0) === 0 &&
        replicasOf({ spec }) === 0 &&
        (metadata.generation ?? 0) <= (status.observedGeneration ?? 0),
    )
    .map((set) => remove(targetOf(kinds.replicaSets, set)))
}

/** The name is taken by something that is not this Deployment's ReplicaSet for this template. */
function isCollision({ occupant }: ObservedDeployment): boolean {
  return occupant !== undefined
}

/** Makes the next name another. */
function countCollision(deployment: Stored<Deployment>): readonly Action[] {
  const collisionCount = (deployment.status.collisionCount ?? 0) + 1
  return [updateStatus(kinds.deployments, { ...deployment, status: { ...deployment.status, collisionCount } })]
}

function refuseSelectingAll(deployment: Stored<Deployment>): readonly Action[] {
  const message = 'This deployment is selecting all pods. A non-empty selector is required.'
  const { generation = 0 } = deployment.metadata
  const status = { ...deployment.status, observedGeneration: generation }
  const isSeen = (deployment.status.observedGeneration ?? 0) >= generation
  return [event(deployment, 'Warning', 'SelectingAll', message), ...(isSeen ? [] : writeStatus(deployment, status))]
}

/** A ReplicaSet that could not be made is told of in the status and as an event. */
export function deploymentAfterFailure({ deployment, nowMs }: ObservedDeployment, failure: Failure): readonly Action[] {
  const { action, status } = failure
  if (action.type !== 'create') return []
  const message = `Failed to create new replica set "${action.object.metadata.name}": ${status.message}`
  const told = event(deployment, 'Warning', 'ReplicaSetCreateError', message)
  if (!hasProgressDeadline(deployment)) return [told]
  const failed = condition(nowMs, 'Progressing', 'False', 'ReplicaSetCreateError', message)
  const conditions = withCondition(deployment.status.conditions ?? [], failed)
  return [...writeStatus(deployment, { ...deployment.status, conditions }), told]
}
