/**
 * The shape of every API type, read from schema.generated.json. One schema serves decoding, validation, defaulting,
 * the patches, server-side apply and OpenAPI.
 */

/** Leaf types. quantity, time and the like are strings on the wire with rules of their own; any is free JSON. */
export type ScalarType =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'double'
  | 'time'
  | 'microTime'
  | 'duration'
  | 'quantity'
  | 'intOrString'
  | 'bytes'
  | 'any'

export type FieldType =
  | Readonly<{ type: 'scalar'; scalar: ScalarType }>
  /** A struct, by the name of its type: 'io.k8s.api.core.v1.PodSpec'. */
  | Readonly<{ type: 'object'; ref: string }>
  | Readonly<{ type: 'map'; of: FieldType }>
  | Readonly<{
      type: 'list'
      of: FieldType
      /** How server-side apply sees the list (x-kubernetes-list-type); keys name the fields that identify an item of a map. */
      listType: 'atomic' | 'set' | 'map'
      keys: readonly string[]
      /** Strategic merge patch: merged by this key ('' merges scalars as a set); absent: replaced. */
      mergeKey?: string
    }>

export type FieldSchema = Readonly<{
  name: string
  type: FieldType
  required: boolean
  /** Go writes the field even when empty (no omitempty): status: {} and the like. */
  default?: unknown
  /** Strategic merge patch: 'retainKeys' or 'replace' where Kubernetes declares it. */
  patchStrategy?: readonly string[]
}>

export type TypeSchema = Readonly<{
  name: string
  fields: ReadonlyMap<string, FieldSchema>
  /** Server-side apply treats the whole struct as one value (x-kubernetes-map-type: atomic). */
  atomic: boolean
}>

/** Looks up types by name. Built once; immutable. */
export interface Schema {
  /** Throws for a name that is not in the schema: names come from our own tables. */
  typeOf(name: string): TypeSchema
  typeNames(): readonly string[]
}
