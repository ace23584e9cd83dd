import { isJsonList, isJsonObject, type JsonObject } from '../../../api/json-value.ts'
import type { FieldType, Schema } from '../../../api/schema.ts'

/** Where a configuration has lists, maps or structs that could only be replaced as a whole: '.spec.args'. */
export function atomicPaths(schema: Schema, typeName: string, config: JsonObject): readonly string[] {
  return within(schema, { type: 'object', ref: typeName }, config, '')
}

function within(schema: Schema, type: FieldType, value: unknown, path: string): readonly string[] {
  switch (type.type) {
    case 'scalar':
      return []
    case 'list':
      if (!isJsonList(value)) return []
      return [
        ...(type.listType === 'atomic' ? [path] : []),
        ...value.flatMap((item, at) => within(schema, type.of, item, `${path}[${at}]`)),
      ]
    case 'map':
      if (!isJsonObject(value)) return []
      return [
        ...(type.atomic === true ? [path] : []),
        ...Object.entries(value).flatMap(([key, item]) => within(schema, type.of, item, `${path}.${key}`)),
      ]
    case 'object':
      return isJsonObject(value) ? fieldsWithin(schema, type, value, path) : []
  }
}

function fieldsWithin(
  schema: Schema,
  { ref, atomic }: Extract<FieldType, { type: 'object' }>,
  value: JsonObject,
  path: string,
): readonly string[] {
  const struct = schema.typeOf(ref)
  return [
    ...((atomic ?? struct.atomic) ? [path] : []),
    ...Object.entries(value).flatMap(([name, inner]) => {
      const field = struct.fields.get(name)
      return field === undefined ? [] : within(schema, field.type, inner, `${path}.${name}`)
    }),
  ]
}
