import { assert } from '../api/assert.ts'
import type { Kind } from '../api/kinds.ts'
import type { ListOptions, WatchOptions } from './client.ts'

type Addressed = Pick<Kind, 'group' | 'version' | 'plural' | 'namespaced'>

/** '/api/v1/namespaces/a/pods'. Without a namespace: the collection over all namespaces. */
export function collectionPath(kind: Addressed, namespace: string | undefined): string {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`
  return kind.namespaced && namespace !== undefined && namespace !== ''
    ? `${root}/namespaces/${encodeURIComponent(namespace)}/${kind.plural}`
    : `${root}/${kind.plural}`
}

export function objectPath(kind: Addressed, name: string, namespace: string | undefined, subresource?: string): string {
  assert(name !== '', `a name is needed to address one of ${kind.plural}`)
  assert(!kind.namespaced || (namespace ?? '') !== '', `a namespace is needed to address one of ${kind.plural}`)
  const path = `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`
  return subresource === undefined ? path : `${path}/${subresource}`
}

export function listQuery(options: ListOptions, resume?: string): string {
  return query({
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    limit: options.limit?.toString(),
    continue: resume,
  })
}

const streamingList = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }

export function watchQuery(options: WatchOptions): string {
  return query({
    watch: 'true',
    allowWatchBookmarks: 'true',
    ...(options.resourceVersion === undefined ? streamingList : { resourceVersion: options.resourceVersion }),
    timeoutSeconds: options.timeoutSeconds?.toString(),
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
  })
}

/** '?a=b&c=d' of what is set and not empty, or ''. */
export function query(parameters: Readonly<Record<string, string | undefined>>): string {
  const parts: string[] = []
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') parts.push(`${name}=${encodeURIComponent(value)}`)
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}
