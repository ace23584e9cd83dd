import { type Kind, kinds } from '../../api/kinds.ts'
import type { Client } from '../../client/client.ts'
import type { ServedKinds } from '../../client/served-kinds.ts'
import { type Controller, type ControllerDeps, type Source, source } from '../run-controller.ts'
import { type Content, type ObservedNamespace, reconcileNamespace } from './namespace.ts'

type Deps = ControllerDeps & Readonly<{ served: ServedKinds }>

export function namespaceController({ client, informers, clock, served }: Deps): Controller<ObservedNamespace> {
  const inNamespaces = (): readonly Kind[] => served.all().filter(({ namespaced }) => namespaced)
  const namespaces = informers.of(kinds.namespaces)
  const isTerminating = (name: string): boolean => namespaces.get(name)?.metadata.deletionTimestamp !== undefined
  const contentSource = (kind: Kind): Source =>
    source(kind, ({ metadata: { namespace = '' } }) => (isTerminating(namespace) ? [namespace] : []))
  return {
    name: 'namespace-controller',
    concurrency: 10,
    sources: [
      source(kinds.namespaces, ({ metadata }) => (isTerminating(metadata.name) ? [metadata.name] : [])),
      // Events come and go too often to be watched for this.
      ...inNamespaces()
        .filter((kind) => kind !== kinds.events)
        .map(contentSource),
    ],
    moreSources(follow, forget) {
      served.onCustom((kind, isServed) => {
        if (isServed && kind.namespaced) follow(contentSource(kind))
        else forget(kind)
      })
    },
    async observe(key) {
      const namespace = namespaces.get(key)
      if (namespace?.metadata.deletionTimestamp === undefined) return undefined
      // An informer may not know yet of what was made just before the deletion: only the API can say that nothing is left.
      const pods = await contentOf(client, kinds.pods, key)
      const others = inNamespaces().filter((kind) => kind !== kinds.pods)
      const rest = pods.objects.length > 0 ? [] : others.map((kind) => contentOf(client, kind, key))
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
