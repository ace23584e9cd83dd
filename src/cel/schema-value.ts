import { decodeBase64 } from '../api/base64.ts'
import { isJsonList, isJsonObject, type JsonObject } from '../api/json-value.ts'
import type { JSONSchemaProps } from '../api/kinds.generated.ts'
import { additionalOf, asObjectSchema, isEmbedded, itemsOf } from './decl-type.ts'
import { escapeName } from './escaping.ts'
import { parseDuration, parseTimestamp } from './moment.ts'
import { nativeMap, nativeValue } from './native-value.ts'
import { CelDouble, CelList, CelMap, type ListIdentity, mapKey, type Value } from './value.ts'

/** JSON as its schema says that expressions see it: formats are parsed, fields have escaped names, lists compare by their type. */
export function schemaValue(json: unknown, schema: JSONSchemaProps): Value {
  if (json === null || json === undefined || schema['x-kubernetes-int-or-string'] === true) return nativeValue(json)
  switch (schema.type) {
    case 'object':
      return isJsonObject(json) ? objectValue(json, schema) : nativeValue(json)
    case 'array':
      return isJsonList(json) ? listValue(json, schema) : nativeValue(json)
    case 'string':
      return typeof json === 'string' ? formatted(json, schema.format) : nativeValue(json)
    case 'number':
      return typeof json === 'number' ? new CelDouble(json) : nativeValue(json)
    default:
      return nativeValue(json)
  }
}

function formatted(text: string, format: string | undefined): Value {
  switch (format) {
    case 'duration':
      return parseDuration(text) ?? text
    case 'date':
      return parseTimestamp(`${text}T00:00:00Z`) ?? text
    case 'date-time':
      return parseTimestamp(text.toUpperCase()) ?? text
    case 'byte':
      return decodeBase64(text)
    default:
      return text
  }
}

function objectValue(json: JsonObject, given: JSONSchemaProps): CelMap {
  const schema = isEmbedded(given) ? asObjectSchema(given) : given
  if (schema.properties !== undefined) return fieldsValue(json, schema.properties)
  const values = additionalOf(schema)
  return values === undefined ? fieldsValue(json, {}) : nativeMap(json, (value) => schemaValue(value, values))
}

/** Unset and null are the same to fields; what the schema does not know is not there, though it counts where objects are compared. */
function fieldsValue(json: JsonObject, properties: Readonly<Record<string, JSONSchemaProps>>): CelMap {
  const byEscaped = new Map<string, string>()
  for (const name of Object.keys(json)) {
    const escaped = Object.hasOwn(properties, name) ? escapeName(name) : undefined
    if (escaped !== undefined) byEscaped.set(escaped, name)
  }
  const find = (key: Value): Value | undefined => {
    const name = typeof key === 'string' ? (byEscaped.get(key) ?? byEscaped.get(`__${key}__`)) : undefined
    const property = name === undefined ? undefined : properties[name]
    const value = name === undefined ? undefined : json[name]
    return property === undefined || value === null || value === undefined ? undefined : schemaValue(value, property)
  }
  return new CelMap(Object.keys(json).length, find, () =>
    [...byEscaped.keys()].filter((key) => find(key) !== undefined),
  )
}

function listValue(json: readonly unknown[], schema: JSONSchemaProps): Value {
  const items = itemsOf(schema)
  const at = (index: number): Value =>
    items === undefined ? nativeValue(json[index]) : schemaValue(json[index], items)
  return new CelList(json.length, at, identityOf(schema))
}

function identityOf(schema: JSONSchemaProps): ListIdentity | undefined {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return { type: 'set', keyOf: (item) => mapKey(item) ?? JSON.stringify(item) }
    case 'map':
      return mapIdentity(schema['x-kubernetes-list-map-keys'] ?? [])
    default:
      return undefined
  }
}

/** Items are told apart by these fields. */
export function mapIdentity(names: readonly string[]): ListIdentity {
  const fields = names.map((name) => escapeName(name) ?? name)
  const part = (item: Value, field: string): string => {
    const value = item instanceof CelMap ? item.find(field) : undefined
    return value === undefined ? '' : (mapKey(value) ?? '')
  }
  return { type: 'map', keyOf: (item) => JSON.stringify(fields.map((field) => part(item, field))) }
}
