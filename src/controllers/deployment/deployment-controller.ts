import type { Deployment } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import { controlledBy, controllerKeys, controllerOf } from '../owner.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { deploymentAfterFailure, type ObservedDeployment, reconcileDeployment } from './deployment.ts'
import { newReplicaSetName } from './deployment-template.ts'

export function deploymentController({ informers, clock }: ControllerDeps): Controller<ObservedDeployment> {
  const deployments = informers.of(kinds.deployments)
  const replicaSets = informers.of(kinds.replicaSets)
  const pods = informers.of(kinds.pods)
  return {
    name: 'deployment-controller',
    concurrency: 5,
    sources: [
      source(kinds.deployments, (deployment) => [objectKey(deployment)]),
      source(kinds.replicaSets, (set) => {
        if (controllerOf(set) !== undefined) return controllerKeys(set, kinds.deployments)
        return deployments.indexed('namespace', set.metadata.namespace ?? '').map(objectKey)
      }),
      // Only those that wait for the end of old pods need to hear of pods.
      source(kinds.pods, (pod) =>
        controllerKeys(pod, kinds.replicaSets)
          .flatMap((key) => controllerKeys(replicaSets.get(key) ?? { metadata: {} }, kinds.deployments))
          .filter((key) => recreates(deployments.get(key))),
      ),
    ],
    observe(key) {
      const deployment = deployments.get(key)
      if (deployment === undefined) return undefined
      const { uid, namespace = '' } = deployment.metadata
      const owned = controlledBy(replicaSets.indexed('owner', uid), uid)
      const occupant = replicaSets.get(`${namespace}/${newReplicaSetName(deployment)}`)
      return {
        nowMs: clock.nowMs(),
        deployment,
        replicaSets: [...owned, ...replicaSets.indexed('orphan', namespace)],
        pods: recreates(deployment)
          ? owned.flatMap(({ metadata }) => controlledBy(pods.indexed('owner', metadata.uid), metadata.uid))
          : [],
        ...(occupant === undefined ? {} : { occupant }),
      }
    },
    reconcile: reconcileDeployment,
    afterFailure: deploymentAfterFailure,
  }
}

function recreates(deployment: Stored<Deployment> | undefined): boolean {
  return deployment?.spec.strategy?.type === 'Recreate'
}
