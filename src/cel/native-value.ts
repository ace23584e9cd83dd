import { isJsonObject } from '../api/json-value.ts'
import { CelDouble, CelList, CelMap, type Value } from './value.ts'

/** JSON without a schema: integers are ints, other numbers doubles. Parts are converted when they are looked at. */
export function nativeValue(json: unknown): Value {
  if (typeof json === 'number') return Number.isInteger(json) ? json : new CelDouble(json)
  if (typeof json === 'string' || typeof json === 'boolean') return json
  if (Array.isArray(json)) return new CelList(json.length, (index) => nativeValue(json[index]))
  return isJsonObject(json) ? nativeMap(json, nativeValue) : null
}

/** A map by the object's own keys, its values converted by `convert`. */
export function nativeMap(json: Readonly<Record<string, unknown>>, convert: (value: unknown) => Value): CelMap {
  const keys = Object.keys(json)
  return new CelMap(
    keys.length,
    (key) => (typeof key === 'string' && Object.hasOwn(json, key) ? convert(json[key]) : undefined),
    () => keys,
  )
}
