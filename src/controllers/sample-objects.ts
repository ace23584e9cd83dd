import type { Deployment, Namespace, Node, ObjectMeta, Pod, ReplicaSet, Service } from '../api/kinds.generated.ts'
import { apiVersionOf, type Kind, kinds } from '../api/kinds.ts'
import type { Stored, StoredMeta } from '../api/object.ts'
import { timestampOf } from '../api/wire-time.ts'
import type { Action } from './action.ts'

/** Objects as the API server returns them, for the tables of tests. */
export const sampleNowMs = Date.UTC(2026, 0, 1, 12)

export function secondsAgo(seconds: number): string {
  return timestampOf(sampleNowMs - seconds * 1000)
}

export function sampleMeta(name: string, more: ObjectMeta = {}): StoredMeta {
  return {
    name,
    namespace: 'default',
    uid: `uid-${name}`,
    resourceVersion: '1',
    creationTimestamp: secondsAgo(600),
    ...more,
  }
}

function head<T>(kind: Kind<T>) {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind }
}

export function samplePod(
  name: string,
  more: Readonly<{ metadata?: ObjectMeta; spec?: Partial<Pod['spec']>; status?: Pod['status'] }> = {},
): Stored<Pod> {
  const spec = { containers: [{ name: 'web', image: 'web:1' }], nodeName: 'n1', ...more.spec }
  return {
    ...head(kinds.pods),
    metadata: sampleMeta(name, more.metadata),
    spec,
    status: { phase: 'Running', ...more.status },
  }
}

export function readyStatus(sinceSeconds = 300, status: 'True' | 'False' = 'True'): NonNullable<Pod['status']> {
  return { conditions: [{ type: 'Ready', status, lastTransitionTime: secondsAgo(sinceSeconds) }] }
}

export function ownedBy<T>(kind: Kind<T>, owner: Stored<unknown>): ObjectMeta {
  const { name, uid } = owner.metadata
  return {
    ownerReferences: [{ ...head(kind), name, uid, controller: true, blockOwnerDeletion: true }],
  }
}

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } }

export function sampleReplicaSet(
  name: string,
  more: Readonly<{
    metadata?: ObjectMeta
    spec?: Partial<ReplicaSet['spec']>
    status?: Partial<ReplicaSet['status']>
  }> = {},
): Stored<ReplicaSet> {
  const selector = { matchLabels: { app: 'web' } }
  return {
    ...head(kinds.replicaSets),
    metadata: sampleMeta(name, { generation: 1, labels: { app: 'web' }, ...more.metadata }),
    spec: { replicas: 1, selector, template, ...more.spec },
    status: { replicas: 0, ...more.status },
  }
}

export function sampleDeployment(
  more: Readonly<{ metadata?: ObjectMeta; spec?: Partial<Deployment['spec']>; status?: Deployment['status'] }> = {},
): Stored<Deployment> {
  return {
    ...head(kinds.deployments),
    metadata: sampleMeta('web', { generation: 1, ...more.metadata }),
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...more.spec,
    },
    status: { ...more.status },
  }
}

export function sampleNode(
  name: string,
  ready: 'True' | 'False' | 'Unknown' = 'True',
  more: Readonly<{ metadata?: ObjectMeta; spec?: Node['spec'] }> = {},
): Stored<Node> {
  const at = { lastHeartbeatTime: secondsAgo(5), lastTransitionTime: secondsAgo(500) }
  return {
    ...head(kinds.nodes),
    metadata: { ...sampleMeta(name, more.metadata), namespace: '' },
    spec: { ...more.spec },
    status: { conditions: [{ type: 'Ready', status: ready, reason: 'KubeletReady', message: 'ok', ...at }] },
  }
}

export function sampleService(more: Readonly<{ metadata?: ObjectMeta; spec?: Service['spec'] }> = {}): Stored<Service> {
  return {
    ...head(kinds.services),
    metadata: sampleMeta('web', more.metadata),
    spec: {
      selector: { app: 'web' },
      clusterIP: '10.0.0.1',
      ipFamilies: ['IPv4'],
      ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
      ...more.spec,
    },
    status: {},
  }
}

export function sampleNamespace(name: string, more: Readonly<{ metadata?: ObjectMeta }> = {}): Stored<Namespace> {
  const { namespace: _, ...metadata } = sampleMeta(name, more.metadata)
  return { ...head(kinds.namespaces), metadata, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }
}

/** Actions in a line each, short enough for a table: 'delete pods/a', 'update replicasets/web-1 replicas=2'. */
export function brief(actions: readonly Action[]): readonly string[] {
  return actions.map((action) => {
    switch (action.type) {
      case 'create':
        return `create ${action.kind.plural}${action.object.metadata.name ? `/${action.object.metadata.name}` : ''}`
      case 'update':
      case 'updateStatus':
      case 'updateApproval':
      case 'scale':
      case 'finalize':
        return `${action.type} ${action.kind.plural}/${action.object.metadata.name}${sizeOf(action.type, action.object)}`
      case 'patch':
        return `patch ${action.target.kind.plural}/${action.target.name}${action.subresource ? '/status' : ''}`
      case 'delete':
        return `delete ${action.target.kind.plural}/${action.target.name}`
      case 'event':
        return `event ${action.reason}: ${action.message}`
      default:
        return `requeue ${action.afterMs}`
    }
  })
}

function sizeOf(type: string, object: Readonly<Record<string, unknown>>): string {
  const spec = object.spec as Readonly<{ replicas?: number }> | undefined
  return type === 'update' && spec?.replicas !== undefined ? ` replicas=${spec.replicas}` : ''
}
