import type { JsonObject } from '../json-value.ts'
import { apiVersionOf, type Kind } from '../kinds.ts'
import type { Schema } from '../schema.ts'
import { type Comparison, compareObjects } from './compare.ts'
import { skippedFields } from './reset-fields.ts'

/** Another served version in which an object's fields have managers: what those own can only be told in that version's form. */
export type OtherVersion = Readonly<{
  kind: Kind
  schema: Schema
  /** From the version of the request. */
  convert(object: JsonObject): JsonObject
  /** To the version of the request. */
  back(object: JsonObject): JsonObject
}>

/** By apiVersion; undefined for what is not served (any more): its managers are forgotten. */
export type OtherVersions = (apiVersion: string) => OtherVersion | undefined

/** What changed, told in the fields of any version. */
export type ChangesIn = (apiVersion: string) => Comparison | undefined

/** `own`: told in the version of the request. */
export function changesIn(
  kind: Kind,
  own: Comparison,
  [before, after]: readonly [before: JsonObject, after: JsonObject],
  others: OtherVersions | undefined,
  subresource: string | undefined,
): ChangesIn {
  const told = new Map<string, Comparison | undefined>([[apiVersionOf(kind), own]])
  return (apiVersion) => {
    if (told.has(apiVersion)) return told.get(apiVersion)
    const other = others?.(apiVersion)
    const changes =
      other &&
      compareObjects(
        other.schema,
        other.kind.typeName,
        other.convert(before),
        other.convert(after),
        skippedFields(other.kind, subresource),
      )
    told.set(apiVersion, changes)
    return changes
  }
}
