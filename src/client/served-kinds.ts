import { servedKindsOf } from '../api/custom/served-kinds.ts'
import { allKinds, apiVersionOf, groupResource, type Kind, kinds, storedKinds } from '../api/kinds.ts'
import { storedKind } from '../api/versioning.ts'
import type { Informers } from './informers.ts'

/** What is served now, for those who look after objects of every kind: each resource once, in one version. */
export type ServedKinds = Readonly<{
  all(): readonly Kind[]
  /** The kind that objects of any of its versions are followed as; undefined where nothing like it is served. */
  ofType(apiVersion: string, kind: string): Kind | undefined
  byResource(groupResource: string): Kind | undefined
  /** Called with every kind that is not one of Kubernetes' own when it begins to be served, and when it ceases. */
  onCustom(listener: (kind: Kind, isServed: boolean) => void): void
}>

const ownByType: ReadonlyMap<string, Kind> = new Map(
  allKinds.map((kind) => [typeKey(apiVersionOf(kind), kind.kind), storedKind(kind)]),
)
const ownByResource: ReadonlyMap<string, Kind> = new Map(storedKinds.map((kind) => [groupResource(kind), kind]))

function typeKey(apiVersion: string, kind: string): string {
  return `${apiVersion} ${kind}`
}

/** Follows CustomResourceDefinitions. Kinds of aggregated APIs would join here. */
export function followServedKinds(informers: Pick<Informers, 'of' | 'drop'>): ServedKinds {
  const definitions = informers.of(kinds.customResourceDefinitions)
  const byDefinition = new Map<string, readonly Kind[]>()
  const listeners: ((kind: Kind, isServed: boolean) => void)[] = []
  const preferred = (versions: readonly Kind[] | undefined): readonly Kind[] => versions?.slice(0, 1) ?? []
  const tell = (versions: readonly Kind[], isServed: boolean): void => {
    for (const kind of preferred(versions)) for (const listener of listeners) listener(kind, isServed)
  }
  definitions.onChange((before, after) => {
    const name = (after ?? before)?.metadata.name ?? ''
    const had = byDefinition.get(name) ?? []
    const has = after === undefined ? [] : servedKindsOf(after)
    if (has.length === 0) byDefinition.delete(name)
    else byDefinition.set(name, has)
    if (JSON.stringify(preferred(had)) === JSON.stringify(preferred(has))) return
    tell(had, false)
    for (const kind of preferred(had)) informers.drop(kind)
    tell(has, true)
  })
  const custom = (): readonly Kind[] => [...byDefinition.values()].flatMap(preferred)
  return {
    all: () => [...storedKinds, ...custom()],
    ofType(apiVersion, kind) {
      const own = ownByType.get(typeKey(apiVersion, kind))
      if (own !== undefined) return own
      for (const versions of byDefinition.values()) {
        if (versions.some((one) => one.kind === kind && apiVersionOf(one) === apiVersion)) return versions[0]
      }
      return undefined
    },
    byResource: (resource) => ownByResource.get(resource) ?? custom().find((kind) => groupResource(kind) === resource),
    onCustom(listener) {
      listeners.push(listener)
      for (const kind of custom()) listener(kind, true)
    },
  }
}
