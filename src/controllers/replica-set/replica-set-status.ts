import type { Pod, ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from '../../api/kinds.generated.ts'
import { matchesLabels, selectorFromLabels } from '../../api/label-selector.ts'
import type { Stored } from '../../api/object.ts'
import { timestampOf } from '../../api/wire-time.ts'
import { isPodAvailable, isPodReady } from '../pod-state.ts'

export type ReplicaFailure = Readonly<{ reason: 'FailedCreate' | 'FailedDelete'; message: string }>

/** What spec and pods come to. A failure stays in the conditions as first told until an attempt succeeds. */
export function replicaSetStatus(
  replicaSet: Stored<ReplicaSet>,
  active: readonly Stored<Pod>[],
  terminating: readonly Stored<Pod>[] | undefined,
  nowMs: number,
  failure?: ReplicaFailure,
): ReplicaSetStatus {
  const { spec, metadata } = replicaSet
  const template = selectorFromLabels(spec.template?.metadata?.labels)
  const minReadySeconds = spec.minReadySeconds ?? 0
  const conditions = conditionsAfter(replicaSet.status.conditions ?? [], nowMs, failure)
  return {
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) => matchesLabels(template, pod.metadata.labels)).length,
    readyReplicas: active.filter(isPodReady).length,
    availableReplicas: active.filter((pod) => isPodAvailable(pod, minReadySeconds, nowMs)).length,
    ...(terminating === undefined ? {} : { terminatingReplicas: terminating.length }),
    observedGeneration: metadata.generation ?? 0,
    ...(conditions.length === 0 ? {} : { conditions }),
  }
}

function conditionsAfter(
  known: readonly ReplicaSetCondition[],
  nowMs: number,
  failure: ReplicaFailure | undefined,
): readonly ReplicaSetCondition[] {
  const others = known.filter(({ type }) => type !== 'ReplicaFailure')
  if (failure === undefined) return others
  if (others.length < known.length) return known
  const condition = { type: 'ReplicaFailure', status: 'True', lastTransitionTime: timestampOf(nowMs), ...failure }
  return [...others, condition]
}

/** Absent counts are zero: Go leaves them out. */
export function isSameReplicaSetStatus({ status, metadata }: Stored<ReplicaSet>, next: ReplicaSetStatus): boolean {
  const count = (value: number | undefined): number => value ?? 0
  return (
    count(status.replicas) === next.replicas &&
    count(status.fullyLabeledReplicas) === next.fullyLabeledReplicas &&
    count(status.readyReplicas) === next.readyReplicas &&
    count(status.availableReplicas) === next.availableReplicas &&
    status.terminatingReplicas === next.terminatingReplicas &&
    count(status.observedGeneration) === count(metadata.generation) &&
    JSON.stringify(status.conditions ?? []) === JSON.stringify(next.conditions ?? [])
  )
}
