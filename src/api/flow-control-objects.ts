/** The FlowSchemas and PriorityLevelConfigurations that every cluster has: kube-apiserver 1.36's mandatory and suggested ones. */
import type {
  FlowcontrolV1Subject,
  FlowSchemaSpec,
  PolicyRulesWithSubjects,
  PriorityLevelConfigurationSpec,
} from './kinds.generated.ts'

const all = ['*']

/** Whatever is asked, by any of the subjects. */
function everything(...subjects: readonly FlowcontrolV1Subject[]): readonly PolicyRulesWithSubjects[] {
  return [
    {
      subjects,
      resourceRules: [{ verbs: all, apiGroups: all, resources: all, clusterScope: true, namespaces: all }],
      nonResourceRules: [{ verbs: all, nonResourceURLs: all }],
    },
  ]
}

function group(name: string): FlowcontrolV1Subject {
  return { kind: 'Group', group: { name } }
}

function user(name: string): FlowcontrolV1Subject {
  return { kind: 'User', user: { name } }
}

const kubeSystemAccounts: FlowcontrolV1Subject = {
  kind: 'ServiceAccount',
  serviceAccount: { namespace: 'kube-system', name: '*' },
}
const everybody = [group('system:unauthenticated'), group('system:authenticated')]

function schema(
  level: string,
  matchingPrecedence: number,
  by: 'ByUser' | 'ByNamespace' | undefined,
  rules: readonly PolicyRulesWithSubjects[],
): FlowSchemaSpec {
  return {
    priorityLevelConfiguration: { name: level },
    matchingPrecedence,
    ...(by === undefined ? {} : { distinguisherMethod: { type: by } }),
    rules,
  }
}

/** These may not be changed. */
export const mandatorySchemas: Readonly<Record<string, FlowSchemaSpec>> = {
  exempt: schema('exempt', 1, undefined, everything(group('system:masters'))),
  'catch-all': schema('catch-all', 10_000, 'ByUser', everything(...everybody)),
}

const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], namespaces: all }
const nodes = { verbs: all, apiGroups: [''], resources: ['nodes', 'nodes/status'], clusterScope: true, namespaces: all }
const probed = { verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }

export const suggestedSchemas: Readonly<Record<string, FlowSchemaSpec>> = {
  'system-nodes': schema('system', 500, 'ByUser', everything(group('system:nodes'))),
  'system-node-high': schema('node-high', 400, 'ByUser', [
    { subjects: [group('system:nodes')], resourceRules: [nodes, { verbs: all, ...leases }] },
  ]),
  probes: schema('exempt', 2, undefined, [{ subjects: everybody, nonResourceRules: [probed] }]),
  'system-leader-election': schema('leader-election', 100, 'ByUser', [
    {
      subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler'), kubeSystemAccounts],
      resourceRules: [{ verbs: ['get', 'create', 'update'], ...leases }],
    },
  ]),
  'kube-controller-manager': schema(
    'workload-high',
    800,
    'ByNamespace',
    everything(user('system:kube-controller-manager')),
  ),
  'kube-scheduler': schema('workload-high', 800, 'ByNamespace', everything(user('system:kube-scheduler'))),
  'kube-system-service-accounts': schema('workload-high', 900, 'ByNamespace', everything(kubeSystemAccounts)),
  'service-accounts': schema('workload-low', 9000, 'ByUser', everything(group('system:serviceaccounts'))),
  'global-default': schema('global-default', 9900, 'ByUser', everything(...everybody)),
}

type Queues = Readonly<{ queues: number; handSize: number; queueLengthLimit: number }>

function limited(
  nominalConcurrencyShares: number,
  lendablePercent: number,
  queuing?: Queues,
): PriorityLevelConfigurationSpec {
  const limitResponse = queuing === undefined ? { type: 'Reject' } : { type: 'Queue', queuing }
  return { type: 'Limited', limited: { nominalConcurrencyShares, lendablePercent, limitResponse } }
}

function queues(count: number, handSize: number): Queues {
  return { queues: count, handSize, queueLengthLimit: 50 }
}

export const mandatoryLevels: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': limited(5, 0),
}

export const suggestedLevels: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  system: limited(30, 33, queues(64, 6)),
  'node-high': limited(40, 25, queues(64, 6)),
  'leader-election': limited(10, 0, queues(16, 4)),
  'workload-high': limited(40, 50, queues(128, 6)),
  'workload-low': limited(100, 90, queues(128, 6)),
  'global-default': limited(20, 50, queues(128, 6)),
}
