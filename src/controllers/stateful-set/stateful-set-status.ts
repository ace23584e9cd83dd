import type { Pod, StatefulSetStatus } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { isAvailable, isDying, isRunningAndReady, replicasOf, revisionOf, type SetObject } from './stateful-set-pods.ts'

export type RevisionNames = Readonly<{ current: string; update: string; collisionCount: number }>

/** What the set's pods come to. A rolling update is over when all pods are there, ready and of the newest revision. */
export function statefulSetStatus(
  set: SetObject,
  pods: readonly Stored<Pod>[],
  revisions: RevisionNames,
  nowMs: number,
): StatefulSetStatus {
  const ready = pods.filter(isRunningAndReady)
  const living = pods.filter((pod) => !isDying(pod))
  const ofRevision = (name: string): number => living.filter((pod) => revisionOf(pod) === name).length
  const updatedReplicas = ofRevision(revisions.update)
  const replicas = replicasOf(set)
  const isComplete =
    set.spec.updateStrategy?.type === 'RollingUpdate' &&
    [updatedReplicas, ready.length, pods.length].every((count) => count === replicas)
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => isAvailable(pod, set, nowMs)).length,
    currentReplicas: isComplete ? updatedReplicas : ofRevision(revisions.current),
    updatedReplicas,
    currentRevision: isComplete ? revisions.update : revisions.current,
    updateRevision: revisions.update,
    collisionCount: revisions.collisionCount,
    ...(set.status?.conditions === undefined ? {} : { conditions: set.status.conditions }),
  }
}

const compared = [
  'replicas',
  'currentReplicas',
  'readyReplicas',
  'updatedReplicas',
  'availableReplicas',
  'collisionCount',
  'observedGeneration',
] as const

export function isSameStatefulSetStatus({ status }: SetObject, next: StatefulSetStatus): boolean {
  return (
    compared.every((field) => (status?.[field] ?? 0) === next[field]) &&
    status?.currentRevision === next.currentRevision &&
    status?.updateRevision === next.updateRevision
  )
}
