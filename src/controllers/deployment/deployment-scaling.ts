import type { Deployment, ReplicaSet } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import {
  active,
  byAge,
  bySizeThen,
  countAnnotation,
  desiredReplicasAnnotation,
  isRolling,
  isSaturated,
  maxReplicasAnnotation,
  maxSurge,
  replicasOf,
  type Sets,
  wanted,
} from './deployment-arithmetic.ts'
import { sizeAnnotations } from './deployment-revision.ts'

/** The ReplicaSet with another size; the one given, where nothing has to change. */
export function scaleTo(deployment: Stored<Deployment>, set: Stored<ReplicaSet>, replicas: number): Stored<ReplicaSet> {
  return replicas === replicasOf(set) ? set : resized(deployment, set, replicas)
}

function resized(deployment: Stored<Deployment>, set: Stored<ReplicaSet>, replicas: number): Stored<ReplicaSet> {
  const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) }
  return { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } }
}

/** As scaleTo, but writes the size annotations also where only they differ. */
function scaleAndAnnotate(
  deployment: Stored<Deployment>,
  set: Stored<ReplicaSet>,
  replicas: number,
): Stored<ReplicaSet> {
  const told = Object.entries(sizeAnnotations(deployment)).every(
    ([name, value]) => set.metadata.annotations?.[name] === value,
  )
  return told ? scaleTo(deployment, set, replicas) : resized(deployment, set, replicas)
}

/** Whether the Deployment's size has been changed since its ReplicaSets were last told of it. */
export function isScalingEvent(deployment: Stored<Deployment>, all: Sets): boolean {
  return active(all).some((set) => {
    const desired = countAnnotation(set, desiredReplicasAnnotation)
    return desired !== undefined && desired !== replicasOf(deployment)
  })
}

/**
 * The ReplicaSets that a change of size outside a rollout step changes. In the midst of a rollout all grow or shrink in proportion, which
 * keeps the risk of a bad template where it was.
 */
export function scaleDeployment(
  deployment: Stored<Deployment>,
  newSet: Stored<ReplicaSet> | undefined,
  oldSets: Sets,
): Sets {
  const only = onlyActiveOrLatest(newSet, oldSets)
  if (only !== undefined) return [scaleTo(deployment, only, replicasOf(deployment))]
  if (isSaturated(deployment, newSet)) return active(oldSets).map((set) => scaleTo(deployment, set, 0))
  if (!isRolling(deployment)) return []
  return scaleProportionally(deployment, active(newSet === undefined ? oldSets : [...oldSets, newSet]))
}

/** The only one with pods, or where none has, the newest; undefined when several have. */
function onlyActiveOrLatest(newSet: Stored<ReplicaSet> | undefined, oldSets: Sets): Stored<ReplicaSet> | undefined {
  const withPods = active(newSet === undefined ? oldSets : [...oldSets, newSet])
  if (withPods.length > 1) return undefined
  return withPods[0] ?? newSet ?? oldSets.toSorted(byAge).at(-1)
}

function scaleProportionally(deployment: Stored<Deployment>, sets: Sets): Sets {
  const replicas = replicasOf(deployment)
  const allowed = replicas > 0 ? replicas + maxSurge(deployment) : 0
  const toAdd = allowed - wanted(sets)
  // Of sets of one size the newer grow first and the older shrink first.
  const order = toAdd > 0 ? bySizeThen((a, b) => byAge(b, a)) : bySizeThen(byAge)
  const sorted = toAdd === 0 ? sets : sets.toSorted(order)
  let added = 0
  const sizes = sorted.map((set) => {
    const share = toAdd === 0 || added === toAdd ? 0 : proportion(deployment, set, toAdd, added)
    added += share
    return replicasOf(set) + share
  })
  // Rounding leaves something over: the largest takes it.
  return sorted.map((set, at) => {
    const size = sizes[at] ?? 0
    return scaleAndAnnotate(deployment, set, at === 0 ? Math.max(0, size + toAdd - added) : size)
  })
}

function proportion(deployment: Stored<Deployment>, set: Stored<ReplicaSet>, toAdd: number, added: number): number {
  const fraction = fractionOf(deployment, set)
  return toAdd > 0 ? Math.min(fraction, toAdd - added) : Math.max(fraction, toAdd - added)
}

/** What the set would gain or lose if it kept its share of the Deployment's largest size, before and after. */
function fractionOf(deployment: Stored<Deployment>, set: Stored<ReplicaSet>): number {
  const replicas = replicasOf(deployment)
  const size = replicasOf(set)
  if (replicas === 0) return -size
  const before = countAnnotation(set, maxReplicasAnnotation) || (deployment.status.replicas ?? 0)
  if (before === 0) return 0
  return Math.round((size * (replicas + maxSurge(deployment))) / before) - size
}
