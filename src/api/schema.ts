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
  | Readonly<{
      type: 'scalar'
      scalar: ScalarType
      /** Free JSON that server-side apply sees by what it holds: objects by key, all else whole. */
      deduced?: boolean
    }>
  /** A struct, by the name of its type: 'io.k8s.api.core.v1.PodSpec'. */
  | Readonly<{
      type: 'object'
      ref: string
      /** Where the field differs from its type: x-kubernetes-map-type of the field. */
      atomic?: boolean
    }>
  | Readonly<{
      type: 'map'
      of: FieldType
      /** Server-side apply treats the whole map as one value. */
      atomic?: boolean
    }>
  | Readonly<{
      type: 'list'
      of: FieldType
      /** How server-side apply sees the list (x-kubernetes-list-type); keys name the fields that identify an item of a map. */
      listType: 'atomic' | 'set' | 'map'
      keys: readonly string[]
      /** Strategic merge patch: merged by this key ('' merges scalars as a set); absent: replaced. */
      mergeKey?: string
    }>

/**
 * What Kubernetes writes for a field, after Go's json tags: 'always' also the empty value (no omitempty, or a plain struct); 'pointer' the
 * value as given, even empty, and nothing when unset; 'omitEmpty' nothing for the empty value.
 */
export type Presence = 'always' | 'pointer' | 'omitEmpty'

export type FieldSchema = Readonly<{
  name: string
  type: FieldType
  required: boolean
  presence: Presence
  /** The default that OpenAPI publishes: what server-side apply takes an absent key field for. */
  default?: unknown
  /** The values that OpenAPI publishes, for documentation only. */
  enumeration?: readonly string[]
  /** The field's type as Go names it, for error messages: 'v1.Protocol', '[]v1.Container'. */
  goType: string
  /** The struct that Go embeds to have this field ('ProbeHandler'), which error messages name before it. */
  embeddedIn?: string
  /** Strategic merge patch: 'merge', 'retainKeys' or 'replace' where Kubernetes declares it. */
  patchStrategy?: readonly string[]
}>

export type TypeSchema = Readonly<{
  name: string
  fields: ReadonlyMap<string, FieldSchema>
  /** Server-side apply treats the whole struct as one value (x-kubernetes-map-type: atomic). */
  atomic: boolean
  /** Of fields that are not declared, where there may be any. */
  rest?: FieldType
}>

/** Looks up types by name. Built once; immutable. */
export interface Schema {
  /** Throws for a name that is not in the schema: names come from our own tables. */
  typeOf(name: string): TypeSchema
  typeNames(): readonly string[]
}
