/** Custom resources as they come in requests. Kubernetes: the codecs of apiextensions-apiserver's customresource_handler. */
import { cannotHandle, type Decoded, type DecodeOptions, nameOf, parseBody, unrecognized } from '../decode.ts'
import { membersOf, plainJson } from '../json-text.ts'
import { isJsonObject, type JsonObject, setValue } from '../json-value.ts'
import { apiVersionOf, type Kind } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import type { Refusal } from '../refusal.ts'
import { fail, ok, type Result } from '../result.ts'
import { invalid } from '../validation/field-error.ts'
import type { CustomType } from './custom-type.ts'
import { withoutNulls } from './default-values.ts'
import { coerceEmbedded, readMeta } from './embedded.ts'
import { childPath } from './field-path.ts'
import { type OnUnknown, prune } from './prune.ts'

export type CustomKind = Kind & Readonly<{ custom: CustomType }>

export function isCustom<K extends Pick<Kind, 'custom'>>(kind: K): kind is K & Readonly<{ custom: CustomType }> {
  return kind.custom !== undefined
}

export function decodeCustom(
  kind: CustomKind,
  body: Uint8Array | unknown,
  { format }: DecodeOptions,
): Result<Decoded<ApiObject>, Refusal> {
  const parsed = parseBody(body, format)
  if (!parsed.ok) return fail(unrecognized(kind, parsed.error, body))
  const name = nameOf(parsed.value.value)
  if (!name.ok) return fail(unrecognized(kind, name.error, body))
  if (name.value.kind === '') return fail(unrecognized(kind, `Object 'Kind' is missing in '${textOf(body)}'`, body))
  const duplicates: string[] = []
  const value = plainValue(parsed.value.value, '', duplicates)
  const read = readObject(kind, isJsonObject(value) ? value : {})
  if (!read.ok) return fail(cannotHandle(kind, name.value, read.error))
  const wrong = wrongType(kind, name.value, read.value.object)
  if (wrong !== undefined) return fail(wrong)
  const { object, unknownFields } = read.value
  const duplicateFields = [...parsed.value.repeatedKeys, ...duplicates]
  const strictErrors = [
    ...parsed.value.repeatedKeys,
    ...duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`),
    ...unknownFields.map((path) => `unknown field ${JSON.stringify(path)}`),
  ]
  return ok({ object, unknownFields, duplicateFields, strictErrors })
}

function textOf(body: Uint8Array | unknown): string {
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : JSON.stringify(body)
}

/** The exact reader's values as plain ones, the last of repeated fields; their paths are noted. */
function plainValue(value: unknown, path: string, duplicates: string[]): unknown {
  if (Array.isArray(value)) return value.map((item, at) => plainValue(item, childPath(path, at), duplicates))
  if (typeof value !== 'object' || value === null) return value
  const members = membersOf(value)
  if (members === undefined) return isJsonObject(value) && path === '' ? value : plainJson(value)
  const object: Record<string, unknown> = {}
  for (const [key, item] of members) {
    const at = childPath(path, key)
    if (Object.hasOwn(object, key) && !duplicates.includes(at)) duplicates.push(at)
    setValue(object, key, plainValue(item, at, duplicates))
  }
  return object
}

type Read = Readonly<{ object: ApiObject; unknownFields: readonly string[] }>

function readObject(kind: CustomKind, value: JsonObject): Result<Read, string> {
  const unknownFields: string[] = []
  const meta = readMeta(value.metadata ?? null, (path) => unknownFields.push(path))
  if (!meta.ok) return meta
  const others: string[] = []
  const coerced = coerce(kind.custom, { ...value, metadata: meta.value } as unknown as ApiObject, (path) =>
    others.push(path),
  )
  if (!coerced.ok) return coerced
  const { apiVersion, kind: kindName, metadata, ...rest } = coerced.value
  const object = { kind: kindName, apiVersion, metadata, ...rest } as ApiObject
  return ok({ object, unknownFields: [...unknownFields, ...others] })
}

/** What a schema does to any object of its version: unknown fields go, nulls that mean nothing, and embedded objects get their shape. */
export function coerce(custom: CustomType, object: ApiObject, onUnknown?: OnUnknown): Result<ApiObject, string> {
  const { structural, root, keepsAll } = custom
  const unknown: string[] = []
  const note = onUnknown === undefined ? undefined : (path: string): void => void unknown.push(path)
  const kept = keepsAll ? object : withoutNulls(prune(object, root, note), structural)
  for (const path of unknown.sort()) onUnknown?.(path)
  return coerceEmbedded(kept, structural, '', onUnknown) as Result<ApiObject, string>
}

/** apiVersion and kind are the object's own to say, and must be those of the request. */
function wrongType(
  kind: CustomKind,
  given: Readonly<{ apiVersion: string; kind: string }>,
  { metadata }: ApiObject,
): Refusal | undefined {
  const expected = apiVersionOf(kind)
  if (given.apiVersion !== expected) {
    const message = `the API version in the data (${given.apiVersion}) does not match the expected API version (${expected})`
    return { reason: 'BadRequest', message }
  }
  if (given.kind === kind.kind) return undefined
  const errors = [invalid('kind', given.kind, `must be ${kind.kind}`)]
  return { reason: 'Invalid', group: kind.group, kind: given.kind, name: metadata.name ?? '', errors }
}
