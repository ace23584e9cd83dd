/** Leaves out what a schema does not know. Kubernetes: apiextensions-apiserver/pkg/apiserver/schema/pruning. */
import { isJsonList, isJsonObject, type JsonObject, setValue } from '../json-value.ts'
import { childPath } from './field-path.ts'
import type { Structural } from './structural.ts'

const metaFields = new Set(['apiVersion', 'kind', 'metadata'])

/** Called with the path of each field that is left out; paths are only made where somebody asks for them. */
export type OnUnknown = ((path: string) => void) | undefined

/** The value without the fields that its schema has not; the value itself where there are none. */
export function prune(value: unknown, schema: Structural | undefined, onUnknown?: OnUnknown, path = ''): unknown {
  if (schema?.preservesUnknown === true) return pruneKnown(value, schema, onUnknown, path)
  if (isJsonList(value))
    return mapItems(value, (item, at) => prune(item, schema?.items, onUnknown, at), onUnknown, path)
  if (!isJsonObject(value)) return value
  return mapFields(value, onUnknown, path, (key, item, at) => {
    if (schema === undefined) return drop(onUnknown, at)
    if (schema.isEmbedded && metaFields.has(key)) return item
    const property = schema.properties.get(key)
    if (property !== undefined) return prune(item, property, onUnknown, at)
    if (schema.additional !== undefined) return prune(item, schema.additional.schema, onUnknown, at)
    if (!metaFields.has(key) || path !== '') drop(onUnknown, at)
    return dropped
  })
}

const dropped = Symbol('dropped')

function drop(onUnknown: OnUnknown, path: string): typeof dropped {
  onUnknown?.(path)
  return dropped
}

/** Where unknown fields are kept, what is known may still have unknown fields of its own. */
function pruneKnown(value: unknown, schema: Structural, onUnknown: OnUnknown, path: string): unknown {
  if (isJsonList(value)) {
    const { items } = schema
    if (items === undefined) return value
    return mapItems(value, (item, at) => pruneKnown(item, items, onUnknown, at), onUnknown, path)
  }
  if (!isJsonObject(value)) return value
  return mapFields(value, onUnknown, path, (key, item, at) => {
    if (schema.isEmbedded && metaFields.has(key)) return item
    const property = schema.properties.get(key)
    if (property !== undefined) return prune(item, property, onUnknown, at)
    return schema.additional === undefined ? item : prune(item, schema.additional.schema, onUnknown, at)
  })
}

function mapItems(
  list: readonly unknown[],
  change: (item: unknown, path: string) => unknown,
  onUnknown: OnUnknown,
  path: string,
): readonly unknown[] {
  let copy: unknown[] | undefined
  for (const [at, item] of list.entries()) {
    const after = change(item, onUnknown === undefined ? '' : childPath(path, at))
    if (after === item) continue
    copy ??= [...list]
    copy[at] = after
  }
  return copy ?? list
}

function mapFields(
  object: JsonObject,
  onUnknown: OnUnknown,
  path: string,
  change: (key: string, item: unknown, path: string) => unknown,
): JsonObject {
  let copy: Record<string, unknown> | undefined
  for (const [key, item] of Object.entries(object)) {
    // Without anybody to tell, a path says only whether this is the root.
    const at = onUnknown === undefined ? '.' : childPath(path, key)
    const after = change(key, item, at)
    if (after === item) continue
    copy ??= { ...object }
    if (after === dropped) delete copy[key]
    else setValue(copy, key, after)
  }
  return copy ?? object
}
