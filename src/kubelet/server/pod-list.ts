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
