import type { JSONSchemaProps } from '../api/kinds.generated.ts'
import type { FieldType, ScalarType, Schema } from '../api/schema.ts'

const dateTime: JSONSchemaProps = { type: 'string', format: 'date-time' }

const scalars: Readonly<Record<ScalarType, JSONSchemaProps>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  time: dateTime,
  microTime: dateTime,
  duration: { type: 'string' },
  quantity: { type: 'string' },
  intOrString: { 'x-kubernetes-int-or-string': true },
  bytes: { type: 'string', format: 'byte' },
  any: { type: 'object' },
}

/** A built-in type as a schema of OpenAPI; undefined for one that contains itself. */
export function builtInSchema(schema: Schema, typeName: string): JSONSchemaProps | undefined {
  return structSchema(schema, typeName, [])
}

function structSchema(schema: Schema, typeName: string, around: readonly string[]): JSONSchemaProps | undefined {
  if (around.includes(typeName)) return undefined
  const properties: Record<string, JSONSchemaProps> = {}
  for (const { name, type } of schema.typeOf(typeName).fields.values()) {
    const property = fieldSchema(schema, type, [...around, typeName])
    if (property === undefined) return undefined
    properties[name] = property
  }
  return { type: 'object', properties }
}

function fieldSchema(schema: Schema, field: FieldType, around: readonly string[]): JSONSchemaProps | undefined {
  switch (field.type) {
    case 'scalar':
      return scalars[field.scalar]
    case 'object':
      return structSchema(schema, field.ref, around)
    case 'map': {
      const values = fieldSchema(schema, field.of, around)
      return values && { type: 'object', additionalProperties: values }
    }
    case 'list': {
      const items = fieldSchema(schema, field.of, around)
      return items && { type: 'array', items }
    }
  }
}
