/** One OpenAPI v2 document made of several servers'. Kubernetes: kube-openapi/pkg/aggregator. */

import { equalJson, isJsonList, isJsonObject, type JsonObject, objectAt } from '../json-value.ts'

const definitionPrefix = '#/definitions/'
const kindKey = 'x-kubernetes-group-version-kind'

/** The document with the paths below the prefix alone, and without the definitions that only the others needed. */
export function belowPath(document: JsonObject, prefix: string): JsonObject {
  return withPaths(document, (path) => path.startsWith(prefix))
}

function withPaths(document: JsonObject, keeps: (path: string) => boolean): JsonObject {
  const kept = Object.entries(objectAt(document, 'paths')).filter(([path]) => keeps(path))
  const after = { ...document, paths: Object.fromEntries(kept) }
  const [neededBefore, needed] = [neededDefinitions(document), neededDefinitions(after)]
  const definitions = Object.entries(objectAt(document, 'definitions')).filter(
    ([name]) => needed.has(name) || !neededBefore.has(name),
  )
  return { ...after, definitions: Object.fromEntries(definitions) }
}

/** The definitions that paths lead to, directly or through others. */
function neededDefinitions(document: JsonObject): ReadonlySet<string> {
  const definitions = objectAt(document, 'definitions')
  const found = new Set<string>()
  const walk = (value: unknown): void => {
    const name = isJsonObject(value) ? definitionNamed(value.$ref) : undefined
    if (name !== undefined && !found.has(name)) {
      found.add(name)
      walk(definitions[name])
    }
    if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk)
  }
  for (const part of ['paths', 'parameters', 'responses']) walk(document[part])
  return found
}

function definitionNamed(reference: unknown): string | undefined {
  if (typeof reference !== 'string' || !reference.startsWith(definitionPrefix)) return undefined
  return reference.slice(definitionPrefix.length)
}

/**
 * The first document with what the others have besides. Where two have the same path, the first one stands; definitions and parameters of
 * one name that differ both stay, the later one under a name of its own ('…_v2').
 */
export function mergedDocuments(first: JsonObject, others: readonly JsonObject[]): JsonObject {
  return others.reduce(merged, first)
}

function merged(into: JsonObject, other: JsonObject): JsonObject {
  const paths = objectAt(into, 'paths')
  const source = withPaths(other, (path) => !Object.hasOwn(paths, path))
  if (Object.keys(objectAt(source, 'paths')).length === 0) return into
  const named = renamed(
    renamed(source, 'definitions', conflicts(into, source, 'definitions', isSameDefinition)),
    'parameters',
    conflicts(into, source, 'parameters', equalJson),
  )
  const parameters = { ...objectAt(named, 'parameters'), ...objectAt(into, 'parameters') }
  return {
    ...into,
    paths: sorted({ ...objectAt(named, 'paths'), ...paths }),
    definitions: sorted(mergedDefinitions(objectAt(into, 'definitions'), objectAt(named, 'definitions'))),
    ...(Object.keys(parameters).length === 0 ? {} : { parameters: sorted(parameters) }),
  }
}

type Section = 'definitions' | 'parameters'

/** The names in the section under which both have something else, with the names that they get. */
function conflicts(
  into: JsonObject,
  source: JsonObject,
  section: Section,
  isSame: (a: unknown, b: unknown) => boolean,
): ReadonlyMap<string, string> {
  const [here, there] = [objectAt(into, section), objectAt(source, section)]
  const given = new Set<string>()
  const names = new Map<string, string>()
  for (const [name, value] of Object.entries(there)) {
    if (!Object.hasOwn(here, name) || isSame(here[name], value)) continue
    let number = 2
    const candidate = (): string => `${name}_v${number}`
    // What was renamed so before, for another server, is the very same.
    while (Object.hasOwn(here, candidate()) && !isSame(here[candidate()], value)) number += 1
    const isKnown = Object.hasOwn(here, candidate())
    while (
      !isKnown &&
      (Object.hasOwn(here, candidate()) || Object.hasOwn(there, candidate()) || given.has(candidate()))
    )
      number += 1
    names.set(name, candidate())
    given.add(candidate())
  }
  return names
}

function renamed(document: JsonObject, section: Section, names: ReadonlyMap<string, string>): JsonObject {
  if (names.size === 0) return document
  const references = new Map([...names].map(([name, after]) => [`#/${section}/${name}`, `#/${section}/${after}`]))
  const walk = (value: unknown): unknown => {
    if (isJsonList(value)) return value.map(walk)
    if (!isJsonObject(value)) return value
    const after = Object.entries(value).map(([key, inner]) => {
      const reference = key === '$ref' && typeof inner === 'string' ? references.get(inner) : undefined
      return [key, reference ?? walk(inner)] as const
    })
    return Object.fromEntries(after)
  }
  const after = walk(document) as JsonObject
  const entries = Object.entries(objectAt(after, section)).map(([name, value]) => [names.get(name) ?? name, value])
  return { ...after, [section]: Object.fromEntries(entries) }
}

/** Kinds that one definition stands for are told by each server for itself. */
function isSameDefinition(a: unknown, b: unknown): boolean {
  return equalJson(withoutKinds(a), withoutKinds(b))
}

function withoutKinds(definition: unknown): unknown {
  if (!isJsonObject(definition)) return definition
  const { [kindKey]: _, ...rest } = definition
  return rest
}

function mergedDefinitions(here: JsonObject, there: JsonObject): JsonObject {
  const both = Object.entries(there).map(([name, value]) => {
    const known = here[name]
    return [name, isJsonObject(known) && isJsonObject(value) ? withKinds(known, value[kindKey]) : value] as const
  })
  return { ...here, ...Object.fromEntries(both) }
}

/** The definition with the other's kinds besides its own. */
function withKinds(definition: JsonObject, others: unknown): JsonObject {
  const own = definition[kindKey]
  if (!isJsonList(others)) return definition
  if (!isJsonList(own)) return { ...definition, [kindKey]: others }
  const known = new Set(own.map(kindText))
  const more = others.filter((one) => !known.has(kindText(one)))
  if (more.length === 0) return definition
  const all = [...own, ...more].sort((a, b) => (kindText(a) < kindText(b) ? -1 : 1))
  return { ...definition, [kindKey]: all }
}

function kindText(value: unknown): string {
  const { group, version, kind } = isJsonObject(value) ? value : {}
  return `${group}/${version}.${kind}`
}

function sorted(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
}
