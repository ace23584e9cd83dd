import { allKinds, apiVersionOf, type Kind, kinds } from '../../src/api/kinds.ts'
import { definition, definitionGroup, extensionFields } from './extension-samples.ts'
import { workloadFields } from './workload-samples.ts'

/** A small valid object of every kind, without its name: what cases start from. */

const container = { name: 'c', image: 'registry.test/app:1' }
const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [container] } }
const selector = { matchLabels: { app: 'x' } }
const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }]
const subjects = [{ kind: 'User', name: 'diff-user', apiGroup: 'rbac.authorization.k8s.io' }]

const fields: Readonly<Record<string, object>> = {
  Namespace: {},
  Node: { spec: { podCIDR: '10.1.2.0/24' } },
  Pod: { spec: { containers: [container] } },
  ConfigMap: { data: { a: '1' } },
  Secret: { stringData: { a: 'text' } },
  Service: { spec: { selector: { app: 'x' }, ports: [{ port: 80 }] } },
  Endpoints: { subsets: [{ addresses: [{ ip: '192.0.2.9' }], ports: [{ port: 80 }] }] },
  ServiceAccount: {},
  Event: {
    involvedObject: { kind: 'Pod', name: 'p', namespace: '{{ns}}', apiVersion: 'v1' },
    reason: 'Tested',
    message: 'a message',
    type: 'Normal',
    source: { component: 'differential' },
    firstTimestamp: '2020-01-01T00:00:00Z',
    lastTimestamp: '2020-01-01T00:00:00Z',
    count: 1,
  },
  'Event.events.k8s.io': {
    eventTime: '2020-01-01T00:00:00.000000Z',
    regarding: { kind: 'Pod', name: 'p', namespace: '{{ns}}', apiVersion: 'v1' },
    reason: 'Tested',
    action: 'Testing',
    note: 'a message',
    type: 'Normal',
    reportingController: 'diff.test/differential',
    reportingInstance: 'one',
  },
  Deployment: { spec: { replicas: 2, selector, template } },
  ReplicaSet: { spec: { replicas: 2, selector, template } },
  Job: { spec: { template: { spec: { containers: [container], restartPolicy: 'Never' } } } },
  EndpointSlice: { addressType: 'IPv4', endpoints: [{ addresses: ['192.0.2.9'] }], ports: [{ name: '', port: 80 }] },
  Lease: { spec: { holderIdentity: 'me', leaseDurationSeconds: 15 } },
  Role: { rules },
  RoleBinding: { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' }, subjects },
  ClusterRole: { rules },
  ClusterRoleBinding: {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects,
  },
  ...workloadFields,
  ...extensionFields,
}

/** Their names say what they are (an address, a version and a group), so no two cases could share the original: they have cases of their own. */
const namedByContent: readonly Kind[] = [
  kinds.ipAddresses,
  kinds.serviceCidrs,
  kinds.apiServices,
  kinds.customResourceDefinitions,
]

export const storedKinds: readonly Kind[] = allKinds.filter((kind) => !namedByContent.includes(kind))

/** Names of cluster-scoped objects carry the case's namespace: others use the original as well. */
export function nameOf(kind: Kind, name: string): string {
  if (kind.plural === kinds.customResourceDefinitions.plural) return `${name}.${definitionGroup}`
  return kind.namespaced ? name : `{{ns}}-${name}`
}

export function collectionOf(kind: Kind): string {
  const { group, version, plural, namespaced } = kind
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  return `${root}/${namespaced ? 'namespaces/{{ns}}/' : ''}${plural}`
}

export function pathOf(kind: Kind, name: string): string {
  return `${collectionOf(kind)}/${nameOf(kind, name)}`
}

/** Every sample carries a label by which lists of cluster-scoped kinds find the case's own. */
export function sample(kind: Kind, name: string, metadata: object = {}): Readonly<Record<string, unknown>> {
  return {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { name: nameOf(kind, name), labels: { diff: '{{ns}}' }, ...metadata },
    ...fieldsOf(kind, name),
  }
}

/** A definition's name is made of what it defines; events of events.k8s.io are timed. */
function fieldsOf(kind: Kind, name: string): object {
  if (kind.plural === kinds.customResourceDefinitions.plural) return definition(name)
  return fields[`${kind.kind}.${kind.group}`] ?? fields[kind.kind] ?? {}
}

export function podSpec(more: object = {}): object {
  return { containers: [container], ...more }
}

export function pod(name: string, spec: object = {}, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, ...metadata }, spec: podSpec(spec) }
}
