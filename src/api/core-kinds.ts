import { define } from './define-kind.ts'
import type * as k from './kinds.generated.ts'
import type { ScalePaths } from './kinds.ts'

const all = ['all']

/** A ReplicationController's selector is a plain map of labels. */
export const replicaPaths: ScalePaths = {
  specReplicas: '.spec.replicas',
  statusReplicas: '.status.replicas',
  labelSelector: '.spec.selector',
}

export const coreKinds = {
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
  replicationControllers: define<k.ReplicationController>(
    'v1',
    'ReplicationController',
    'replicationcontrollers',
    'Namespaced',
    { shortNames: ['rc'], categories: all, status: true, generation: true, scale: replicaPaths },
  ),
  podTemplates: define<k.PodTemplate>('v1', 'PodTemplate', 'podtemplates', 'Namespaced', { generation: true }),
  limitRanges: define<k.LimitRange>('v1', 'LimitRange', 'limitranges', 'Namespaced', { shortNames: ['limits'] }),
  resourceQuotas: define<k.ResourceQuota>('v1', 'ResourceQuota', 'resourcequotas', 'Namespaced', {
    shortNames: ['quota'],
    status: true,
  }),
  persistentVolumes: define<k.PersistentVolume>('v1', 'PersistentVolume', 'persistentvolumes', 'Cluster', {
    shortNames: ['pv'],
    status: true,
  }),
  persistentVolumeClaims: define<k.PersistentVolumeClaim>(
    'v1',
    'PersistentVolumeClaim',
    'persistentvolumeclaims',
    'Namespaced',
    { shortNames: ['pvc'], status: true },
  ),
} as const
