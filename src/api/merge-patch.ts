import { isJsonList, isJsonObject, type JsonObject, jsonTypeName, setValue } from './json-value.ts'
import type { PatchError } from './patch-error.ts'
import { fail, ok, type Result } from './result.ts'

/**
 * Applies a JSON merge patch (RFC 7386) to an object: null removes a key, objects merge, everything else replaces. `current` is not
 * changed; unchanged parts are shared with the result.
 */
export function applyMergePatch(current: JsonObject, patch: unknown): Result<JsonObject, PatchError> {
  if (patch === null) return fail({ reason: 'BadRequest', message: 'Invalid JSON Patch' })
  if (isJsonObject(patch)) return ok(mergeObjects(current, patch))
  const type = jsonTypeName(patch)
  const message = `error decoding patch: json: cannot unmarshal ${type} into Go value of type map[string]interface {}`
  return fail({ reason: 'BadRequest', message })
}

function mergeObjects(current: JsonObject, patch: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...current }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else setValue(merged, key, mergeValue(Object.hasOwn(merged, key) ? merged[key] : undefined, value))
  }
  return merged
}

function mergeValue(current: unknown, patch: unknown): unknown {
  if (!isJsonObject(current)) return withoutNulls(patch)
  return isJsonObject(patch) ? mergeObjects(current, patch) : patch
}

/** A value that is new in the document holds no null keys: in objects within lists, too (evanphx/json-patch's pruneNulls). */
export function withoutNulls(value: unknown): unknown {
  if (isJsonList(value)) return value.map(withoutNulls)
  if (!isJsonObject(value)) return value
  const kept: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) if (inner !== null) setValue(kept, key, withoutNulls(inner))
  return kept
}
