import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  JSONSchemaProps,
  SelectableField,
} from '../../kinds.generated.ts'
import { child, duplicate, type Errors, forbidden, index, invalid, required, tooMany } from '../field-error.ts'
import { validateDefaults } from './defaults.ts'
import { validateSchema } from './schema-rules.ts'
import { shownSchema } from './shown.ts'
import { schemaOf, validateStructural } from './structural.ts'

export function validateDeprecation(
  path: string,
  { deprecated, deprecationWarning }: CustomResourceDefinitionVersion,
): Errors {
  if (deprecationWarning === undefined) return []
  const at = child(path, 'deprecationWarning')
  const wrong = (why: string): Errors => [invalid(at, deprecationWarning, why)]
  if (deprecated !== true) return wrong('can only be set for deprecated versions')
  const unprintable = [...deprecationWarning].findIndex((one) => one !== ' ' && /[\p{C}\p{Z}]/u.test(one))
  const text = 'must only contain printable UTF-8 characters; non-printable character found at index'
  return [
    ...(new TextEncoder().encode(deprecationWarning).length > 256 ? wrong('must be <= 256 characters long') : []),
    ...(deprecationWarning === '' ? wrong('must not be an empty string') : []),
    ...(unprintable < 0 ? [] : wrong(`${text} ${unprintable}`)),
  ]
}

/** What a schema may say at its top where .status is written by itself. */
const allowedAtRoot: readonly (readonly [string, keyof JSONSchemaProps])[] = [
  ['Description', 'description'],
  ['Type', 'type'],
  ['Format', 'format'],
  ['Title', 'title'],
  ['Maximum', 'maximum'],
  ['ExclusiveMaximum', 'exclusiveMaximum'],
  ['Minimum', 'minimum'],
  ['ExclusiveMinimum', 'exclusiveMinimum'],
  ['MaxLength', 'maxLength'],
  ['MinLength', 'minLength'],
  ['Pattern', 'pattern'],
  ['MaxItems', 'maxItems'],
  ['MinItems', 'minItems'],
  ['UniqueItems', 'uniqueItems'],
  ['MultipleOf', 'multipleOf'],
  ['Required', 'required'],
  ['Items', 'items'],
  ['Properties', 'properties'],
  ['ExternalDocs', 'externalDocs'],
  ['Example', 'example'],
  ['XPreserveUnknownFields', 'x-kubernetes-preserve-unknown-fields'],
  ['XValidations', 'x-kubernetes-validations'],
]

/** A schema, but for its rules that are expressions. */
export function validateVersionSchema(path: string, schema: JSONSchemaProps | undefined, hasStatus: boolean): Errors {
  if (schema === undefined) return []
  const at = child(path, 'openAPIV3Schema')
  const structure = validateStructural(at, schema)
  const shape = structure.length > 0 ? structure : validateDefaults(at, schema)
  return [
    ...(hasStatus ? validateRoot(path, schema) : []),
    ...(schema.nullable === true
      ? [forbidden(child(path, 'openAPIV3Schema.nullable'), 'nullable cannot be true at the root')]
      : []),
    ...shape,
    ...validateSchema(at, schema),
  ]
}

function validateRoot(path: string, schema: JSONSchemaProps): Errors {
  const { type = '' } = schema
  const allowed = new Set<string>(allowedAtRoot.map(([, name]) => name))
  const others = Object.entries(schema).filter(([name, value]) => !allowed.has(name) && isSaid(value))
  if (type !== '' && type !== 'object') {
    const why = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
    return [invalid(child(path, 'openAPIV3Schema.type'), type, why)]
  }
  if (others.length === 0) return []
  const names = allowedAtRoot.map(([name]) => name).join(' ')
  const why = `only [${names}] fields are allowed at the root of the schema if the status subresource is enabled`
  return [invalid(child(path, 'openAPIV3Schema'), shownSchema(schema), why)]
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== '' && value !== 0
}

