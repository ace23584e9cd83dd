import type { Pod, ReplicaSet } from '../../api/kinds.generated.ts'
import { type Kind, kinds } from '../../api/kinds.ts'
import { selectorFromObject } from '../../api/label-selector.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, create, type Report, remove, requeue, targetOf, updateStatus } from '../action.ts'
import { claim } from '../claim.ts'
import type { Failure } from '../perform.ts'
import { podsToDelete } from '../pod-ranking.ts'
import { isPodActive, isPodTerminating, nextAvailableMs } from '../pod-state.ts'
import { podFromTemplate } from '../pod-template.ts'
import { isSameReplicaSetStatus, type ReplicaFailure, replicaSetStatus } from './replica-set-status.ts'

export type ObservedReplicaSet = Readonly<{
  nowMs: number
  replicaSet: Stored<ReplicaSet>
  /** What it owns, and the orphans of its namespace. */
  pods: readonly Stored<Pod>[]
  /** The pods of all ReplicaSets with the same controller, this one included: they tell which nodes are crowded. */
  relatedPods: readonly Stored<Pod>[]
  /** Of what the pods are where it is not a ReplicaSet but something that works like one. */
  ownerKind?: Kind<ReplicaSet>
}>

/** Pods made or deleted in one go, as --concurrent burst of kube-controller-manager's ReplicaSet controller. */
const burstReplicas = 500

/** Keeps as many pods as spec.replicas asks for, and tells in the status how they are. */
export function reconcileReplicaSet(observed: ObservedReplicaSet): readonly Action[] {
  const { replicaSet, nowMs } = observed
  const claimed = claimPods(observed)
  const manage = replicaSet.metadata.deletionTimestamp === undefined ? managePods(observed, claimed.active) : []
  return [
    ...claimed.actions,
    ...manage,
    ...reportStatus(observed, claimed),
    ...nextLook(replicaSet, claimed.active, nowMs),
  ]
}

/** The condition ReplicaFailure, when pods could not be made or deleted. */
export function replicaSetAfterFailure(observed: ObservedReplicaSet, { action, status }: Failure): readonly Action[] {
  const message = status.message ?? ''
  if (action.type === 'create') return reportStatus(observed, claimPods(observed), { reason: 'FailedCreate', message })
  if (action.type !== 'delete') return []
  return reportStatus(observed, claimPods(observed), {
    reason: 'FailedDelete',
    message: `unable to delete pods: ${message}`,
  })
}

type ClaimedPods = Readonly<{
  active: readonly Stored<Pod>[]
  terminating: readonly Stored<Pod>[]
  actions: readonly Action[]
}>

function claimPods({ replicaSet, pods, ownerKind = kinds.replicaSets }: ObservedReplicaSet): ClaimedPods {
  const selector = selectorFromObject(replicaSet.spec.selector)
  const claimOf = (candidates: readonly Stored<Pod>[]) =>
    claim(ownerKind, replicaSet, selector.ok ? selector.value : undefined, kinds.pods, candidates)
  const { objects, actions } = claimOf(pods.filter(isPodActive))
  const dying = claimOf(pods.filter(isPodTerminating))
  return { active: objects, terminating: dying.objects, actions }
}

function managePods(observed: ObservedReplicaSet, active: readonly Stored<Pod>[]): readonly Action[] {
  const { replicaSet, relatedPods, nowMs, ownerKind = kinds.replicaSets } = observed
  const surplus = active.length - (replicaSet.spec.replicas ?? 1)
  const count = Math.min(burstReplicas, Math.abs(surplus))
  if (surplus < 0) {
    const pod = podFromTemplate(ownerKind, replicaSet, replicaSet.spec.template)
    return Array.from({ length: count }, () => create(kinds.pods, pod, creation(replicaSet)))
  }
  if (surplus === 0) return []
  return podsToDelete(active, relatedPods, count, nowMs).map((pod) =>
    remove(targetOf(kinds.pods, pod), {}, deletion(replicaSet)),
  )
}

function creation(subject: Stored<ReplicaSet>): Report {
  return {
    subject,
    done: { reason: 'SuccessfulCreate', message: 'Created pod: ' },
    failed: { reason: 'FailedCreate', message: 'Error creating: ' },
  }
}

function deletion(subject: Stored<ReplicaSet>): Report {
  return {
    subject,
    done: { reason: 'SuccessfulDelete', message: 'Deleted pod: ' },
    failed: { reason: 'FailedDelete', message: 'Error deleting: ' },
  }
}

/** Of the pods as they were observed: those made or deleted just now show in the next reconcile. */
function reportStatus(
  { replicaSet, nowMs, ownerKind }: ObservedReplicaSet,
  { active, terminating }: ClaimedPods,
  failure?: ReplicaFailure,
): readonly Action[] {
  // Replication controllers do not tell how many pods are about to end.
  const ending = ownerKind === undefined ? terminating : undefined
  const status = replicaSetStatus(replicaSet, active, ending, nowMs, failure)
  if (isSameReplicaSetStatus(replicaSet, status)) return []
  return [updateStatus(kinds.replicaSets, { ...replicaSet, status })]
}

/** Pods become available by the passing of time alone. */
function nextLook(replicaSet: Stored<ReplicaSet>, active: readonly Stored<Pod>[], nowMs: number): readonly Action[] {
  const afterMs = nextAvailableMs(active, replicaSet.spec.minReadySeconds ?? 0, nowMs)
  return afterMs === undefined ? [] : [requeue(afterMs)]
}
