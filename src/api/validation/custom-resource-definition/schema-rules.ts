/** What may stand in the schema of a version, besides its being structural. Kubernetes: apiextensions/validation. */
import type { JSONSchemaProps } from '../../kinds.generated.ts'
import {
  child,
  type Errors,
  entriesOf,
  forbidden,
  index,
  invalid,
  keyed,
  notSupported,
  required,
} from '../field-error.ts'
import { schemaOf } from './structural.ts'

/** Where in an object the schema is. */
type Place = Readonly<{
  isRoot: boolean
  /** Within metadata, or apiVersion or kind, of the object or of one within it. */
  isInMeta: boolean
  /** Why there may be no defaults; undefined where there may be. */
  noDefaults: string | undefined
}>

const metaFields = ['metadata', 'kind', 'apiVersion']
const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']

export function validateSchema(
  path: string,
  schema: JSONSchemaProps,
  place: Place = { isRoot: true, isInMeta: false, noDefaults: undefined },
): Errors {
  return [
    ...validateStandard(path, schema, place),
    ...validateValues(path, schema, place),
    ...validateProperties(path, schema, place),
    ...validateJunctions(path, schema, { ...place, isRoot: false }),
    ...validateItems(path, schema, { ...place, isRoot: false }),
    ...(schema['x-kubernetes-preserve-unknown-fields'] === false
      ? [invalid(child(path, 'x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined')]
      : []),
    ...validateMapType(path, schema),
    ...validateListType(path, schema),
    ...validateListMap(path, schema),
    ...validateKeys(path, schema),
  ]
}

const unsupported = ['definitions', 'dependencies', '$ref'] as const

function validateStandard(path: string, schema: JSONSchemaProps, { noDefaults, isInMeta }: Place): Errors {
  const { type = '' } = schema
  const isSet = (name: keyof JSONSchemaProps): boolean => (schema[name] ?? undefined) !== undefined
  const isFilled = (value: object | undefined): boolean => value !== undefined && Object.keys(value).length > 0
  const refuse = (name: string): Errors => [forbidden(child(path, name), `${name} is not supported`)]
  const has = { definitions: isFilled(schema.definitions), dependencies: isSet('dependencies'), $ref: isSet('$ref') }
  return [
    ...(type !== '' && !types.includes(type) ? [notSupported(child(path, 'type'), type, types)] : []),
    ...(isSet('default') && noDefaults !== undefined
      ? [forbidden(child(path, 'default'), `must not be set ${noDefaults}`)]
      : []),
    ...((schema.id ?? '') === '' ? [] : refuse('id')),
    ...(isSet('additionalItems') ? refuse('additionalItems') : []),
    ...(isFilled(schema.patternProperties) ? refuse('patternProperties') : []),
    ...unsupported.filter((name) => has[name]).flatMap(refuse),
    ...(type === 'null'
      ? [forbidden(child(path, 'type'), 'type cannot be set to null, use nullable as an alternative')]
      : []),
    ...(Array.isArray(schema.items) && schema.items.length > 0
      ? [forbidden(child(path, 'items'), 'items must be a schema object and not an array')]
      : []),
    ...(isInMeta && schema['x-kubernetes-embedded-resource'] === true
      ? [forbidden(child(path, 'x-kubernetes-embedded-resource'), 'must not be used inside of resource meta')]
      : []),
    ...(schema.uniqueItems === true
      ? [
          forbidden(
            child(path, 'uniqueItems'),
            'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
          ),
        ]
      : []),
  ]
}

function validateValues(path: string, schema: JSONSchemaProps, place: Place): Errors {
  const { additionalProperties: values = null, properties = {} } = schema
  if (values === null) return []
  const at = child(path, 'additionalProperties')
  const isExclusive = Object.keys(properties).length > 0 && values !== true
  const inner = schemaOf(values)
  const noDefaults = place.isInMeta ? 'inside additionalProperties applying to object metadata' : place.noDefaults
  return [
    ...(isExclusive ? [forbidden(at, 'additionalProperties and properties are mutual exclusive')] : []),
    ...(inner === undefined ? [] : validateSchema(at, inner, { ...place, isRoot: false, noDefaults })),
  ]
}

function validateProperties(path: string, schema: JSONSchemaProps, place: Place): Errors {
  const isObject = place.isRoot || schema['x-kubernetes-embedded-resource'] === true
  return entriesOf(schema.properties).flatMap(([name, one]) => {
    const isMeta = isObject && metaFields.includes(name)
    return validateSchema(keyed(child(path, 'properties'), name), one, {
      isRoot: false,
      isInMeta: place.isInMeta || isMeta,
      noDefaults: isMeta && place.isRoot ? `in top-level ${name}` : place.noDefaults,
    })
  })
}

function validateJunctions(path: string, schema: JSONSchemaProps, place: Place): Errors {
  const each = (name: 'allOf' | 'oneOf' | 'anyOf'): Errors =>
    (schema[name] ?? []).flatMap((one, at) => validateSchema(index(child(path, name), at), one, place))
  return [
    ...(schema.not === undefined ? [] : validateSchema(child(path, 'not'), schema.not, place)),
    ...each('allOf'),
    ...each('oneOf'),
    ...each('anyOf'),
  ]
}

function validateItems(path: string, schema: JSONSchemaProps, place: Place): Errors {
  const items = schemaOf(schema.items)
  return items === undefined ? [] : validateSchema(child(path, 'items'), items, place)
}

function validateMapType(path: string, schema: JSONSchemaProps): Errors {
  const mapType = schema['x-kubernetes-map-type']
  if (mapType === undefined) return []
  const { type = '' } = schema
  const why = 'must be object if x-kubernetes-map-type is specified'
  const known = ['atomic', 'granular']
  return [
    ...mustBe(child(path, 'type'), type, 'object', why),
    ...(known.includes(mapType) ? [] : [notSupported(child(path, 'x-kubernetes-map-type'), mapType, known)]),
  ]
}

function mustBe(path: string, type: string, wanted: string, why: string): Errors {
  if (type === wanted) return []
  return [type === '' ? required(path, why) : invalid(path, type, why)]
}

function validateListType(path: string, schema: JSONSchemaProps): Errors {
  const listType = schema['x-kubernetes-list-type']
  if (listType === undefined) return []
  const { type = '' } = schema
  const known = ['atomic', 'set', 'map']
  return [
    ...(type === 'array'
      ? validateSet(path, schema)
      : mustBe(child(path, 'type'), type, 'array', 'must be array if x-kubernetes-list-type is specified')),
    ...(known.includes(listType) ? [] : [notSupported(child(path, 'x-kubernetes-list-type'), listType, known)]),
  ]
}

/** Items of sets are compared as a whole. */
function validateSet(path: string, schema: JSONSchemaProps): Errors {
  const items = schemaOf(schema.items)
  if (schema['x-kubernetes-list-type'] !== 'set' || items === undefined) return []
  const [listType, mapType] = [items['x-kubernetes-list-type'], items['x-kubernetes-map-type']]
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  const at = (name: string): string => child(path, 'items', name)
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic') {
    return [invalid(at('x-kubernetes-list-type'), listType, why)]
  }
  // The original shows the list type here, too.
  if (items.type === 'object' && mapType !== 'atomic') return [invalid(at('x-kubernetes-map-type'), listType, why)]
  return []
}

