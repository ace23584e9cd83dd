import { rootCaPublisher } from './accounts/root-ca-publisher.ts'
import { serviceAccountController } from './accounts/service-account.ts'
import { type SignServiceAccountToken, tokenSecretController } from './accounts/token-secret-controller.ts'
import { daemonSetController } from './daemon-set/daemon-set-controller.ts'
import { deploymentController } from './deployment/deployment-controller.ts'
import { endpointSliceController } from './endpoints/endpoint-slice-controller.ts'
import { endpointsController } from './endpoints/endpoints-controller.ts'
import { garbageCollector } from './garbage/garbage-collector.ts'
import { jobController, jobTtlController, trackedPodController } from './job/job-controller.ts'
import { namespaceController } from './namespace/namespace-controller.ts'
import { nodeLifecycleController } from './node-lifecycle/node-lifecycle-controller.ts'
import { taintEvictionController } from './node-lifecycle/taint-eviction.ts'
import { leftPodController, terminatedPodController } from './pod-gc/pod-gc-controller.ts'
import { replicaSetController } from './replica-set/replica-set-controller.ts'
import { type ControllerDeps, type Running, runController } from './run-controller.ts'

export type ControllersDeps = ControllerDeps &
  Readonly<{
    config: Readonly<{
      /** Published in every namespace. */
      rootCaPem: string
      /** Absent: secrets of type kubernetes.io/service-account-token are left as they are. */
      signServiceAccountToken?: SignServiceAccountToken
    }>
  }>

/** Everything kube-controller-manager would run here. The informers may be shared with others, and are not stopped by stop(). */
export function startControllers(deps: ControllersDeps): Running {
  const { rootCaPem, signServiceAccountToken: sign } = deps.config
  const running = [
    runController(deps, deploymentController(deps)),
    runController(deps, replicaSetController(deps)),
    runController(deps, daemonSetController(deps)),
    runController(deps, jobController(deps)),
    runController(deps, jobTtlController(deps)),
    runController(deps, trackedPodController(deps)),
    runController(deps, namespaceController(deps)),
    runController(deps, garbageCollector(deps)),
    runController(deps, endpointsController(deps)),
    runController(deps, endpointSliceController(deps)),
    runController(deps, serviceAccountController(deps)),
    runController(deps, rootCaPublisher(deps, rootCaPem)),
    ...(sign === undefined ? [] : [runController(deps, tokenSecretController(deps, rootCaPem, sign))]),
    runController(deps, nodeLifecycleController(deps)),
    runController(deps, taintEvictionController(deps)),
    runController(deps, leftPodController(deps)),
    runController(deps, terminatedPodController(deps)),
  ]
  return {
    stop() {
      for (const controller of running) controller.stop()
    },
  }
}
