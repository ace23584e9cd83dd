/** JSON as JSON.parse gives it: what the patches, apply and the tables compute with. Never mutated, always copied. */
export type JsonObject = Readonly<Record<string, unknown>>

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isJsonList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

/** The object in a field; an empty one where there is none. */
export function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key]
  return isJsonObject(value) ? value : {}
}

/** The object's own value: a key that is also a name of Object.prototype is no surprise. */
export function valueAt(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Sets a key of an object being built; '__proto__' is a key like any other. */
export function setValue(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

/** Deep equality; keys whose value is undefined count as absent. Shared parts are equal at once. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, at) => equalJson(item, b[at]))
  }
  return !Array.isArray(b) && equalObjects(a as JsonObject, b as JsonObject)
}

function equalObjects(a: JsonObject, b: JsonObject): boolean {
  let count = 0
  for (const key of Object.keys(a)) {
    if (a[key] === undefined) continue
    count += 1
    if (!Object.hasOwn(b, key) || !equalJson(a[key], b[key])) return false
  }
  for (const key of Object.keys(b)) if (b[key] !== undefined) count -= 1
  return count === 0
}

/** A value as Go prints it with %v: 'map[a:1 b:[x y]]'. Some of Kubernetes' messages hold values so. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (isJsonList(value)) return `[${value.map(goText).join(' ')}]`
  if (!isJsonObject(value)) return String(value)
  const keys = Object.keys(value).sort()
  return `map[${keys.map((key) => `${key}:${goText(value[key])}`).join(' ')}]`
}

/** How encoding/json names a value's type in its errors. */
export function jsonTypeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
