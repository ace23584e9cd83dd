import type { Deployment, ReplicaSet } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'

export type Sets = readonly Stored<ReplicaSet>[]

export const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas'
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas'
const largestInt32 = 2 ** 31 - 1

export function replicasOf({ spec }: Readonly<{ spec: Readonly<{ replicas?: number }> }>): number {
  return spec.replicas ?? 1
}

export function sum(sets: Sets, count: (set: Stored<ReplicaSet>) => number | undefined): number {
  return sets.reduce((total, set) => total + (count(set) ?? 0), 0)
}

export function wanted(sets: Sets): number {
  return sum(sets, replicasOf)
}

export function available(sets: Sets): number {
  return sum(sets, ({ status }) => status.availableReplicas)
}

/** Those that have, or ought to have, pods. */
export function active(sets: Sets): Sets {
  return sets.filter((set) => replicasOf(set) > 0)
}

export function isRolling({ spec }: Stored<Deployment>): boolean {
  return (spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate'
}

/** Pods beyond spec.replicas that a rolling update may have. */
export function maxSurge(deployment: Stored<Deployment>): number {
  return isRolling(deployment) ? fenceposts(deployment).surge : 0
}

/** Pods that a rolling update may have too few. */
export function maxUnavailable(deployment: Stored<Deployment>): number {
  const replicas = replicasOf(deployment)
  return isRolling(deployment) && replicas > 0 ? Math.min(replicas, fenceposts(deployment).unavailable) : 0
}

/** Surge is rounded up, unavailability down; where both come to nothing one pod may be missing, or nothing could ever move. */
function fenceposts(deployment: Stored<Deployment>): Readonly<{ surge: number; unavailable: number }> {
  const rolling = deployment.spec.strategy?.rollingUpdate
  const surge = scaledValue(rolling?.maxSurge, replicasOf(deployment), Math.ceil)
  const unavailable = scaledValue(rolling?.maxUnavailable, replicasOf(deployment), Math.floor)
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

/** '25%' of the total, or the number itself. What is neither counts as 0: validation has refused it. */
function scaledValue(value: number | string | undefined, total: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value
  const percent = /^([0-9]+)%$/.exec(value ?? '')?.[1]
  return percent === undefined ? 0 : round((Number(percent) * total) / 100)
}

/** How large the new ReplicaSet may be now, given all the pods there are. */
export function newSetReplicas(deployment: Stored<Deployment>, all: Sets, newSetSize: number): number {
  const replicas = replicasOf(deployment)
  if (!isRolling(deployment)) return replicas
  const room = replicas + maxSurge(deployment) - wanted(all)
  return room <= 0 ? newSetSize : newSetSize + Math.min(room, replicas - newSetSize)
}

/** A count kept in an annotation, or undefined where there is none to be read. */
export function countAnnotation(set: Stored<ReplicaSet>, name: string): number | undefined {
  const text = set.metadata.annotations?.[name] ?? ''
  return /^[0-9]{1,10}$/.test(text) && Number(text) <= largestInt32 ? Number(text) : undefined
}

/** Whether the ReplicaSet holds everything the Deployment wants, and all of it is available. */
export function isSaturated(deployment: Stored<Deployment>, set: Stored<ReplicaSet> | undefined): boolean {
  const replicas = replicasOf(deployment)
  return (
    set !== undefined &&
    replicasOf(set) === replicas &&
    countAnnotation(set, desiredReplicasAnnotation) === replicas &&
    (set.status.availableReplicas ?? 0) === replicas
  )
}

export function hasProgressDeadline({ spec }: Stored<Deployment>): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== largestInt32
}

export function hasHistoryLimit({ spec }: Stored<Deployment>): boolean {
  return spec.revisionHistoryLimit !== undefined && spec.revisionHistoryLimit !== largestInt32
}

/** Oldest first; names break ties. */
export function byAge(a: Stored<ReplicaSet>, b: Stored<ReplicaSet>): number {
  const [left, right] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp]
  if (left !== right) return left < right ? -1 : 1
  return a.metadata.name < b.metadata.name ? -1 : 1
}

export function bySizeThen(order: (a: Stored<ReplicaSet>, b: Stored<ReplicaSet>) => number) {
  return (a: Stored<ReplicaSet>, b: Stored<ReplicaSet>): number => replicasOf(b) - replicasOf(a) || order(a, b)
}
