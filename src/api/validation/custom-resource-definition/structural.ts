/** Whether a schema says of all places of an object how they are structured. apiextensions-apiserver/pkg/apiserver/schema. */

import { equalJson, isJsonObject } from '../../json-value.ts'
import type { JSONSchemaProps } from '../../kinds.generated.ts'
import { compileRegexp } from '../../regexp/regexp.ts'
import { child, type Errors, entriesOf, forbidden, index, invalid, isUnset, keyed, required } from '../field-error.ts'

type Level = 'root' | 'item' | 'field'

/** In the order of their texts. */
export function validateStructural(path: string, schema: JSONSchemaProps): Errors {
  const errors = [...validateShape(path, schema, 'root'), ...completeJunctions(path, schema, schema, path)]
  const text = ({ field, message }: (typeof errors)[number]): string => `${field}: ${message}`
  return errors.sort((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0))
}

export function schemaOf(value: unknown): JSONSchemaProps | undefined {
  return isJsonObject(value) ? value : undefined
}

function validateShape(path: string, schema: JSONSchemaProps, level: Level): Errors {
  const [items, values] = [schemaOf(schema.items), schemaOf(schema.additionalProperties)]
  const hasValues = (schema.additionalProperties ?? undefined) !== undefined
  return [
    ...(schema.type === 'array' && isUnset(schema.items) ? [required(child(path, 'items'), 'must be specified')] : []),
    ...(items === undefined ? [] : validateShape(child(path, 'items'), items, 'item')),
    ...entriesOf(schema.properties).flatMap(([name, one]) =>
      validateShape(keyed(child(path, 'properties'), name), one, 'field'),
    ),
    ...(hasValues && level === 'root'
      ? [forbidden(child(path, 'additionalProperties'), 'must not be used at the root')]
      : []),
    ...(values === undefined ? [] : validateShape(child(path, 'additionalProperties'), values, 'field')),
    ...validateExtensions(path, schema),
    ...validateJunctions(path, schema, {
      anyOf: isIntOrString(schema.anyOf),
      allOf: isIntOrString(schema.allOf?.[0]?.anyOf),
    }),
    ...validateType(path, schema, level),
    ...validateOwnFields(path, schema, level),
  ]
}

function isIntOrString(anyOf: readonly JSONSchemaProps[] | undefined): boolean {
  return equalJson(anyOf, [{ type: 'integer' }, { type: 'string' }])
}

function validateExtensions(path: string, schema: JSONSchemaProps): Errors {
  if (schema['x-kubernetes-int-or-string'] !== true) return []
  const names = ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const
  return names
    .filter((name) => schema[name] === true)
    .map((name) => invalid(child(path, name), true, 'must be false if x-kubernetes-int-or-string is true'))
}

const places: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

function validateType(path: string, schema: JSONSchemaProps, level: Level): Errors {
  const { type = '' } = schema
  const at = child(path, 'type')
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  const hasValues = (schema.additionalProperties ?? undefined) !== undefined
  const errors = []
  if (isEmbedded && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true'
    errors.push(type === '' ? required(at, why) : invalid(at, type, why))
  } else if (
    type === '' &&
    schema['x-kubernetes-int-or-string'] !== true &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true
  ) {
    errors.push(required(at, places[level]))
  }
  if (isEmbedded && hasValues) {
    const why = 'must not be used if x-kubernetes-embedded-resource is set'
    errors.push(forbidden(child(path, 'additionalProperties'), why))
  }
  if (level === 'root' && type !== '' && type !== 'object') errors.push(invalid(at, type, 'must be object at the root'))
  return errors
}

/** apiVersion, kind and metadata of an object: what they are is not the schema's to say. */
function validateOwnFields(path: string, schema: JSONSchemaProps, level: Level): Errors {
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  const isObject = level === 'root' || isEmbedded
  const properties = schema.properties ?? {}
  const at = (name: string): string => keyed(child(path, 'properties'), name)
  const texts = isObject ? ['kind', 'apiVersion'] : []
  const wrong = texts.filter((name) => properties[name] !== undefined && properties[name].type !== 'string')
  const why = 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
  const isBare =
    isEmbedded && schema['x-kubernetes-preserve-unknown-fields'] !== true && Object.keys(properties).length === 0
  return [
    ...wrong.map((name) => invalid(child(at(name), 'type'), properties[name]?.type ?? '', 'must be string')),
    ...(properties.metadata === undefined
      ? []
      : validateMetadata(at('metadata'), properties.metadata, isObject, level)),
    ...(isBare ? [required(child(path, 'properties'), why)] : []),
  ]
}

const metadataProblem =
  'must not specify anything other than name and generateName, but metadata is implicitly specified'

