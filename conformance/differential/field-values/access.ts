import type { KindValues } from './field-values.ts'
import { selector } from './shared.ts'

export const accessValues: KindValues = {
  flowSchemas: {
    'spec.matchingPrecedence': [1, 10_000, 0, 10_001, -1],
    'spec.priorityLevelConfiguration.name': ['workload-low', 'Bad!', ''],
    'spec.distinguisherMethod': [{ type: 'ByNamespace' }, { type: 'Other' }, {}, null],
    'spec.rules.0.subjects': [
      [],
      [{ kind: 'Group', group: { name: 'g' } }],
      [{ kind: 'Group', user: { name: 'g' } }],
      [{ kind: 'ServiceAccount', serviceAccount: { name: '*', namespace: 'n' } }],
      [{ kind: 'ServiceAccount', serviceAccount: { name: 'Bad!', namespace: '*' } }],
      [{ kind: 'User', user: { name: '' } }],
      [{ kind: 'Other' }],
      [{}],
    ],
    'spec.rules.0.resourceRules': [
      [],
      [{ verbs: ['*', 'get'], apiGroups: ['*'], resources: ['*'], clusterScope: true }],
      [{ verbs: ['look'], apiGroups: ['A!'], resources: ['pods'], namespaces: ['Bad!', '*'] }],
      [{ verbs: [], apiGroups: [], resources: [] }],
      [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
    ],
    'spec.rules.0.nonResourceRules': [
      [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/a/*'] }],
      [{ verbs: ['look'], nonResourceURLs: ['healthz', '/a/*/b', '/a b', '*'] }],
      [{ verbs: [], nonResourceURLs: [] }],
    ],
  },
  priorityLevelConfigurations: {
    'spec.type': ['Exempt', 'Limited', 'Other', ''],
    'spec.limited.nominalConcurrencyShares': [5, 0, -1],
    'spec.limited.lendablePercent': [50, 0, 101, -1],
    'spec.limited.borrowingLimitPercent': [50, -1],
    'spec.limited.limitResponse': [
      { type: 'Queue' },
      { type: 'Queue', queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } },
      { type: 'Queue', queuing: { queues: 4, handSize: 8, queueLengthLimit: -1 } },
      { type: 'Queue', queuing: { queues: 20_000_000, handSize: 70, queueLengthLimit: 1 } },
      { type: 'Reject', queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } },
      { type: 'Other' },
      {},
    ],
    'spec.exempt': [{ nominalConcurrencyShares: 1, lendablePercent: 1 }],
  },
  certificateSigningRequests: {
    'spec.signerName': [
      'a.test/b',
      'a.test',
      'Bad!/b',
      'kubernetes.io/legacy-unknown',
      '',
      `a.test/${'x'.repeat(600)}`,
    ],
    'spec.usages': [['client auth'], [], ['client auth', 'client auth'], ['other'], undefined],
    'spec.request': ['YQ==', '!!', undefined],
    'spec.expirationSeconds': [600, 599, 0, -1, 2 ** 31],
    'spec.username': ['other', ''],
  },
  leases: {
    'spec.leaseDurationSeconds': [30, 0, -1],
    'spec.leaseTransitions': [1, -1],
    'spec.holderIdentity': ['other', ''],
    'spec.renewTime': ['2020-01-01T00:00:00.000000Z', 'yesterday'],
  },
  events: {
    type: ['Warning', 'Other', ''],
    reason: ['R', 'x'.repeat(200), ''],
    eventTime: ['2020-01-01T00:00:00.000000Z', 'x'],
    'involvedObject.namespace': ['other', ''],
    count: [2, -1],
  },
  eventsV1: {
    type: ['Warning', 'Other', ''],
    reason: ['R', 'x'.repeat(200), ''],
    note: ['n', 'x'.repeat(1100)],
    action: ['A', 'x'.repeat(200), ''],
    eventTime: ['2020-01-02T00:00:00.000000Z', 'x', null],
    reportingController: ['a.test/b', 'bad name!', ''],
    reportingInstance: ['i', 'x'.repeat(200), ''],
    series: [{ count: 2, lastObservedTime: '2020-01-01T00:00:00.000000Z' }, { count: 1 }, {}],
    deprecatedCount: [1],
    regarding: [{ namespace: 'other' }, {}],
  },
  roles: {
    rules: [
      [],
      [{ verbs: [], apiGroups: [''], resources: ['pods'] }],
      [{ verbs: ['get'], resources: ['pods'] }],
      [{ verbs: ['get'], apiGroups: [''] }],
      [{ verbs: ['get'], nonResourceURLs: ['/a'] }],
      [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['a'] }],
    ],
  },
  clusterRoles: {
    rules: [
      [{ verbs: ['get'], nonResourceURLs: ['/a', '/b/*'] }],
      [{ verbs: ['get'], nonResourceURLs: ['/a'], apiGroups: [''], resources: ['pods'] }],
    ],
    aggregationRule: [
      { clusterRoleSelectors: [selector] },
      { clusterRoleSelectors: [] },
      { clusterRoleSelectors: [{ matchLabels: { 'bad key!': 'x' } }] },
    ],
  },
  roleBindings: {
    roleRef: [
      { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      { apiGroup: 'rbac.authorization.k8s.io', kind: 'Other', name: '' },
      { apiGroup: 'a.test', kind: 'Role', name: 'a/b' },
    ],
    subjects: [
      [],
      [{ kind: 'ServiceAccount', name: 's' }],
      [{ kind: 'ServiceAccount', name: 'Bad!', namespace: 'n', apiGroup: 'a.test' }],
      [{ kind: 'User', name: '' }],
      [{ kind: 'Group', name: 'g', apiGroup: 'a.test' }],
      [{ kind: 'Other', name: 'x' }],
    ],
  },
}