export function validateSubresources(path: string, subresources: CustomResourceSubresources | undefined): Errors {
  const scale = subresources?.scale
  if (scale === undefined || scale === null) return []
  const at = (name: string): string => child(path, `scale.${name}`)
  const { specReplicasPath = '', statusReplicasPath = '', labelSelectorPath = '' } = scale
  return [
    ...(specReplicasPath === ''
      ? [required(at('specReplicasPath'))]
      : validatePath(at('specReplicasPath'), specReplicasPath, ['.spec.'], 'should be a json path under .spec')),
    ...(statusReplicasPath === ''
      ? [required(at('statusReplicasPath'))]
      : validatePath(
          at('statusReplicasPath'),
          statusReplicasPath,
          ['.status.'],
          'should be a json path under .status',
        )),
    ...(labelSelectorPath === ''
      ? []
      : validatePath(
          at('labelSelectorPath'),
          labelSelectorPath,
          ['.spec.', '.status.'],
          'should be a json path under either .spec or .status',
        )),
  ]
}

function validatePath(path: string, value: string, under: readonly string[], why: string): Errors {
  const simple = validateSimplePath(path, value)
  if (simple.length > 0) return simple
  return under.some((start) => value.startsWith(start)) ? [] : [invalid(path, value, why)]
}

function validateSimplePath(path: string, value: string): Errors {
  return value.startsWith('.') ? [] : [invalid(path, value, 'must be a simple json path starting with .')]
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

export function validateColumns(path: string, columns: readonly CustomResourceColumnDefinition[]): Errors {
  return columns.flatMap(({ name = '', type = '', format = '', jsonPath = '' }, place) => {
    const at = (field: string): string => child(index(path, place), field)
    const types = `must be one of ${columnTypes.join(',')}`
    return [
      ...(name === '' ? [required(at('name'))] : []),
      ...(type === '' ? [required(at('type'), types)] : []),
      ...(type === '' || columnTypes.includes(type) ? [] : [invalid(at('type'), type, types)]),
      ...(format === '' || columnFormats.includes(format)
        ? []
        : [invalid(at('format'), format, `must be one of ${columnFormats.join(',')}`)]),
      ...(jsonPath === '' ? [required(at('JSONPath'))] : validateSimplePath(at('JSONPath'), jsonPath)),
    ]
  })
}

const mostSelectable = 8
const scalars =
  'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'

/** `before`: fields that were too many already may stay so. */
export function validateSelectable(
  path: string,
  fields: readonly SelectableField[],
  schema: JSONSchemaProps | undefined,
  mayBeMany: boolean,
): Errors {
  if (fields.length === 0) return []
  const seen = new Set<string>()
  const errors = fields.flatMap(({ jsonPath = '' }, place) => {
    const at = child(index(path, place), 'jsonPath')
    if (jsonPath === '') return [required(at)]
    const found = fieldAt(jsonPath, schema ?? {})
    if (typeof found === 'string') return [invalid(at, jsonPath, `is an invalid path: ${found}`)]
    const isRepeated = seen.has(jsonPath)
    seen.add(jsonPath)
    return [
      ...(/^\.metadata(\.|$)/.test(jsonPath) ? [invalid(at, jsonPath, 'must not point to fields in metadata')] : []),
      ...(['string', 'boolean', 'integer'].includes(found.type ?? '') ? [] : [invalid(at, jsonPath, scalars)]),
      ...(isRepeated ? [duplicate(at, jsonPath)] : []),
    ]
  })
  return seen.size > mostSelectable && !mayBeMany ? [...errors, tooMany(path, seen.size, mostSelectable)] : errors
}

/** The schema of the field, or why there is none. */
function fieldAt(path: string, schema: JSONSchemaProps): JSONSchemaProps | string {
  if (!path.startsWith('.')) return `expected [ or . but got: ${/^[^.[\]]+/.exec(path)?.[0] ?? path}`
  let at = schema
  for (const step of path.slice(1).split('.')) {
    const [name = '', ...indices] = step.split('[')
    if (name === '') return 'unexpected end of JSON path'
    const next: JSONSchemaProps | undefined =
      at.properties === undefined ? schemaOf(at.additionalProperties) : at.properties[name]
    if (next === undefined) return 'does not refer to a valid field'
    if (indices.length > 0) return 'array notation is not allowed'
    at = next
  }
  return at
}
