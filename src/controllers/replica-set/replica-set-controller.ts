import { kinds } from '../../api/kinds.ts'
import { objectKey } from '../../api/object.ts'
import { controlledBy, controllerKeys, controllerOf } from '../owner.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { type ObservedReplicaSet, reconcileReplicaSet, replicaSetAfterFailure } from './replica-set.ts'

export function replicaSetController({ informers, clock }: ControllerDeps): Controller<ObservedReplicaSet> {
  const replicaSets = informers.of(kinds.replicaSets)
  const pods = informers.of(kinds.pods)
  return {
    name: 'replicaset-controller',
    concurrency: 5,
    sources: [
      source(kinds.replicaSets, (replicaSet) => [objectKey(replicaSet)]),
      source(kinds.pods, (pod) => {
        if (controllerOf(pod) !== undefined) return controllerKeys(pod, kinds.replicaSets)
        // An orphan may become anybody's.
        return replicaSets.indexed('namespace', pod.metadata.namespace ?? '').map(objectKey)
      }),
    ],
    observe(key) {
      const replicaSet = replicaSets.get(key)
      if (replicaSet === undefined) return undefined
      const { uid, namespace = '' } = replicaSet.metadata
      const owner = controllerOf(replicaSet)?.uid
      const siblings = owner === undefined ? [replicaSet] : replicaSets.indexed('owner', owner)
      return {
        nowMs: clock.nowMs(),
        replicaSet,
        pods: [...controlledBy(pods.indexed('owner', uid), uid), ...pods.indexed('orphan', namespace)],
        relatedPods: siblings.flatMap((sibling) => pods.indexed('owner', sibling.metadata.uid)),
      }
    },
    reconcile: reconcileReplicaSet,
    afterFailure: replicaSetAfterFailure,
  }
}
