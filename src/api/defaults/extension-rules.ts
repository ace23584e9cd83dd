// Defaults of the kinds that extend the cluster: webhooks, custom resources, drivers, priorities.
import type { JsonObject } from '../json-value.ts'
import { both, fill, filling, fillingAbsent, inSpec, isUnset, listAt, type Rule, structAt, withField } from './rule.ts'

const webhook = filling({
  failurePolicy: 'Fail',
  matchPolicy: 'Equivalent',
  namespaceSelector: {},
  objectSelector: {},
  timeoutSeconds: 10,
})

const servicePort = filling({ port: 443 })

const driver = both(
  fillingAbsent({
    attachRequired: true,
    podInfoOnMount: false,
    storageCapacity: false,
    fsGroupPolicy: 'ReadWriteOnceWithFSType',
    requiresRepublish: false,
    seLinuxMount: false,
  }),
  (spec) =>
    listAt(spec, 'volumeLifecycleModes').length > 0 ? spec : { ...spec, volumeLifecycleModes: ['Persistent'] },
)

function customResourceDefinition(spec: JsonObject): JsonObject {
  const names = structAt(spec, 'names')
  const kind = String(names.kind ?? '')
  const named = isUnset(names.kind) ? names : fill(names, { singular: kind.toLowerCase(), listKind: `${kind}List` })
  return withField(fill(spec, { conversion: { strategy: 'None' } }), 'names', named)
}

const scope = filling({ scope: '*' })

export const extensionRules: Readonly<Record<string, Rule>> = {
  'io.k8s.api.admissionregistration.v1.ValidatingWebhook': webhook,
  'io.k8s.api.admissionregistration.v1.MutatingWebhook': (struct) =>
    fill(webhook(struct), { reinvocationPolicy: 'Never' }),
  'io.k8s.api.admissionregistration.v1.RuleWithOperations': scope,
  'io.k8s.api.admissionregistration.v1.NamedRuleWithOperations': scope,
  'io.k8s.api.admissionregistration.v1.ServiceReference': servicePort,
  'io.k8s.api.admissionregistration.v1.MatchResources': fillingAbsent({
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
  }),
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec': fillingAbsent({ failurePolicy: 'Fail' }),
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicySpec': fillingAbsent({ failurePolicy: 'Fail' }),
  'io.k8s.api.scheduling.v1.PriorityClass': filling({ preemptionPolicy: 'PreemptLowerPriority' }),
  'io.k8s.api.storage.v1.CSIDriver': inSpec(driver),
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition': inSpec(customResourceDefinition),
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ServiceReference': servicePort,
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference': servicePort,
}
