import { goText, isJsonList, isJsonObject, type JsonObject, jsonTypeName, setValue } from './json-value.ts'
import { withoutNulls } from './merge-patch.ts'
import type { PatchError } from './patch-error.ts'
import { fail, ok, type Result } from './result.ts'
import type { Schema } from './schema.ts'
import { type MergeObjects, mergeLists, removeScalars } from './strategic-merge-list.ts'
import { checkAgainstOrder, orderBy } from './strategic-merge-order.ts'
import { fieldOf, goType, Misfit, type PatchShape, shapeOfType } from './strategic-merge-shape.ts'

const deletePrefix = '$deleteFromPrimitiveList'
const orderPrefix = '$setElementOrder'

/**
 * Applies a strategic merge patch (already parsed) to an object of the type. Lists merge by the schema's merge keys; directives:
 * $patch: replace | delete, $deleteFromPrimitiveList/x, $setElementOrder/x, $retainKeys. `current` is not changed. As
 * k8s.io/apimachinery/pkg/util/strategicpatch, with its errors.
 */
export function applyStrategicMergePatch(
  schema: Schema,
  typeName: string,
  current: JsonObject,
  patch: unknown,
): Result<JsonObject, PatchError> {
  if (patch === null) return ok(current)
  if (!isJsonObject(patch)) {
    const message = `json: cannot unmarshal ${jsonTypeName(patch)} into Go value of type map[string]interface {}`
    return fail({ reason: 'BadRequest', message })
  }
  try {
    return ok(mergeObjects(current, patch, shapeOfType(schema, typeName)))
  } catch (error) {
    if (error instanceof Misfit) return fail({ reason: error.reason, message: error.message })
    throw error
  }
}

const mergeObjects: MergeObjects = (current, patch, shape) => {
  if (Object.hasOwn(patch, '$patch')) return directed(patch)
  const rest: Record<string, unknown> = { ...patch }
  const merged: Record<string, unknown> = retain({ ...current }, rest)
  for (const key of Object.keys(patch)) if (key.startsWith(orderPrefix)) mergeOrdered(merged, rest, key, shape)
  for (const [key, value] of Object.entries(rest)) mergeKey(merged, key, value, shape)
  return merged
}

/** '$patch' in the patch of an object: the rest of the patch takes its place, or nothing does. */
function directed({ $patch, ...rest }: JsonObject): JsonObject {
  if ($patch === 'replace') return rest
  if ($patch === 'delete') return {}
  throw new Misfit('Failed', `unknown patch type: ${String($patch)} in map: ${goText({ $patch, ...rest })}`)
}

/** Keeps only the keys that $retainKeys names, and takes the directive out of the patch. */
function retain(current: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  if (!Object.hasOwn(patch, '$retainKeys')) return current
  const keys = patch.$retainKeys
  delete patch.$retainKeys
  if (!isJsonList(keys)) throw new Misfit('BadRequest', 'invalid patch format of retainKeys')
  const retained = new Set(keys)
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || key.startsWith(deletePrefix) || key.startsWith(orderPrefix)) continue
    if (!retained.has(key)) throw new Misfit('BadRequest', 'invalid patch format of retainKeys')
  }
  return Object.fromEntries(Object.entries(current).filter(([key]) => retained.has(key)))
}

/** Merges one list that comes with $setElementOrder, and takes both out of the patch. */
function mergeOrdered(
  merged: Record<string, unknown>,
  rest: Record<string, unknown>,
  key: string,
  shape: PatchShape,
): void {
  const order = rest[key]
  delete rest[key]
  if (!isJsonList(order)) throw notList(order)
  const name = directiveField(key, orderPrefix, 'invalid patch format of setElementOrder list')
  const current = listAt(merged, name)
  const patch = listAt(rest, name)
  const { items, mergeKey = '', merges } = fieldOf(shape, name, 'list')
  checkAgainstOrder(patch ?? [], order, mergeKey)
  if (current === undefined && patch === undefined) return
  if (!current?.length && !patch?.length) throw new Misfit('Failed', 'no elements in any of the given slices')
  const both =
    current === undefined || patch === undefined
      ? (current ?? (withoutDirectives(patch) as readonly unknown[]))
      : merges
        ? mergeLists(current, patch, items, mergeKey, mergeObjects)
        : patch
  setValue(merged, name, orderBy(both, order, current ?? [], mergeKey))
  delete rest[name]
}

function notList(value: unknown): Misfit {
  return new Misfit('Failed', `expected a []interface {}, but received a ${goType(value)}`)
}

function listAt(object: JsonObject, key: string): readonly unknown[] | undefined {
  if (!Object.hasOwn(object, key)) return undefined
  const value = object[key]
  if (!isJsonList(value)) throw notList(value)
  return value
}

/** The field that '$setElementOrder/containers' speaks of. */
function directiveField(key: string, prefix: string, message: string): string {
  if (!key.startsWith(`${prefix}/`)) throw new Misfit('BadRequest', message)
  return key.slice(prefix.length + 1)
}

function mergeKey(merged: Record<string, unknown>, key: string, value: unknown, shape: PatchShape): void {
  if (key.startsWith(deletePrefix)) {
    const name = directiveField(key, deletePrefix, 'invalid patch format of primitive list')
    const current = Object.hasOwn(merged, name) ? merged[name] : undefined
    if (value === null) delete merged[name]
    else if (isJsonList(current) && isJsonList(value)) setValue(merged, name, removeScalars(current, value))
    return
  }
  const current = Object.hasOwn(merged, key) ? merged[key] : undefined
  const result = value === null ? undefined : mergeValue(current, value, shape, key)
  if (result === undefined) delete merged[key]
  else setValue(merged, key, result)
}

/** undefined: nothing is left of the field. */
function mergeValue(current: unknown, patch: unknown, shape: PatchShape, key: string): unknown {
  if (isJsonObject(current) && isJsonObject(patch)) {
    const field = fieldOf(shape, key, 'object')
    return field.replaces ? patch : mergeObjects(current, patch, field.items)
  }
  if (isJsonList(current) && isJsonList(patch)) {
    const field = fieldOf(shape, key, 'list')
    return field.merges ? mergeLists(current, patch, field.items, field.mergeKey ?? '', mergeObjects) : patch
  }
  return withoutDirectives(withoutNulls(patch))
}

/** What is new is taken without the objects that only direct; undefined: it was one. */
function withoutDirectives(value: unknown): unknown {
  if (isJsonList(value)) return value.map(withoutDirectives).filter((item) => item !== undefined)
  if (!isJsonObject(value)) return value
  if (Object.hasOwn(value, '$patch')) return undefined
  const kept: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    const own = withoutDirectives(inner)
    if (own !== undefined) setValue(kept, key, own)
  }
  return kept
}
