import { type ConvertVersions, customKinds } from '../../api/custom/custom-kinds.ts'
import type { CustomKind } from '../../api/custom/decode-custom.ts'
import { isTrue } from '../../api/custom/definition-condition.ts'
import { makeEnder } from '../../api/ending.ts'
import { equalJson } from '../../api/json-value.ts'
import type { CustomResourceDefinition } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Entry, Store, StoreEvent } from '../../store/store.ts'
import type { Endpoint, Verb } from '../call.ts'
import { type EndpointParts, endpointsOfKind } from '../endpoints.ts'
import { kindPrefix } from '../resource.ts'
import type { Served } from '../served.ts'
import { ruleEngine } from './rule-engine.ts'

export type DefinitionParts = Readonly<{
  store: Store
  served: Served
  endpoints: EndpointParts
  /** How a definition's versions become one another where that is more than their name; undefined where it is not. */
  converterOf(definition: CustomResourceDefinition): ConvertVersions | undefined
}>

type Serving = Readonly<{ definition: CustomResourceDefinition; retire(): void }>

const mainVerbs: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']
const lastVerbs: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'watch']
const partVerbs: readonly Verb[] = ['get', 'patch', 'update']

/** Serves what CustomResourceDefinitions define for as long as they are established. Returns how to stop following them. */
export function serveDefinitions(parts: DefinitionParts): () => void {
  const serving = new Map<string, Serving>()
  const prefix = kindPrefix(kinds.customResourceDefinitions)
  const retire = (name: string): void => {
    serving.get(name)?.retire()
    serving.delete(name)
  }
  const see = (entry: Entry): void => {
    const definition = entry.object as unknown as CustomResourceDefinition
    const name = entry.object.metadata.name ?? ''
    const before = serving.get(name)
    if (before !== undefined && isServedAlike(before.definition, definition)) return
    const retired = makeEnder()
    const defined = customKinds(definition, {
      retired: retired.signal,
      convert: parts.converterOf(definition),
      compileRules: ruleEngine.compile,
    })
    const endpoints = defined?.served.flatMap((kind) => endpointsOf(parts.endpoints, kind)) ?? []
    parts.served.set(name, defined && { kinds: defined.served, endpoints })
    retire(name)
    if (defined !== undefined) serving.set(name, { definition, retire: () => retired.abort() })
  }
  const onEvents = (events: readonly StoreEvent[]): void => {
    for (const { type, entry } of events) {
      if (type === 'put') see(entry)
      else {
        const name = entry.object.metadata.name ?? ''
        parts.served.set(name, undefined)
        retire(name)
      }
    }
  }
  const now = parts.store.range({ prefix })
  for (const entry of now.ok ? now.value.entries : []) see(entry)
  const watch = parts.store.watch(prefix, parts.store.revision(), onEvents)
  return watch.ok ? watch.value.cancel : () => {}
}

/** Only what is served counts: its status may say more. */
function isServedAlike(a: CustomResourceDefinition, b: CustomResourceDefinition): boolean {
  return (
    a.metadata?.uid === b.metadata?.uid &&
    isTrue(a, 'Established') === isTrue(b, 'Established') &&
    isTrue(a, 'Terminating') === isTrue(b, 'Terminating') &&
    equalJson(a.status?.acceptedNames, b.status?.acceptedNames) &&
    equalJson(a.spec, b.spec)
  )
}

function endpointsOf(parts: EndpointParts, kind: CustomKind): readonly Endpoint[] {
  const main = kind.custom.isTerminating ? lastVerbs : mainVerbs
  return endpointsOfKind(parts, kind).map((endpoint) => ({
    ...endpoint,
    advertised: endpoint.subresource === undefined ? main : partVerbs,
  }))
}
