/** Nulls and defaults of custom resources. Kubernetes: apiextensions-apiserver/pkg/apiserver/schema/defaulting. */
import { isJsonList, isJsonObject, type JsonObject, setValue } from '../json-value.ts'
import { type Structural, structureAt } from './structural.ts'

/** Without the nulls that mean nothing: of fields that may not be null and have no default. */
export function withoutNulls(value: unknown, schema: Structural | undefined): unknown {
  if (schema === undefined) return value
  if (isJsonList(value)) return mapList(value, (item) => withoutNulls(item, schema.items))
  if (!isJsonObject(value)) return value
  let copy: Record<string, unknown> | undefined
  for (const [key, item] of Object.entries(value)) {
    const inner = structureAt(schema, key)
    const isMeaningless = item === null && inner !== undefined && !inner.nullable && inner.default === undefined
    const after = isMeaningless ? undefined : withoutNulls(item, inner)
    if (after === item) continue
    copy ??= { ...value }
    if (after === undefined) delete copy[key]
    else setValue(copy, key, after)
  }
  return copy ?? value
}

/** With the defaults of what is not there, or null where it may not be. The value itself where nothing is missing. */
export function withDefaults(value: unknown, schema: Structural | undefined): unknown {
  if (schema === undefined || !schema.hasDefaults) return value
  if (isJsonList(value)) {
    const { items } = schema
    return mapList(value, (item) => withDefaults(orDefault(item, items), items))
  }
  return isJsonObject(value) ? objectWithDefaults(value, schema) : value
}

function objectWithDefaults(object: JsonObject, schema: Structural): JsonObject {
  let copy: Record<string, unknown> | undefined
  for (const [key, property] of schema.properties) {
    if (property.default === undefined) continue
    const isMissing = !Object.hasOwn(object, key) || (object[key] === null && !property.nullable)
    if (!isMissing) continue
    copy ??= { ...object }
    setValue(copy, key, property.default)
  }
  const filled = copy ?? object
  for (const [key, item] of Object.entries(filled)) {
    const property = schema.properties.get(key)
    const inner = property ?? schema.additional?.schema
    const after = withDefaults(property === undefined ? orDefault(item, inner) : item, inner)
    if (after === item) continue
    copy ??= { ...object }
    setValue(copy, key, after)
  }
  return copy ?? object
}

function orDefault(item: unknown, schema: Structural | undefined): unknown {
  return item === null && schema !== undefined && !schema.nullable ? (schema.default ?? null) : item
}

function mapList(list: readonly unknown[], change: (item: unknown) => unknown): readonly unknown[] {
  let copy: unknown[] | undefined
  for (const [at, item] of list.entries()) {
    const after = change(item)
    if (after === item) continue
    copy ??= [...list]
    copy[at] = after
  }
  return copy ?? list
}
