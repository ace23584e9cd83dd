import type { MetricRegistry } from '../../client/metric-registry.ts'
import type { Authorizer } from '../authorize/decision.ts'
import type { LocalAuthorizers } from '../authorize/local-authorizers.ts'
import type { CredentialsFor } from '../configuration/admission-config.ts'
import type { Served } from '../served.ts'
import type { ServerParts } from '../server.ts'
import type { Admission, Plugin } from './admission.ts'
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from './certificates.ts'
import { admissionChain } from './chain.ts'
import { customResourceLifecycle } from './custom-resource-lifecycle.ts'
import { defaultIngressClass } from './ingress-class.ts'
import { limitRanger } from './limit-ranger.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { nodeRestriction } from './node-restriction.ts'
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
import { timedSteps } from './step-metrics.ts'
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
  const builtIn: readonly Plugin[] = [
    namespaceLifecycle(store),
    limitRanger(store),
    serviceAccountAdmission(parts),
    nodeRestriction(store, authorizer),
    taintNewNodes,
    podSecurity(store),
    podPriority(store),
    defaultTolerations,
    defaultClassOfClaims(store),
    storageInUseProtection,
    claimResize(store),
    runtimeClassOfPods(store),
    certificateApproval(authorizer),
    certificateSigning(authorizer),
    certificateSubjectRestriction,
    defaultIngressClass(store),
    podTopologyLabels(store),
    podResize(store),
  ]
  const configured: readonly Plugin[] = [
    mutatingAdmissionPolicies(policyParts, mutatingRules),
    mutatingWebhooks({ ...hookParts, ...shown(hookCredentials?.mutating) }, mutating),
    validatingAdmissionPolicies(policyParts, validatingRules),
    validatingWebhooks({ ...hookParts, ...shown(hookCredentials?.validating) }, validating),
  ]
  const last: readonly Plugin[] = [
    resourceQuota(parts),
    rbacEscalation(authorizer, rbac, index),
    customResourceLifecycle,
  ]
  return {
    chain: timedSteps(admissionChain([...builtIn, ...configured, ...last]), parts.metrics, parts.clock.monotonicMs),
    ownChain: admissionChain([...builtIn, ...last]),
    close() {
      mutating.close()
      validating.close()
      validatingRules.close()
      mutatingRules.close()
    },
  }
}

function shown(credentialsFor: CredentialsFor | undefined): Pick<HookParts, 'credentialsFor'> {
  return credentialsFor === undefined ? {} : { credentialsFor }
}
