import { jsonTypeName } from './json-value.ts'
import type { FieldType, Schema } from './schema.ts'

/** A strategic merge patch that cannot be applied: thrown deep inside a merge, turned into a PatchError at its top. */
export class Misfit extends Error {
  readonly reason: 'BadRequest' | 'Unprocessable' | 'Failed'

  constructor(reason: Misfit['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

/** The type that patch metadata is looked up in: a struct by its name, or something whose insides have none. */
export type PatchShape = Readonly<{ schema: Schema; struct?: string; other?: string }>

export type PatchField = Readonly<{
  /** Shape of the object, or of the list's items. */
  items: PatchShape
  merges: boolean
  replaces: boolean
  mergeKey?: string
}>

export function shapeOfType(schema: Schema, typeName: string): PatchShape {
  return { schema, struct: typeName }
}

/** Looks up how a field merges; errors as apimachinery's LookupPatchMetadata. */
export function fieldOf({ schema, struct, other }: PatchShape, key: string, as: 'object' | 'list'): PatchField {
  if (struct === undefined) {
    throw new Misfit(
      'Failed',
      `merging an object in json but data type is not struct, instead is: ${other ?? 'interface'}`,
    )
  }
  const field = schema.typeOf(struct).fields.get(key)
  if (field === undefined) {
    const name = struct.slice(struct.lastIndexOf('.') + 1)
    throw new Misfit('Failed', `unable to find api field in struct ${name} for the json field ${JSON.stringify(key)}`)
  }
  const { type, patchStrategy = [] } = field
  if (as === 'list' && type.type !== 'list') {
    throw new Misfit('Failed', `expected slice or array type, but got: ${kindOf(type)}`)
  }
  const items = shapeOf(schema, type.type === 'list' ? type.of : type)
  const replaces = patchStrategy.includes('replace')
  if (type.type !== 'list' || type.mergeKey === undefined) return { items, merges: false, replaces }
  return { items, merges: !replaces, replaces, mergeKey: type.mergeKey }
}

function shapeOf(schema: Schema, type: FieldType): PatchShape {
  return type.type === 'object' ? { schema, struct: type.ref } : { schema, other: kindOf(type) }
}

function kindOf(type: FieldType): string {
  if (type.type === 'object') return 'struct'
  if (type.type === 'list') return 'slice'
  return type.type === 'map' ? 'map' : 'string'
}

/** The type of a decoded JSON value in Go's words. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)'
  const name = jsonTypeName(value)
  if (name === 'array') return '[]interface {}'
  if (name === 'object') return 'map[string]interface {}'
  if (name === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return name
}