function validateListMap(path: string, schema: JSONSchemaProps): Errors {
  const [listType, keys] = [schema['x-kubernetes-list-type'], schema['x-kubernetes-list-map-keys'] ?? []]
  const at = (name: string): string => child(path, name)
  const why = 'must be map if x-kubernetes-list-map-keys is non-empty'
  if (listType !== 'map') {
    return keys.length === 0 ? [] : mustBe(at('x-kubernetes-list-type'), listType ?? '', 'map', why)
  }
  const items = schemaOf(schema.items)
  return [
    ...(keys.length === 0
      ? [required(at('x-kubernetes-list-map-keys'), 'must not be empty if x-kubernetes-list-type is map')]
      : []),
    ...(schema.items === undefined
      ? [required(at('items'), 'must have a schema if x-kubernetes-list-type is map')]
      : []),
    ...(items === undefined || items.type === 'object'
      ? []
      : [
          invalid(
            child(path, 'items', 'type'),
            items.type ?? '',
            "must be object if parent array's x-kubernetes-list-type is map",
          ),
        ]),
    ...(items?.type === 'object' ? validateKeyNames(path, items, keys) : []),
  ]
}

function validateKeyNames(path: string, items: JSONSchemaProps, keys: readonly string[]): Errors {
  const at = child(path, 'x-kubernetes-list-map-keys')
  return keys.flatMap((key, place) => {
    const property = items.properties?.[key]
    const isScalar = property?.type !== 'array' && property?.type !== 'object'
    const typeAt = child(keyed(child(path, 'items', 'properties'), key), 'type')
    return [
      ...(property === undefined ? [invalid(at, keys, 'entries must all be names of item properties')] : []),
      ...(isScalar
        ? []
        : [invalid(typeAt, items.type, "must be a scalar type if parent array's x-kubernetes-list-type is map")]),
      ...(keys.indexOf(key) < place ? [invalid(at, keys, 'must not contain duplicate entries')] : []),
    ]
  })
}

/** Items that are told apart by their keys must all have them. */
function validateKeys(path: string, schema: JSONSchemaProps): Errors {
  const [items, listType] = [schemaOf(schema.items), schema['x-kubernetes-list-type']]
  if (items === undefined || (listType !== 'set' && listType !== 'map')) return []
  const nullable = `cannot be nullable when x-kubernetes-list-type is ${listType}`
  const keys = listType === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : []
  const why = 'this property is in x-kubernetes-list-map-keys, so it '
  return [
    ...(items.nullable === true ? [forbidden(child(path, 'items', 'nullable'), nullable)] : []),
    ...keys.flatMap((key) => {
      const property = items.properties?.[key]
      if (property === undefined) return []
      const at = keyed(child(path, 'items', 'properties'), key)
      const isThere = items.required?.includes(key) === true || (property.default ?? undefined) !== undefined
      return [
        ...(isThere ? [] : [required(child(at, 'default'), `${why}must have a default or be a required property`)]),
        ...(property.nullable === true ? [forbidden(child(at, 'nullable'), `${why}cannot be nullable`)] : []),
      ]
    }),
  ]
}
