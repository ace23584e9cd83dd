import { mandatoryLevels, mandatorySchemas } from '../../api/flow-control-objects.ts'
import type { FlowSchemaSpec, PriorityLevelConfigurationSpec } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Store } from '../../store/store.ts'
import { kindPrefix } from '../resource.ts'

type Named<T> = Readonly<{ name: string; uid: string; spec: T }>
export type SchemaConfig = Named<FlowSchemaSpec>
export type LevelConfig = Named<PriorityLevelConfigurationSpec>

export type FlowConfig = Readonly<{
  /** In the order in which they are tried. The last one takes whatever is left. */
  schemas: readonly SchemaConfig[]
  levels: ReadonlyMap<string, LevelConfig>
}>

/** What the objects say; those that must be there are, whether stored or not. */
export function flowConfigOf(schemaObjects: readonly ApiObject[], levelObjects: readonly ApiObject[]): FlowConfig {
  const levels = new Map(
    [...Object.entries(mandatoryLevels).map(given), ...levelObjects.map(named<PriorityLevelConfigurationSpec>)].map(
      (level) => [level.name, level],
    ),
  )
  const stored = schemaObjects.map(named<FlowSchemaSpec>)
  const missing = Object.entries(mandatorySchemas)
    .map(given)
    .filter(({ name }) => !stored.some((one) => one.name === name))
  const schemas = [...stored, ...missing]
    .filter(({ spec }) => levels.has(spec.priorityLevelConfiguration.name))
    .sort(byPrecedence)
  return { schemas, levels }
}

function named<T>({ metadata, spec }: ApiObject): Named<T> {
  return { name: metadata.name ?? '', uid: metadata.uid ?? '', spec: spec as T }
}

function given<T>([name, spec]: readonly [string, T]): Named<T> {
  return { name, uid: '', spec }
}

const defaultPrecedence = 1000

function byPrecedence(a: SchemaConfig, b: SchemaConfig): number {
  const precedence = ({ spec }: SchemaConfig): number => spec.matchingPrecedence ?? defaultPrecedence
  return precedence(a) - precedence(b) || (a.name < b.name ? -1 : 1)
}

const followed = [kinds.flowSchemas, kinds.priorityLevelConfigurations] as const

/** The configuration as the store has it now. */
export function readFlowConfig(store: Store): FlowConfig {
  const [schemas, levels] = followed.map((kind) => {
    const found = store.range({ prefix: kindPrefix(kind) })
    return found.ok ? found.value.entries.map(({ object }) => object) : []
  })
  return flowConfigOf(schemas ?? [], levels ?? [])
}

/** Calls back after every change of the configuration; returns the function that ends it. */
export function onFlowConfig(store: Store, onChange: () => void): () => void {
  const watches = followed.flatMap((kind) => {
    const watch = store.watch(kindPrefix(kind), store.revision(), onChange)
    return watch.ok ? [watch.value] : []
  })
  return () => {
    for (const watch of watches) watch.cancel()
  }
}
