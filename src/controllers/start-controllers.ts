import type { Client } from '../client/client.ts'
import { followServedKinds } from '../client/served-kinds.ts'
import { legacyTokenCleaner } from './accounts/legacy-token-cleaner.ts'
import { rootCaPublisher } from './accounts/root-ca-publisher.ts'
import { serviceAccountController } from './accounts/service-account.ts'
import { type SignServiceAccountToken, tokenSecretController } from './accounts/token-secret-controller.ts'
import { typeCheckingController } from './admission-policy/type-checking-controller.ts'
import { attachDetachController } from './attach-detach/attach-detach-controller.ts'
import { autoscalerController } from './autoscaler/autoscaler-controller.ts'
import { bootstrapSigner, type SignDetached } from './bootstrap-token/bootstrap-signer.ts'
import { tokenCleaner } from './bootstrap-token/token-cleaner.ts'
import { approvalController } from './certificates/approval-controller.ts'
import { cleaningController } from './certificates/cleaning.ts'
import { type Signer, signingController } from './certificates/signing-controller.ts'
import { clusterRoleAggregationController } from './cluster-role/aggregation-controller.ts'
import { cronJobController } from './cron-job/cron-job-controller.ts'
import { definitionController } from './custom-resource-definition/definition-controller.ts'
import { daemonSetController } from './daemon-set/daemon-set-controller.ts'
import { deploymentController } from './deployment/deployment-controller.ts'
import { disruptionController } from './disruption/disruption-controller.ts'
import { endpointSliceController } from './endpoints/endpoint-slice-controller.ts'
import { endpointSliceMirroringController } from './endpoints/endpoint-slice-mirroring-controller.ts'
import { endpointsController } from './endpoints/endpoints-controller.ts'
import { garbageCollector } from './garbage/garbage-collector.ts'
import { jobController, jobTtlController, trackedPodController } from './job/job-controller.ts'
import { namespaceController } from './namespace/namespace-controller.ts'
import { nodeLifecycleController } from './node-lifecycle/node-lifecycle-controller.ts'
import { taintEvictionController } from './node-lifecycle/taint-eviction.ts'
import { leftPodController, terminatedPodController } from './pod-gc/pod-gc-controller.ts'
import { quotaController } from './quota/quota-controller.ts'
import { replicaSetController } from './replica-set/replica-set-controller.ts'
import { replicationControllerController } from './replication-controller/replication-controller-controller.ts'
import { deviceTaintController } from './resource-claim/device-taint-controller.ts'
import { claimUseController, podClaimsController } from './resource-claim/resource-claim-controllers.ts'
import { type Controller, type ControllerDeps, type Running, runController } from './run-controller.ts'
import { serviceCidrController } from './service-cidr/service-cidr-controller.ts'
import { statefulSetController } from './stateful-set/stateful-set-controller.ts'
import {
  claimController,
  claimProtectionController,
  classProtectionController,
  ephemeralVolumeController,
  volumeController,
  volumeProtectionController,
} from './volumes/volume-controllers.ts'

export type ControllersDeps = Omit<ControllerDeps, 'client'> &
  Readonly<{
    /** The API as the service account of that name in kube-system sees it: each controller may do what its role says. */
    clientOf: (account: string) => Client
    /** As the controller manager itself, which alone may write the tokens of service accounts. */
    managerClient: Client
    /** The API as the API server itself sees it: what keeps definitions in order is a part of that. */
    apiServerClient: Client
    config: Readonly<{
      /** Published in every namespace. */
      rootCaPem: string
      /** Absent: secrets of type kubernetes.io/service-account-token are left as they are. */
      signServiceAccountToken?: SignServiceAccountToken
      /** Absent: nobody signs the cluster info. */
      signDetached?: SignDetached
      /** Signs what certificate signing requests ask for. */
      signer: Signer
    }>
  }>

/** Everything kube-controller-manager would run here. The informers may be shared with others, and are not stopped by stop(). */
export function startControllers(deps: ControllersDeps): Running {
  const { rootCaPem, signDetached, signServiceAccountToken: sign, signer } = deps.config
  const runAs = <T>(client: Client, controllerOf: (own: ControllerDeps) => Controller<T>): Running => {
    const own = { ...deps, client }
    return runController(own, controllerOf(own))
  }
  const run = <T>(account: string, controllerOf: (own: ControllerDeps) => Controller<T>): Running =>
    runAs(deps.clientOf(account), controllerOf)
  const served = followServedKinds(deps.informers)
  const running = [
    run('certificate-controller', approvalController),
    run('certificate-controller', (own) => signingController(own, signer)),
    run('certificate-controller', cleaningController),
    run('token-cleaner', tokenCleaner),
    ...(signDetached === undefined ? [] : [run('bootstrap-signer', (own) => bootstrapSigner(own, signDetached))]),
    run('legacy-service-account-token-cleaner', legacyTokenCleaner),
    run('clusterrole-aggregation-controller', clusterRoleAggregationController),
    run('deployment-controller', deploymentController),
    run('replicaset-controller', replicaSetController),
    run('daemon-set-controller', daemonSetController),
    run('replication-controller', replicationControllerController),
    run('statefulset-controller', statefulSetController),
    run('cronjob-controller', cronJobController),
    run('disruption-controller', disruptionController),
    run('horizontal-pod-autoscaler', (own) => autoscalerController({ ...own, served })),
    run('job-controller', jobController),
    run('ttl-after-finished-controller', jobTtlController),
    run('job-controller', trackedPodController),
    run('namespace-controller', (own) => namespaceController({ ...own, served })),
    run('generic-garbage-collector', (own) => garbageCollector({ ...own, served })),
    runAs(deps.apiServerClient, definitionController),
    run('endpoint-controller', endpointsController),
    run('endpointslice-controller', endpointSliceController),
    run('endpointslicemirroring-controller', endpointSliceMirroringController),
    run('service-cidrs-controller', serviceCidrController),
    run('service-account-controller', serviceAccountController),
    run('root-ca-cert-publisher', (own) => rootCaPublisher(own, rootCaPem)),
    ...(sign === undefined ? [] : [runAs(deps.managerClient, (own) => tokenSecretController(own, rootCaPem, sign))]),
    run('node-controller', nodeLifecycleController),
    run('node-controller', taintEvictionController),
    run('pod-garbage-collector', leftPodController),
    run('pod-garbage-collector', terminatedPodController),
    run('attachdetach-controller', attachDetachController),
    run('persistent-volume-binder', claimController),
    run('persistent-volume-binder', volumeController),
    run('pvc-protection-controller', claimProtectionController),
    run('pv-protection-controller', volumeProtectionController),
    run('volumeattributesclass-protection-controller', classProtectionController),
    run('ephemeral-volume-controller', ephemeralVolumeController),
    run('resource-claim-controller', podClaimsController),
    run('resource-claim-controller', claimUseController),
    run('device-taint-eviction-controller', deviceTaintController),
    run('resourcequota-controller', (own) => quotaController({ ...own, served })),
    run('validatingadmissionpolicy-status-controller', typeCheckingController),
  ]
  return {
    stop() {
      for (const controller of running) controller.stop()
    },
  }
}
