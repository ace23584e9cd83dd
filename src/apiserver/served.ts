import { groupResource, type Kind } from '../api/kinds.ts'
import type { RemoteDocuments } from '../api/openapi/documents.ts'
import { storedKind } from '../api/versioning.ts'
import type { Endpoint } from './call.ts'
import { type EndpointTable, endpointKey } from './endpoint-table.ts'

/** What one owner has served: Kubernetes' own kinds, or those of one CustomResourceDefinition, or of an aggregated API. */
export type ServedPart = Readonly<{
  /** Kinds whose objects are in the store, each version by itself. */
  kinds: readonly Kind[]
  endpoints: readonly Endpoint[]
  /** What other servers serve: discovery tells of it, requests are passed on. */
  remote?: readonly RemoteVersion[]
}>

/** A group version that another server serves. */
export type RemoteVersion = Readonly<{
  group: string
  version: string
  groupPriorityMinimum: number
  versionPriority: number
  /** As the aggregated form of discovery tells of them. */
  resources: readonly object[]
  /** The other server cannot be asked now: this is what it had. */
  isStale: boolean
  openApi?: RemoteDocuments
}>

/**
 * What is served now. It changes while the server runs; whoever makes something of it (discovery, OpenAPI) keeps that for as long as the
 * generation stays. Where two parts have an endpoint at the same place, the first one stands.
 */
export interface Served {
  /** By endpointKey. */
  endpoint(key: string): Endpoint | undefined
  endpoints(): EndpointTable
  kinds(): readonly Kind[]
  remote(): readonly RemoteVersion[]
  /** Whether the group is one of Kubernetes' own. */
  isOwn(group: string): boolean
  /** All served versions of what the kind is stored as. */
  versionsOf(kind: Kind): readonly Kind[]
  /** Rises with every change. */
  generation(): number
  /** What the owner has served from now on: nothing where it is undefined. */
  set(owner: string, part: ServedPart | undefined): void
  onChange(listener: () => void): void
}

/** The owner of what is always served. */
export const ownPart = 'Kubernetes'

export function makeServed(): Served {
  const parts = new Map<string, ServedPart>()
  let ownGroups: ReadonlySet<string> = new Set()
  const listeners: (() => void)[] = []
  let table = new Map<string, Endpoint>()
  let kinds: readonly Kind[] = []
  let versions: ReadonlyMap<string, readonly Kind[]> = new Map()
  let generation = 0
  const rebuild = (): void => {
    table = new Map()
    for (const { endpoints } of parts.values()) {
      for (const one of endpoints) {
        const key = endpointKey(one.group, one.version, one.plural, one.subresource)
        if (!table.has(key)) table.set(key, one)
      }
    }
    kinds = [...parts.values()].flatMap((part) => part.kinds)
    versions = byStored(kinds)
    generation += 1
  }
  return {
    endpoint: (key) => table.get(key),
    endpoints: () => table,
    kinds: () => kinds,
    remote: () => [...parts.values()].flatMap((part) => part.remote ?? []),
    isOwn: (group) => ownGroups.has(group),
    versionsOf: (kind) => versions.get(groupResource(storedKind(kind))) ?? [],
    generation: () => generation,
    set(owner, part) {
      if (part === undefined) parts.delete(owner)
      else parts.set(owner, part)
      if (owner === ownPart) ownGroups = new Set(part?.endpoints.map(({ group }) => group))
      rebuild()
      for (const listener of listeners) listener()
    },
    onChange: (listener) => void listeners.push(listener),
  }
}

function byStored(kinds: readonly Kind[]): ReadonlyMap<string, readonly Kind[]> {
  const found = new Map<string, Kind[]>()
  for (const kind of kinds) {
    const resource = groupResource(storedKind(kind))
    const versions = found.get(resource)
    if (versions === undefined) found.set(resource, [kind])
    else versions.push(kind)
  }
  return found
}

/** A value made of what is served, made anew when that has changed and it is asked for. */
export function keptWhileServed<T>(served: Pick<Served, 'generation'>, make: () => T): () => T {
  let kept: Readonly<{ generation: number; value: T }> | undefined
  return () => {
    const generation = served.generation()
    if (kept?.generation !== generation) kept = { generation, value: make() }
    return kept.value
  }
}
