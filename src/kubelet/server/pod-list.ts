import type { Container } from '../../runtime/pod-runtime.ts'
import type { ServerContext } from './server-context.ts'

/** GET /pods: the node's pods with their newest statuses. */
export function podList({ pods, statusOf }: ServerContext): unknown {
  return {
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: {},
    items: pods.pods().map((pod) => {
      const { apiVersion: _, kind: __, ...rest } = pod
      return { ...rest, status: statusOf(pod) }
    }),
  }
}

/** GET /runningpods/: pods that have containers running, as the runtime knows them, with nothing but names. */
export function runningPods({ deps }: ServerContext): unknown {
  const byPod = new Map<string, Container[]>()
  for (const container of deps.runtime.containers().filter(({ state }) => state === 'running'))
    byPod.set(container.pod.uid, [...(byPod.get(container.pod.uid) ?? []), container])
  return {
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: {},
    items: [...byPod.values()].map((containers) => ({
      metadata: containers[0]?.pod,
      spec: { containers: containers.map(({ name, imageId }) => ({ name, image: imageId, resources: {} })) },
      status: {},
    })),
  }
}
