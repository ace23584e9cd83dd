import { kinds } from '../../api/kinds.ts'
import { objectKey } from '../../api/object.ts'
import { controlledBy, controllerKeys, controllerOf } from '../owner.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import {
  type ObservedReplicationController,
  reconcileReplicationController,
  replicationControllerAfterFailure,
} from './replication-controller.ts'

export function replicationControllerController({
  informers,
  clock,
}: ControllerDeps): Controller<ObservedReplicationController> {
  const controllers = informers.of(kinds.replicationControllers)
  const pods = informers.of(kinds.pods)
  return {
    name: 'replication-controller',
    concurrency: 5,
    sources: [
      source(kinds.replicationControllers, (controller) => [objectKey(controller)]),
      source(kinds.pods, (pod) => {
        if (controllerOf(pod) !== undefined) return controllerKeys(pod, kinds.replicationControllers)
        return controllers.indexed('namespace', pod.metadata.namespace ?? '').map(objectKey)
      }),
    ],
    observe(key) {
      const controller = controllers.get(key)
      if (controller === undefined) return undefined
      const { uid, namespace = '' } = controller.metadata
      const own = controlledBy(pods.indexed('owner', uid), uid)
      return {
        nowMs: clock.nowMs(),
        controller,
        pods: [...own, ...pods.indexed('orphan', namespace)],
        relatedPods: own,
      }
    },
    reconcile: reconcileReplicationController,
    afterFailure: replicationControllerAfterFailure,
  }
}
