import { type CustomKind, isCustom } from '../custom/decode-custom.ts'
import { validateCustom, validateCustomStatus, validateCustomUpdate } from '../custom/validate-custom.ts'
import { type Kind, kinds } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import * as cluster from './cluster.ts'
import * as config from './config.ts'
import * as daemonSet from './daemon-set.ts'
import * as endpoints from './endpoints.ts'
import { validateEvent, validateEventUpdate } from './event.ts'
import { extensionRules } from './extension-rules.ts'
import type { Errors } from './field-error.ts'
import * as job from './job.ts'
import { validateJobStatusUpdate } from './job-status.ts'
import { pathSegmentErrors } from './names.ts'
import { networkRules } from './network-rules.ts'
import { validateAnyMetaUpdate, validateAnyNewMeta } from './object-meta.ts'
import * as pod from './pod.ts'
import { validatePodResize } from './pod-resize.ts'
import * as rbac from './rbac.ts'
import { resourceRules } from './resource-rules.ts'
import { type Rules, rulesOf, type SelectorErrors, type Subresource } from './rules.ts'
import * as service from './service.ts'
import { storageRules } from './storage-rules.ts'
import * as workload from './workload.ts'
import { workloadRules } from './workload-rules.ts'

const rules: ReadonlyMap<string, Rules> = new Map(
  (
    [
      [
        kinds.pods,
        rulesOf(kinds.pods, pod.validatePod, pod.validatePodUpdate, {
          status: pod.validatePodStatusUpdate,
          ephemeralcontainers: pod.validateEphemeralContainersUpdate,
          resize: validatePodResize,
        }),
      ],
      [
        kinds.services,
        rulesOf(kinds.services, service.validateService, service.validateServiceUpdate, {
          status: service.validateServiceStatusUpdate,
        }),
      ],
      [
        kinds.deployments,
        rulesOf(kinds.deployments, workload.validateDeployment, workload.validateDeploymentUpdate, {
          status: workload.validateDeploymentStatusUpdate,
        }),
      ],
      [
        kinds.replicaSets,
        rulesOf(kinds.replicaSets, workload.validateReplicaSet, workload.validateReplicaSetUpdate, {
          status: workload.validateReplicaSetStatusUpdate,
        }),
      ],
      [
        kinds.daemonSets,
        rulesOf(kinds.daemonSets, daemonSet.validateDaemonSet, daemonSet.validateDaemonSetUpdate, {
          status: daemonSet.validateDaemonSetStatusUpdate,
        }),
      ],
      [
        kinds.controllerRevisions,
        rulesOf(
          kinds.controllerRevisions,
          daemonSet.validateControllerRevision,
          daemonSet.validateControllerRevisionUpdate,
        ),
      ],
      [kinds.jobs, rulesOf(kinds.jobs, job.validateJob, job.validateJobUpdate, { status: validateJobStatusUpdate })],
      [
        kinds.namespaces,
        rulesOf(kinds.namespaces, cluster.validateNamespace, cluster.validateNamespaceUpdate, {
          status: cluster.validateNamespaceStatusUpdate,
          finalize: cluster.validateNamespaceFinalize,
        }),
      ],
      [
        kinds.nodes,
        rulesOf(kinds.nodes, cluster.validateNode, cluster.validateNodeUpdate, {
          status: cluster.validateNodeStatusUpdate,
        }),
      ],
      [kinds.configMaps, rulesOf(kinds.configMaps, config.validateConfigMap, config.validateConfigMapUpdate)],
      [kinds.secrets, rulesOf(kinds.secrets, config.validateSecret, config.validateSecretUpdate)],
      [kinds.endpoints, rulesOf(kinds.endpoints, endpoints.validateEndpoints, endpoints.validateEndpointsUpdate)],
      [
        kinds.endpointSlices,
        rulesOf(kinds.endpointSlices, endpoints.validateEndpointSlice, endpoints.validateEndpointSliceUpdate),
      ],
      [
        kinds.serviceAccounts,
        rulesOf(kinds.serviceAccounts, cluster.validateServiceAccount, cluster.validateServiceAccountUpdate),
      ],
      [kinds.events, rulesOf(kinds.events, validateEvent, validateEventUpdate)],
      [kinds.leases, rulesOf(kinds.leases, cluster.validateLease, cluster.validateLeaseUpdate)],
      [kinds.roles, rulesOf(kinds.roles, rbac.validateRole, rbac.validateRoleUpdate)],
      [kinds.clusterRoles, rulesOf(kinds.clusterRoles, rbac.validateClusterRole, rbac.validateClusterRoleUpdate)],
      [kinds.roleBindings, rulesOf(kinds.roleBindings, rbac.validateRoleBinding, rbac.validateRoleBindingUpdate)],
      [
        kinds.clusterRoleBindings,
        rulesOf(kinds.clusterRoleBindings, rbac.validateClusterRoleBinding, rbac.validateClusterRoleBindingUpdate),
      ],
      ...workloadRules,
      ...networkRules,
      ...storageRules,
      ...extensionRules,
      ...resourceRules,
    ] as const
  ).map(([kind, own]) => [kind.typeName, own]),
)

/** Without the language, expressions are taken as they are. */
const unread: SelectorErrors = () => []

function customRules(kind: CustomKind): Rules {
  return {
    create: (object) => validateCustom(kind, object),
    update: (object, old) => validateCustomUpdate(kind, object, old),
    subresources: { status: (object, old) => validateCustomStatus(kind, object, old) },
  }
}

/**
 * What is wrong with a new object, in kube-apiserver's words and order; empty when nothing is. The object is decoded and defaulted, its
 * name generated and its namespace set. What only the server knows (node port ranges, free addresses, other objects) is not looked at.
 * `requested`: the version that the client speaks, where that is not the one that is stored. `selectorErrors` reads device selectors.
 */
export function validateCreate(
  kind: Kind,
  object: ApiObject,
  requested: Kind = kind,
  selectorErrors: SelectorErrors = unread,
): Errors {
  if (isCustom(kind)) return validateCustom(kind, object)
  const errors = rules.get(kind.typeName)?.create(object, requested !== kind, selectorErrors) ?? []
  // What the rules of the kind leave out (an event's metadata) still has to be sound.
  return errors.length > 0 ? errors : validateAnyNewMeta(object.metadata, kind.namespaced, pathSegmentErrors)
}

/** As validateCreate, for what is to replace `old`. A scale is checked as the object it changes. */
export function validateUpdate(
  kind: Kind,
  object: ApiObject,
  old: ApiObject,
  subresource?: Subresource,
  requested: Kind = kind,
  selectorErrors: SelectorErrors = unread,
): Errors {
  const own = isCustom(kind) ? customRules(kind) : rules.get(kind.typeName)
  const update = subresource === undefined || subresource === 'scale' ? own?.update : own?.subresources[subresource]
  return [
    ...validateAnyNewMeta(object.metadata, kind.namespaced, pathSegmentErrors),
    ...validateAnyMetaUpdate(object.metadata, old.metadata),
    ...(update?.(object, old, requested !== kind, selectorErrors) ?? []),
  ]
}
