import { define } from './define-kind.ts'
import { extensionKinds } from './extension-kinds.ts'
import type * as k from './kinds.generated.ts'
import { networkKinds } from './network-kinds.ts'
import { resourceKinds } from './resource-kinds.ts'
import { storageKinds } from './storage-kinds.ts'
import type { Versioning } from './versioning.ts'

/** Paths of the scale subresource inside an object, as in CustomResourceDefinition: '.spec.replicas'. */
export type ScalePaths = Readonly<{ specReplicas: string; statusReplicas: string; labelSelector: string }>

/** One served kind, as data. Everything generic (routes, discovery, OpenAPI, clients, informers) is derived from it. */
export type Kind<T = unknown> = Readonly<{
  /** '' is the core group. */
  group: string
  version: string
  kind: string
  plural: string
  singular: string
  namespaced: boolean
  shortNames: readonly string[]
  categories: readonly string[]
  /** Name of the kind's type in the schema and in OpenAPI. */
  typeName: string
  /** True where the kind has a status subresource: the main path then ignores status, and .../status all else. */
  status: boolean
  /** True where metadata.generation counts changes of spec. */
  generation: boolean
  scale?: ScalePaths
  /** Objects of this kind vanish this long after their last write (Event: one hour, as kube-apiserver's --event-ttl). */
  ttlSeconds?: number
  /** Present where the stored form of an object may be another than this version's. */
  versioning?: Versioning
  /** Never holds a value: carries the TypeScript type of the objects. */
  readonly objectType?: T
}>

export function apiVersionOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`
}

/** 'deployments.apps', 'pods': how errors and RBAC name a resource. */
export function groupResource({ group, plural }: Pick<Kind, 'group' | 'plural'>): string {
  return group === '' ? plural : `${plural}.${group}`
}

const replicas: ScalePaths = {
  specReplicas: '.spec.replicas',
  statusReplicas: '.status.replicas',
  labelSelector: '.spec.selector',
}
const all = ['all']

/** Every kind that is stored and served. To add one is to add a line here (and its rules in validation, if it has any). */
export const kinds = {
  namespaces: define<k.Namespace>('v1', 'Namespace', 'namespaces', 'Cluster', { shortNames: ['ns'], status: true }),
  nodes: define<k.Node>('v1', 'Node', 'nodes', 'Cluster', { shortNames: ['no'], status: true }),
  pods: define<k.Pod>('v1', 'Pod', 'pods', 'Namespaced', {
    shortNames: ['po'],
    categories: all,
    status: true,
    generation: true,
  }),
  configMaps: define<k.ConfigMap>('v1', 'ConfigMap', 'configmaps', 'Namespaced', { shortNames: ['cm'] }),
  secrets: define<k.Secret>('v1', 'Secret', 'secrets', 'Namespaced', {}),
  services: define<k.Service>('v1', 'Service', 'services', 'Namespaced', {
    shortNames: ['svc'],
    categories: all,
    status: true,
  }),
  endpoints: define<k.Endpoints>('v1', 'Endpoints', 'endpoints', 'Namespaced', { shortNames: ['ep'] }),
  serviceAccounts: define<k.ServiceAccount>('v1', 'ServiceAccount', 'serviceaccounts', 'Namespaced', {
    shortNames: ['sa'],
  }),
  events: define<k.Event>('v1', 'Event', 'events', 'Namespaced', { shortNames: ['ev'], ttlSeconds: 3600 }),
  deployments: define<k.Deployment>('apps/v1', 'Deployment', 'deployments', 'Namespaced', {
    shortNames: ['deploy'],
    categories: all,
    status: true,
    generation: true,
    scale: replicas,
  }),
  replicaSets: define<k.ReplicaSet>('apps/v1', 'ReplicaSet', 'replicasets', 'Namespaced', {
    shortNames: ['rs'],
    categories: all,
    status: true,
    generation: true,
    scale: replicas,
  }),
  daemonSets: define<k.DaemonSet>('apps/v1', 'DaemonSet', 'daemonsets', 'Namespaced', {
    shortNames: ['ds'],
    categories: all,
    status: true,
    generation: true,
  }),
  controllerRevisions: define<k.ControllerRevision>(
    'apps/v1',
    'ControllerRevision',
    'controllerrevisions',
    'Namespaced',
    {},
  ),
  jobs: define<k.Job>('batch/v1', 'Job', 'jobs', 'Namespaced', { categories: all, status: true, generation: true }),
  endpointSlices: define<k.EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices', 'Namespaced', {
    generation: true,
  }),
  leases: define<k.Lease>('coordination.k8s.io/v1', 'Lease', 'leases', 'Namespaced', {}),
  roles: define<k.Role>('rbac.authorization.k8s.io/v1', 'Role', 'roles', 'Namespaced', {}),
  roleBindings: define<k.RoleBinding>('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings', 'Namespaced', {}),
  clusterRoles: define<k.ClusterRole>('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', 'Cluster', {}),
  clusterRoleBindings: define<k.ClusterRoleBinding>(
    'rbac.authorization.k8s.io/v1',
    'ClusterRoleBinding',
    'clusterrolebindings',
    'Cluster',
    {},
  ),
  ...networkKinds,
  ...storageKinds,
  ...extensionKinds,
  ...resourceKinds,
} as const

/** Every version of every kind of Kubernetes' own that is served. */
export const allKinds: readonly Kind[] = Object.values(kinds)

/** Each of them once: the version that is stored. */
export const storedKinds: readonly Kind[] = allKinds.filter(
  ({ versioning }) => versioning === undefined || versioning.judgedAs === 'served',
)
