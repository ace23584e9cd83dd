import type { Ending } from '../ending.ts'
import type { JSONSchemaProps } from '../kinds.generated.ts'
import type { ApiObject } from '../object.ts'
import type { Schema } from '../schema.ts'
import type { TableSpec } from '../table/table-spec.ts'
import type { CheckRules } from './rule-engine.ts'
import type { Structural } from './structural.ts'
import type { ValueRules } from './value-rules.ts'

/** What one version of a CustomResourceDefinition says of its objects, made ready for use. */
export type CustomType = Readonly<{
  /** Name of the definition. */
  definition: string
  listKind: string
  /** Types for field management; the object's own is the kind's typeName. */
  schema: Schema
  structural: Structural
  /** The same, as that of a whole object. */
  root: Structural
  /** Nothing is left out of objects, whatever the schema says (spec.preserveUnknownFields of old definitions). */
  keepsAll: boolean
  rules: ValueRules
  /** Of .status, for writes through the status subresource. */
  statusRules: ValueRules | undefined
  checkRules: CheckRules | undefined
  columns: TableSpec
  /** Fields that can be selected by, besides name and namespace. */
  selectable: ReadonlyMap<string, (object: ApiObject) => string>
  /** What every request for the version is warned of. */
  deprecation: string | undefined
  /** No more objects may be made: the definition is being deleted. */
  isTerminating: boolean
  /** The schema as it is published. */
  published: JSONSchemaProps
  /** Aborted when another version of the definition takes this one's place: watches end. */
  retired: Ending
}>
