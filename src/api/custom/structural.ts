import { isJsonObject } from '../json-value.ts'
import type { JSONSchemaProps } from '../kinds.generated.ts'

/** A value's structure, read once from a CustomResourceDefinition's schema: what pruning, defaulting and apply walk along. */
export type Structural = Readonly<{
  /** The schema it was read from, with all that is checked of values. */
  props: JSONSchemaProps
  type: string
  nullable: boolean
  /** undefined: none. A default of null is none either. */
  default: unknown
  preservesUnknown: boolean
  isEmbedded: boolean
  isIntOrString: boolean
  items: Structural | undefined
  properties: ReadonlyMap<string, Structural>
  /** additionalProperties, where there are any, of a schema or not. */
  additional: Readonly<{ schema: Structural | undefined }> | undefined
  listType: string | undefined
  mapKeys: readonly string[]
  mapType: string | undefined
  /** Something within it, or it itself, has a default. */
  hasDefaults: boolean
  /** Something within it is an object of Kubernetes' own, with metadata. */
  hasEmbedded: boolean
  /** Within it, lists have to hold different items. */
  hasKeyedLists: boolean
}>

export function structuralOf(props: JSONSchemaProps): Structural {
  const items = isJsonObject(props.items) ? structuralOf(props.items) : undefined
  const properties = new Map(Object.entries(props.properties ?? {}).map(([name, one]) => [name, structuralOf(one)]))
  const additional = additionalOf(props.additionalProperties)
  const inner = [
    ...(items === undefined ? [] : [items]),
    ...properties.values(),
    ...(additional?.schema === undefined ? [] : [additional.schema]),
  ]
  const isEmbedded = props['x-kubernetes-embedded-resource'] === true
  const listType = props['x-kubernetes-list-type']
  return {
    props,
    type: props.type ?? '',
    nullable: props.nullable === true,
    default: props.default ?? undefined,
    preservesUnknown: props['x-kubernetes-preserve-unknown-fields'] === true,
    isEmbedded,
    isIntOrString: props['x-kubernetes-int-or-string'] === true,
    items,
    properties,
    additional,
    listType,
    mapKeys: props['x-kubernetes-list-map-keys'] ?? [],
    mapType: props['x-kubernetes-map-type'],
    hasDefaults: (props.default ?? undefined) !== undefined || inner.some((one) => one.hasDefaults),
    hasEmbedded: isEmbedded || inner.some((one) => one.hasEmbedded),
    hasKeyedLists: listType === 'set' || listType === 'map' || inner.some((one) => one.hasKeyedLists),
  }
}

function additionalOf(value: unknown): Structural['additional'] {
  if (value === undefined || value === null) return undefined
  return { schema: isJsonObject(value) ? structuralOf(value) : undefined }
}

/** The schema as that of a whole object, whose apiVersion, kind and metadata are not for it to say. */
export function asRoot(schema: Structural): Structural {
  return schema.isEmbedded ? schema : { ...schema, isEmbedded: true }
}

/** How values at a key are structured; undefined where the schema does not say. */
export function structureAt(schema: Structural | undefined, key: string): Structural | undefined {
  return schema?.properties.get(key) ?? schema?.additional?.schema
}
