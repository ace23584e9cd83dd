/** Lists of type set and map hold no two items that are the same. Kubernetes: …/apiserver/schema/listtype. */
import { isJsonList, isJsonObject } from '../json-value.ts'
import { child, duplicate, type Errors, index, invalid, keyed } from '../validation/field-error.ts'
import { goJson } from './go-json.ts'
import type { Structural } from './structural.ts'

export function validateListTypes(path: string, schema: Structural, value: unknown): Errors {
  if (!schema.hasKeyedLists) return []
  if (isJsonList(value)) return validateList(path, schema, value)
  if (!isJsonObject(value)) return []
  return Object.entries(value).flatMap(([key, item]) => {
    const property = schema.properties.get(key)
    const additional = schema.additional?.schema
    return [
      ...(additional === undefined ? [] : validateListTypes(keyed(path, key), additional, item)),
      ...(property === undefined ? [] : validateListTypes(child(path, key), property, item)),
    ]
  })
}

function validateList(path: string, schema: Structural, list: readonly unknown[]): Errors {
  const { items } = schema
  const own =
    schema.listType === 'set'
      ? validateSet(path, list)
      : schema.listType === 'map'
        ? validateMap(path, schema, list)
        : []
  if (items === undefined) return own
  return [...own, ...list.flatMap((item, at) => validateListTypes(index(path, at), items, item))]
}

function validateSet(path: string, list: readonly unknown[]): Errors {
  return repeated(list).map((at) => duplicate(index(path, at), list[at]))
}

function validateMap(path: string, { mapKeys }: Structural, list: readonly unknown[]): Errors {
  const at = list.findIndex((item) => item !== null && !isJsonObject(item))
  if (at >= 0) return [invalid(index(path, at), list[at], 'must be an object for an array of list-type map')]
  const keys = list.map((item) => {
    const object = isJsonObject(item) ? item : {}
    return Object.fromEntries(mapKeys.filter((key) => Object.hasOwn(object, key)).map((key) => [key, object[key]]))
  })
  return repeated(keys).map((one) => duplicate(index(path, one), keys[one]))
}

/** Where each value that was there before is seen for the second time. */
function repeated(list: readonly unknown[]): readonly number[] {
  const seen = new Map<string, number>()
  const found: number[] = []
  for (const [at, value] of list.entries()) {
    const text = goJson(value)
    const times = (seen.get(text) ?? 0) + 1
    seen.set(text, times)
    if (times === 2) found.push(at)
  }
  return found
}
