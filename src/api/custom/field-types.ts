/** A custom resource's schema as the types that field management knows. Kubernetes: kube-openapi's schemaconv over the published schema. */
import { objectMetaType } from '../meta-types.ts'
import type { FieldSchema, FieldType, Schema, TypeSchema } from '../schema.ts'
import { schema as ownSchema } from '../schema-reader.ts'
import type { Structural } from './structural.ts'

const text: FieldType = { type: 'scalar', scalar: 'string' }
const deduced: FieldType = { type: 'scalar', scalar: 'any', deduced: true }
const scalars: Readonly<Record<string, FieldType>> = {
  string: text,
  boolean: { type: 'scalar', scalar: 'boolean' },
  integer: { type: 'scalar', scalar: 'int64' },
  number: { type: 'scalar', scalar: 'double' },
}

/** The types of one version: `rootName` is that of whole objects, those within are named after it. */
export function customSchema(rootName: string, root: Structural): Schema {
  const types = new Map<string, TypeSchema>()
  defineStruct(types, rootName, root, true)
  return {
    typeOf: (name) => types.get(name) ?? ownSchema.typeOf(name),
    typeNames: () => [...types.keys()],
  }
}

type Types = Map<string, TypeSchema>

function defineStruct(types: Types, name: string, schema: Structural, hasMeta: boolean): void {
  const fields = new Map<string, FieldSchema>()
  if (hasMeta) {
    fields.set('apiVersion', fieldOf('apiVersion', text))
    fields.set('kind', fieldOf('kind', text))
    fields.set('metadata', { ...fieldOf('metadata', { type: 'object', ref: objectMetaType }), presence: 'always' })
  }
  for (const [key, property] of schema.properties) {
    if (fields.has(key)) continue
    fields.set(key, fieldOf(key, typeFor(types, `${name}/${key}`, property), property.default))
  }
  types.set(name, {
    name,
    fields,
    atomic: schema.mapType === 'atomic',
    ...(schema.preservesUnknown ? { rest: deduced } : {}),
  })
}

function fieldOf(name: string, type: FieldType, value?: unknown): FieldSchema {
  const published = value === undefined ? {} : { default: value }
  return { name, type, required: false, presence: 'pointer', goType: 'interface {}', ...published }
}

function typeFor(types: Types, name: string, schema: Structural): FieldType {
  if (schema.isIntOrString) return { type: 'scalar', scalar: 'intOrString' }
  if (schema.type === 'array') return listFor(types, name, schema)
  if (schema.type !== 'object') return scalars[schema.type] ?? deduced
  if (schema.properties.size === 0 && schema.additional !== undefined) {
    const { schema: inner } = schema.additional
    const of = inner === undefined ? deduced : typeFor(types, `${name}/*`, inner)
    return schema.mapType === 'atomic' ? { type: 'map', of, atomic: true } : { type: 'map', of }
  }
  const isFree = schema.properties.size === 0 && schema.preservesUnknown && !schema.isEmbedded
  if (isFree && schema.mapType !== 'atomic') return deduced
  defineStruct(types, name, schema, schema.isEmbedded)
  return { type: 'object', ref: name }
}

function listFor(types: Types, name: string, { items, listType, mapKeys }: Structural): FieldType {
  const of = items === undefined ? deduced : typeFor(types, `${name}/#`, items)
  const type = listType === 'set' || listType === 'map' ? listType : 'atomic'
  return { type: 'list', of, listType: type, keys: mapKeys }
}
