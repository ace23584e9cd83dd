import type { FieldValues, KindValues } from './field-values.ts'
import { selector, selectors } from './shared.ts'

const expressions = ['true', 'object.x', 'size(', '1', '', 'object.metadata.name == "x"']
const rules = [
  [],
  [{}],
  [{ apiGroups: ['*', 'apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
  [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*', 'CREATE'], resources: ['pods'] }],
  [{ apiGroups: [''], apiVersions: [''], operations: ['READ'], resources: [''] }],
  [{ apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['*', 'pods', 'pods/*'] }],
  [{ apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['pods'], scope: 'Galaxy' }],
]
const conditions = [
  [{ name: 'a', expression: 'true' }],
  [
    { name: 'a', expression: 'true' },
    { name: 'a', expression: 'true' },
  ],
  [{ name: 'bad name!', expression: 'true' }],
  [{ name: 'a', expression: 'object.' }],
  [{ name: 'a', expression: '1' }],
]
const webhookValues: FieldValues = {
  'webhooks.0.name': ['hook', 'a.b', 'hook.diff.test', 'Upper.a.b', ''],
  'webhooks.0.clientConfig': [
    {},
    { url: 'http://a.test/' },
    { url: 'https://a.test/?a=b#c' },
    { url: 'https://u:p@a.test/' },
    { url: 'https://a.test/', service: { name: 's', namespace: 'n' } },
    { service: { name: '', namespace: '', port: 70000, path: 'x' } },
    { service: { name: 's', namespace: 'n', path: '/a//b' } },
    { url: 'https://a.test/', caBundle: '!!' },
  ],
  'webhooks.0.rules': rules,
  'webhooks.0.sideEffects': ['None', 'NoneOnDryRun', 'Some', 'Unknown', 'Other', undefined],
  'webhooks.0.admissionReviewVersions': [['v1'], [], ['v0'], ['v1', 'v1'], ['v1', 'Wrong!'], undefined],
  'webhooks.0.failurePolicy': ['Fail', 'Ignore', 'Other'],
  'webhooks.0.matchPolicy': ['Exact', 'Equivalent', 'Other'],
  'webhooks.0.timeoutSeconds': [1, 30, 0, 31, -1],
  'webhooks.0.namespaceSelector': selectors,
  'webhooks.0.objectSelector': selectors.slice(0, 3),
  'webhooks.0.matchConditions': conditions,
}
const bindingValues: FieldValues = {
  'spec.policyName': ['p', 'Upper', '', undefined],
  'spec.paramRef': [
    { name: 'p', parameterNotFoundAction: 'Deny' },
    { parameterNotFoundAction: 'Deny' },
    { name: 'p', selector, parameterNotFoundAction: 'Deny' },
    { name: 'a/b', parameterNotFoundAction: 'Other' },
    { selector: { matchLabels: { 'bad key!': 'x' } } },
  ],
  'spec.matchResources.resourceRules': rules,
  'spec.matchResources.namespaceSelector': selectors.slice(0, 4),
}
const policyValues: FieldValues = {
  'spec.failurePolicy': ['Fail', 'Ignore', 'Other'],
  'spec.paramKind': [
    { apiVersion: 'v1', kind: 'ConfigMap' },
    { apiVersion: 'a/b/c', kind: 'ConfigMap' },
    { apiVersion: '', kind: '' },
    { apiVersion: 'v1', kind: 'bad_kind' },
  ],
  'spec.matchConstraints.resourceRules': rules,
  'spec.matchConstraints.matchPolicy': ['Exact', 'Other'],
  'spec.matchConditions': conditions,
  'spec.variables': [
    [{ name: 'v', expression: '1' }],
    [{ name: 'v-w', expression: '1' }],
    [
      { name: 'v', expression: '1' },
      { name: 'v', expression: '2' },
    ],
    [{ name: 'v', expression: 'variables.w' }],
    [{ name: '', expression: '' }],
  ],
}

export const admissionValues: KindValues = {
  validatingAdmissionPolicies: {
    ...policyValues,
    'spec.validations': [
      ...expressions.map((expression) => [{ expression }]),
      [{ expression: 'true', messageExpression: '1' }],
      [{ expression: 'true', message: 'a\nb', reason: 'Other' }],
      [],
    ],
    'spec.auditAnnotations': [
      [{ key: 'k', valueExpression: '"x"' }],
      [{ key: 'bad key!', valueExpression: '1' }],
      [
        { key: 'k', valueExpression: '"x"' },
        { key: 'k', valueExpression: '"x"' },
      ],
    ],
  },
  validatingAdmissionPolicyBindings: {
    ...bindingValues,
    'spec.validationActions': [['Warn'], ['Deny', 'Warn'], ['Other'], ['Audit', 'Audit'], [], undefined],
  },
  mutatingAdmissionPolicies: {
    ...policyValues,
    'spec.reinvocationPolicy': ['IfNeeded', 'Other', undefined],
    'spec.mutations': [
      [],
      [{ patchType: 'Other' }],
      [{ patchType: 'JSONPatch' }],
      [{ patchType: 'JSONPatch', jsonPatch: { expression: '1' } }],
      [
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: { expression: 'Object{spec: Object.spec{replicas: 1}}' },
        },
      ],
      [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: '' }, jsonPatch: { expression: '[]' } }],
    ],
  },
  mutatingAdmissionPolicyBindings: bindingValues,
  validatingWebhookConfigurations: webhookValues,
  mutatingWebhookConfigurations: {
    ...webhookValues,
    'webhooks.0.reinvocationPolicy': ['IfNeeded', 'Never', 'Other'],
  },
}
