import { type Kind, kinds, storedKinds } from '../../api/kinds.ts'
import type { Client } from '../../client/client.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { type Content, type ObservedNamespace, reconcileNamespace } from './namespace.ts'

const otherKinds = storedKinds.filter((kind) => kind.namespaced && kind !== kinds.pods)
/** Events come and go too often to be watched for this. */
const watchedKinds = [kinds.pods, ...otherKinds.filter((kind) => kind !== kinds.events)]

export function namespaceController({ client, informers, clock }: ControllerDeps): Controller<ObservedNamespace> {
  const namespaces = informers.of(kinds.namespaces)
  const isTerminating = (name: string): boolean => namespaces.get(name)?.metadata.deletionTimestamp !== undefined
  return {
    name: 'namespace-controller',
    concurrency: 10,
    sources: [
      source(kinds.namespaces, ({ metadata }) => (isTerminating(metadata.name) ? [metadata.name] : [])),
      ...watchedKinds.map((kind: Kind) =>
        source(kind, ({ metadata: { namespace = '' } }) => (isTerminating(namespace) ? [namespace] : [])),
      ),
    ],
    async observe(key) {
      const namespace = namespaces.get(key)
      if (namespace?.metadata.deletionTimestamp === undefined) return undefined
      // An informer may not know yet of what was made just before the deletion: only the API can say that nothing is left.
      const pods = await contentOf(client, kinds.pods, key)
      const rest = pods.objects.length > 0 ? [] : otherKinds.map((kind) => contentOf(client, kind, key))
      return { nowMs: clock.nowMs(), namespace, content: [pods, ...(await Promise.all(rest))] }
    },
    reconcile: reconcileNamespace,
  }
}

async function contentOf(client: Client, kind: Kind, namespace: string): Promise<Content> {
  const listed = await client.list(kind, { namespace })
  if (listed.ok) return { kind, objects: listed.value.items }
  return { kind, objects: [], error: listed.error.message ?? '' }
}
