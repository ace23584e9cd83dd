import type { Deployment, Pod, ReplicaSet } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { isPodTerminal } from '../pod-state.ts'
import {
  active,
  available,
  byAge,
  maxUnavailable,
  newSetReplicas,
  replicasOf,
  type Sets,
  sum,
  wanted,
} from './deployment-arithmetic.ts'
import { scaleTo } from './deployment-scaling.ts'

/** One step of a rolling update: first the new ReplicaSet grows, and only when it cannot do the old ones shrink. Those that change. */
export function rollingStep(deployment: Stored<Deployment>, newSet: Stored<ReplicaSet>, oldSets: Sets): Sets {
  const grown = resizeNewSet(deployment, newSet, oldSets)
  return grown === newSet ? shrinkOldSets(deployment, newSet, oldSets) : [grown]
}

function resizeNewSet(deployment: Stored<Deployment>, newSet: Stored<ReplicaSet>, oldSets: Sets): Stored<ReplicaSet> {
  const replicas = replicasOf(deployment)
  const size = replicasOf(newSet)
  if (size >= replicas) return scaleTo(deployment, newSet, replicas)
  return scaleTo(deployment, newSet, newSetReplicas(deployment, [...oldSets, newSet], size))
}

/**
 * Pods of the new ReplicaSet that are not available yet count as missing: however many of them there are, available pods stay above the
 * floor. Unhealthy old pods go first, since they cannot become fewer available ones.
 */
function shrinkOldSets(deployment: Stored<Deployment>, newSet: Stored<ReplicaSet>, oldSets: Sets): Sets {
  const sets = active(oldSets).toSorted(byAge)
  if (wanted(sets) === 0) return []
  const floor = replicasOf(deployment) - maxUnavailable(deployment)
  const newUnavailable = replicasOf(newSet) - (newSet.status.availableReplicas ?? 0)
  const removable = wanted(oldSets) + replicasOf(newSet) - floor - newUnavailable
  if (removable <= 0) return []
  const cleaned = shrink(deployment, sets, removable, (set) => replicasOf(set) - (set.status.availableReplicas ?? 0))
  const spare = available([...cleaned, newSet]) - floor
  return shrink(deployment, cleaned, spare, replicasOf).filter((set) => !sets.includes(set))
}

/** Takes at most `limit` pods away in all, and from each set at most what `most` allows. */
function shrink(
  deployment: Stored<Deployment>,
  sets: Sets,
  limit: number,
  most: (set: Stored<ReplicaSet>) => number,
): Sets {
  let left = Math.max(0, limit)
  return sets.map((set) => {
    const taken = Math.max(0, Math.min(left, most(set), replicasOf(set)))
    left -= taken
    return scaleTo(deployment, set, replicasOf(set) - taken)
  })
}

/** Recreate: everything old goes before anything new comes. */
export function oldSetsToZero(deployment: Stored<Deployment>, oldSets: Sets): Sets {
  return active(oldSets).map((set) => scaleTo(deployment, set, 0))
}

/** `pods`: those of all the Deployment's ReplicaSets. */
export function oldPodsRunning(
  newSet: Stored<ReplicaSet> | undefined,
  oldSets: Sets,
  pods: readonly Stored<Pod>[],
): boolean {
  if (sum(oldSets, ({ status }) => status.replicas) > 0) return true
  const newUid = newSet?.metadata.uid
  return pods.some(
    (pod) =>
      !isPodTerminal(pod) && !pod.metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === newUid),
  )
}
