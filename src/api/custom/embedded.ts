/** Objects of Kubernetes' own within custom resources. Kubernetes: apiextensions-apiserver/pkg/apiserver/schema/objectmeta. */

import { DecodeError, newWalk, readStruct } from '../decode-walk.ts'
import { equalJson, isJsonList, isJsonObject, type JsonObject, jsonTypeName, setValue } from '../json-value.ts'
import type { ObjectMeta } from '../kinds.generated.ts'
import { objectMetaType } from '../meta-types.ts'
import { fail, ok, type Result } from '../result.ts'
import { child, type Errors, index, invalid, keyed, required } from '../validation/field-error.ts'
import { dns1035LabelErrors, pathSegmentErrors } from '../validation/names.ts'
import { validateNewMeta } from '../validation/object-meta.ts'
import { childPath } from './field-path.ts'
import type { OnUnknown } from './prune.ts'
import type { Structural } from './structural.ts'

/** metadata in the shape of its type. The error is Go's. */
export function readMeta(value: unknown, onUnknown?: OnUnknown, path = 'metadata'): Result<ObjectMeta, string> {
  if (value === null) return ok({})
  if (!isJsonObject(value)) {
    return fail(`json: cannot unmarshal ${jsonTypeName(value)} into Go value of type v1.ObjectMeta`)
  }
  const walk = newWalk()
  try {
    const { creationTimestamp, ...meta } = readStruct(objectMetaType, value, walk) as ObjectMeta & JsonObject
    if (onUnknown !== undefined) for (const field of walk.unknownFields) onUnknown(childPath(path, field))
    return ok(creationTimestamp ? { ...meta, creationTimestamp } : meta)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    return fail(error.message)
  }
}

/** Type and metadata of embedded objects in their shape. The error names the first field that has another. */
export function coerceEmbedded(
  value: unknown,
  schema: Structural,
  path = '',
  onUnknown?: OnUnknown,
): Result<unknown, string> {
  if (!schema.hasEmbedded) return ok(value)
  if (isJsonList(value)) return coerceItems(value, schema, path, onUnknown)
  if (!isJsonObject(value)) return ok(value)
  let copy: Record<string, unknown> | undefined
  for (const [key, item] of Object.entries(value)) {
    const at = childPath(path, key)
    const own = schema.isEmbedded ? coerceMeta(key, item, at, onUnknown) : ok(item)
    if (!own.ok) return own
    const inner = schema.properties.get(key) ?? schema.additional?.schema
    const isMeta = schema.isEmbedded && key === 'metadata'
    const after = inner === undefined || isMeta ? own : coerceEmbedded(own.value, inner, at, onUnknown)
    if (!after.ok) return after
    if (after.value === item) continue
    copy ??= { ...value }
    setValue(copy, key, after.value)
  }
  return ok(copy ?? value)
}

function coerceItems(
  list: readonly unknown[],
  { items }: Structural,
  path: string,
  onUnknown: OnUnknown,
): Result<unknown, string> {
  if (items === undefined) return ok(list)
  const coerced: unknown[] = []
  for (const [at, item] of list.entries()) {
    const after = coerceEmbedded(item, items, childPath(path, at), onUnknown)
    if (!after.ok) return after
    coerced.push(after.value)
  }
  return ok(coerced.every((item, at) => item === list[at]) ? list : coerced)
}

function coerceMeta(key: string, item: unknown, path: string, onUnknown: OnUnknown): Result<unknown, string> {
  if (key === 'apiVersion' || key === 'kind') {
    return typeof item === 'string'
      ? ok(item)
      : fail(`${path}: Invalid value: ${JSON.stringify(item)}: must be a string`)
  }
  if (key !== 'metadata') return ok(item)
  const meta = readMeta(item, onUnknown, path)
  if (meta.ok) return ok(equalJson(meta.value, item) ? item : meta.value)
  return fail(`${path}: Invalid value: ${JSON.stringify(item)}: ${meta.error}`)
}

/** What is wrong with embedded objects' own part. */
export function validateEmbedded(path: string, value: unknown, schema: Structural): Errors {
  if (!schema.hasEmbedded) return []
  if (isJsonList(value)) {
    const { items } = schema
    return items === undefined ? [] : value.flatMap((item, at) => validateEmbedded(index(path, at), item, items))
  }
  if (!isJsonObject(value)) return []
  const own = schema.isEmbedded ? validateObject(path, value) : []
  const inner = Object.entries(value).flatMap(([key, item]) => {
    const property = schema.properties.get(key)
    const additional = schema.additional?.schema
    if (property !== undefined) return validateEmbedded(child(path, key), item, property)
    return additional === undefined ? [] : validateEmbedded(keyed(path, key), item, additional)
  })
  return [...own, ...inner]
}

function validateObject(path: string, { apiVersion, kind, metadata }: JsonObject): Errors {
  return [
    ...(apiVersion === undefined ? [required(child(path, 'apiVersion'))] : []),
    ...(kind === undefined ? [required(child(path, 'kind'))] : []),
    ...(typeof apiVersion === 'string' ? validateApiVersion(child(path, 'apiVersion'), apiVersion) : []),
    ...(typeof kind === 'string' ? validateKind(child(path, 'kind'), kind) : []),
    ...(metadata === undefined ? [] : validateMeta(child(path, 'metadata'), metadata as ObjectMeta)),
  ]
}

function validateApiVersion(path: string, apiVersion: string): Errors {
  if (apiVersion === '') return [invalid(path, apiVersion, 'must not be empty')]
  return apiVersion.split('/').length > 2
    ? [invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)]
    : []
}

function validateKind(path: string, kind: string): Errors {
  if (kind === '') return [invalid(path, kind, 'must not be empty')]
  const errors = dns1035LabelErrors(kind.toLowerCase())
  if (errors.length === 0) return []
  return [invalid(path, kind, `may have mixed case, but should otherwise match: ${errors.join(',')}`)]
}

function validateMeta(path: string, meta: ObjectMeta): Errors {
  const named = (meta.name ?? '') === '' ? { ...meta, name: 'fakename' } : meta
  const errors = validateNewMeta(named, (meta.namespace ?? '') !== '', pathSegmentErrors)
  return errors.map((error) => ({ ...error, field: error.field.replace(/^metadata/, path) }))
}
