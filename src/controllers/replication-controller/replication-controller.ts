import type { ReplicaSet, ReplicationController } from '../../api/kinds.generated.ts'
import { type Kind, kinds } from '../../api/kinds.ts'
import type { ApiObject, Stored } from '../../api/object.ts'
import type { Action } from '../action.ts'
import type { Failure } from '../perform.ts'
import { type ObservedReplicaSet, reconcileReplicaSet, replicaSetAfterFailure } from '../replica-set/replica-set.ts'

export type ObservedReplicationController = Omit<ObservedReplicaSet, 'replicaSet' | 'ownerKind'> &
  Readonly<{ controller: Stored<ReplicationController> }>

/** A ReplicationController is a ReplicaSet in older words: its selector is a plain map of labels. */
function asReplicaSet({ controller, ...others }: ObservedReplicationController): ObservedReplicaSet {
  const { selector, ...spec } = controller.spec ?? {}
  const replicaSet = {
    ...controller,
    spec: { ...spec, selector: { matchLabels: selector ?? {} } },
  } as unknown as Stored<ReplicaSet>
  return { ...others, replicaSet, ownerKind: kinds.replicationControllers as Kind as Kind<ReplicaSet> }
}

function inOwnWords({ controller }: ObservedReplicationController, action: Action): Action {
  if (action.type !== 'updateStatus') return action
  const object = { ...controller, status: action.object.status } as unknown as ApiObject
  return { ...action, kind: kinds.replicationControllers, object }
}

export function reconcileReplicationController(observed: ObservedReplicationController): readonly Action[] {
  return reconcileReplicaSet(asReplicaSet(observed)).map((action) => inOwnWords(observed, action))
}

export function replicationControllerAfterFailure(
  observed: ObservedReplicationController,
  failure: Failure,
): readonly Action[] {
  return replicaSetAfterFailure(asReplicaSet(observed), failure).map((action) => inOwnWords(observed, action))
}