function validateMetadata(path: string, schema: JSONSchemaProps, isObject: boolean, level: Level): Errors {
  const { type = '', default: _, properties = {}, ...rest } = schema
  const names = Object.keys(properties).every((name) => name === 'name' || name === 'generateName')
  const saysMore = !names || Object.values(rest).some((value) => value !== undefined && value !== false)
  return [
    ...(isObject && type !== 'object' ? [invalid(child(path, 'type'), type, 'must be object')] : []),
    ...(level === 'root' && saysMore ? [forbidden(path, metadataProblem)] : []),
  ]
}

type Skipped = Readonly<{ anyOf: boolean; allOf: boolean }>
const nothing: Skipped = { anyOf: false, allOf: false }

function validateJunctions(path: string, schema: JSONSchemaProps, skipped: Skipped): Errors {
  const { pattern = '' } = schema
  const compiled = pattern === '' ? undefined : compileRegexp(pattern)
  const each = (name: 'anyOf' | 'allOf' | 'oneOf'): Errors =>
    (schema[name] ?? []).flatMap((one, at) =>
      validateNested(index(child(path, name), at), one, {
        ...nothing,
        anyOf: name === 'allOf' && at === 0 && skipped.allOf,
      }),
    )
  return [
    ...(skipped.anyOf ? [] : each('anyOf')),
    ...each('allOf'),
    ...each('oneOf'),
    ...(schema.not === undefined ? [] : validateNested(child(path, 'not'), schema.not, nothing)),
    ...(compiled === undefined || compiled.ok
      ? []
      : [invalid(child(path, 'pattern'), pattern, `must be a valid regular expression, but isn't: ${compiled.error}`)]),
  ]
}

/** What only tells how the value is structured, with how an error calls its having none. */
const structuring: readonly (readonly [keyof JSONSchemaProps, string])[] = [
  ['type', 'empty'],
  ['additionalProperties', 'undefined'],
  ['default', 'undefined'],
  ['title', 'empty'],
  ['description', 'empty'],
  ['nullable', 'false'],
  ['x-kubernetes-preserve-unknown-fields', 'false'],
  ['x-kubernetes-embedded-resource', 'false'],
  ['x-kubernetes-int-or-string', 'false'],
  ['x-kubernetes-list-map-keys', 'empty'],
  ['x-kubernetes-list-type', 'undefined'],
  ['x-kubernetes-map-type', 'undefined'],
  ['x-kubernetes-validations', 'empty'],
]

function validateNested(path: string, schema: JSONSchemaProps, skipped: Skipped): Errors {
  const items = schemaOf(schema.items)
  const says = (name: keyof JSONSchemaProps): boolean => {
    const value = schema[name] ?? undefined
    const isSet = name === 'additionalProperties' || name === 'default' ? value !== undefined : Boolean(value)
    return isSet && !(Array.isArray(value) && value.length === 0)
  }
  return [
    ...validateJunctions(path, schema, skipped),
    ...(items === undefined ? [] : validateNested(child(path, 'items'), items, nothing)),
    ...entriesOf(schema.properties).flatMap(([name, one]) =>
      validateNested(keyed(child(path, 'properties'), name), one, nothing),
    ),
    ...structuring
      .filter(([name]) => says(name))
      .map(([name, what]) => forbidden(child(path, name), `must be ${what} to be structural`)),
    ...(schema.properties?.metadata === undefined
      ? []
      : [forbidden(keyed(child(path, 'properties'), 'metadata'), 'must not be specified in a nested context')]),
  ]
}

/** What a junction asks of a field has to be a field of the structure, too. */
function completeJunctions(
  path: string,
  schema: JSONSchemaProps,
  structure: JSONSchemaProps,
  structurePath: string,
): Errors {
  const junctions = (['allOf', 'anyOf', 'oneOf'] as const).flatMap((name) =>
    (schema[name] ?? []).map((one, at) => [index(child(path, name), at), one] as const),
  )
  const all = schema.not === undefined ? junctions : [...junctions, [child(path, 'not'), schema.not] as const]
  return all.flatMap(([at, one]) => completeNested(at, one, structure, structurePath))
}

function completeNested(
  path: string,
  schema: JSONSchemaProps,
  structure: JSONSchemaProps | undefined,
  structurePath: string,
): Errors {
  if (structure === undefined) {
    return [required(structurePath, `because it is defined in ${path}`)]
  }
  const items = schemaOf(schema.items)
  return [
    ...completeJunctions(path, schema, structure, structurePath),
    ...(items === undefined
      ? []
      : completeNested(child(path, 'items'), items, schemaOf(structure.items), child(structurePath, 'items'))),
    ...entriesOf(schema.properties).flatMap(([name, one]) => {
      const properties = child(structurePath, 'properties')
      return completeNested(
        keyed(child(path, 'properties'), name),
        one,
        structure.properties?.[name],
        keyed(properties, name),
      )
    }),
  ]
}
