import type { MetricRegistry } from '../../client/metric-registry.ts'
import type { Authorizer } from '../authorize/decision.ts'
import type { LocalAuthorizers } from '../authorize/local-authorizers.ts'
import type { CredentialsFor } from '../configuration/admission-config.ts'
import type { Served } from '../served.ts'
import type { ServerParts } from '../server.ts'
import type { Admission, Operation, Plugin } from './admission.ts'
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from './certificates.ts'
import { admissionChain } from './chain.ts'
import { customResourceLifecycle } from './custom-resource-lifecycle.ts'
import { defaultIngressClass } from './ingress-class.ts'
import { limitRanger } from './limit-ranger.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { nodeRestriction } from './node-restriction.ts'
import { type NamedPlugin, pluginMetrics } from './plugin-metrics.ts'
import { podResize } from './pod-resize.ts'
import { podSecurity } from './pod-security.ts'
import { evaluateConditions } from './policy/hook-conditions.ts'
import { mutatingAdmissionPolicies } from './policy/mutating-policies.ts'
import { mutatingPolicies, validatingPolicies } from './policy/policy-index.ts'
import { validatingAdmissionPolicies } from './policy/validating-policies.ts'
import { podPriority } from './priority.ts'
import { rbacEscalation } from './rbac-escalation.ts'
import { resourceQuota } from './resource-quota.ts'
import { runtimeClassOfPods } from './runtime-class.ts'
import { serviceAccountAdmission } from './service-account.ts'
import { claimResize, defaultClassOfClaims, storageInUseProtection } from './storage.ts'
import { defaultTolerations, taintNewNodes } from './tolerations.ts'
import { podTopologyLabels } from './topology-labels.ts'
import { mutatingHooks, validatingHooks } from './webhook/hook-index.ts'
import { hookMetrics } from './webhook/hook-metrics.ts'
import type { HookParts } from './webhook/hook-parts.ts'
import { mutatingWebhooks } from './webhook/mutating-hooks.ts'
import { validatingWebhooks } from './webhook/validating-hooks.ts'

export type MadeAdmission = Readonly<{
  chain: Admission
  /** For what the server makes itself before anything runs that could be asked: nobody's webhook or policy keeps a cluster from starting. */
  ownChain: Admission
  close(): void
}>

const written: readonly Operation[] = ['CREATE', 'UPDATE']
const everything: readonly Operation[] = ['CONNECT', 'CREATE', 'DELETE', 'UPDATE']

/** The plugins that kube-apiserver has on by default, in its order. */
export function makeAdmission(
  parts: ServerParts & Readonly<{ metrics: MetricRegistry }>,
  { all, rbac, index }: LocalAuthorizers,
  authorizer: Authorizer,
  served: Pick<Served, 'versionsOf' | 'kinds'>,
): MadeAdmission {
  const { store } = parts
  const { hookCredentials } = parts.security ?? {}
  const metrics = hookMetrics(parts.metrics)
  const mutating = mutatingHooks(store)
  const validating = validatingHooks(store)
  const hookParts: HookParts = {
    ...parts,
    metrics,
    equivalents: (kind) => served.versionsOf(kind).filter((one) => one !== kind),
    evaluateCondition: evaluateConditions({ store, authorizer: all }),
  }
  const validatingRules = validatingPolicies(store)
  const mutatingRules = mutatingPolicies(store)
  const policyParts = { ...hookParts, schema: parts.schema, authorizer: all, servedKinds: served.kinds }
  const observed = pluginMetrics(parts.metrics, parts.clock)
  const configured: readonly NamedPlugin[] = [
    ['MutatingAdmissionPolicy', ['CREATE', 'UPDATE', 'CONNECT'], mutatingAdmissionPolicies(policyParts, mutatingRules)],
    [
      'MutatingAdmissionWebhook',
      everything,
      mutatingWebhooks({ ...hookParts, ...shown(hookCredentials?.mutating) }, mutating),
    ],
    ['ValidatingAdmissionPolicy', everything, validatingAdmissionPolicies(policyParts, validatingRules)],
    [
      'ValidatingAdmissionWebhook',
      everything,
      validatingWebhooks({ ...hookParts, ...shown(hookCredentials?.validating) }, validating),
    ],
  ]
  const first = builtIn(parts, authorizer).map(observed.plugin)
  const last: readonly Plugin[] = [
    observed.plugin(['ResourceQuota', written, resourceQuota(parts)]),
    // In the original these two are no plugins, but part of what is done with their kinds.
    rbacEscalation(authorizer, rbac, index),
    customResourceLifecycle,
  ]
  return {
    chain: observed.chain(admissionChain([...first, ...configured.map(observed.plugin), ...last])),
    ownChain: admissionChain([...first, ...last]),
    close() {
      mutating.close()
      validating.close()
      validatingRules.close()
      mutatingRules.close()
    },
  }
}

/** What objects are made fit for, before anybody else is asked. */
function builtIn(parts: ServerParts, authorizer: Authorizer): readonly NamedPlugin[] {
  const { store } = parts
  return [
    ['NamespaceLifecycle', ['CREATE', 'UPDATE', 'DELETE'], namespaceLifecycle(store)],
    ['LimitRanger', written, limitRanger(store)],
    ['ServiceAccount', written, serviceAccountAdmission(parts)],
    ['NodeRestriction', ['CREATE', 'UPDATE', 'DELETE'], nodeRestriction(store, authorizer)],
    ['TaintNodesByCondition', ['CREATE'], taintNewNodes],
    ['PodSecurity', written, podSecurity(store)],
    ['Priority', ['CREATE', 'UPDATE', 'DELETE'], podPriority(store)],
    ['DefaultTolerationSeconds', written, defaultTolerations],
    ['DefaultStorageClass', ['CREATE'], defaultClassOfClaims(store)],
    ['StorageObjectInUseProtection', ['CREATE'], storageInUseProtection],
    ['PersistentVolumeClaimResize', ['UPDATE'], claimResize(store)],
    ['RuntimeClass', ['CREATE'], runtimeClassOfPods(store)],
    ['CertificateApproval', ['UPDATE'], certificateApproval(authorizer)],
    ['CertificateSigning', ['UPDATE'], certificateSigning(authorizer)],
    ['CertificateSubjectRestriction', ['CREATE'], certificateSubjectRestriction],
    ['DefaultIngressClass', ['CREATE'], defaultIngressClass(store)],
    ['PodTopologyLabels', ['CREATE'], podTopologyLabels(store)],
    ['PodResizeValidator', ['UPDATE'], podResize(store)],
  ]
}

function shown(credentialsFor: CredentialsFor | undefined): Pick<HookParts, 'credentialsFor'> {
  return credentialsFor === undefined ? {} : { credentialsFor }
}
