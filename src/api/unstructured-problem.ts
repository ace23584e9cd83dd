import { decodeScalar, isWrongKind } from './decode-scalar.ts'
import { isJsonObject } from './json-value.ts'
import type { FieldType, ScalarType } from './schema.ts'
import { goTypeOf, schema } from './schema-reader.ts'

/**
 * Why a value is none of the named type, in the words of apimachinery's runtime.DefaultUnstructuredConverter, by which strategic merge
 * patches and applied configurations become objects: not those of the JSON decoder, and the first problem in the order of the type's
 * fields, not in that of the text. undefined: the converter would take the value.
 */
export function unstructuredProblem(typeName: string, value: unknown): string | undefined {
  return ofStruct(typeName, value)
}

function ofStruct(typeName: string, value: unknown): string | undefined {
  if (!isJsonObject(value)) return `cannot restore struct from: ${goKind(value)}`
  for (const { name, type, goType } of schema.typeOf(typeName).fields.values()) {
    const problem = ofType(type, goType, value[name])
    if (problem !== undefined) return problem
  }
  return undefined
}

function ofType(type: FieldType, goType: string, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  switch (type.type) {
    case 'scalar':
      return ofScalar(type.scalar, goType, value)
    case 'object':
      return ofStruct(type.ref, value)
    case 'list':
      if (!Array.isArray(value)) return `cannot restore slice from ${goKind(value)}`
      return firstOf(value, type.of, goType)
    case 'map':
      if (!isJsonObject(value)) return `cannot restore map from ${goKind(value)}`
      return firstOf(Object.values(value), type.of, goType)
  }
}

/** `goType`: of the list or map that holds the items. */
function firstOf(items: readonly unknown[], of: FieldType, goType: string): string | undefined {
  const inner = /^(?:\[\]|map\[\w+\])(.*)$/.exec(goType)?.[1] ?? goTypeOf(of)
  for (const item of items) {
    const problem = ofType(of, inner, item)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Go's kinds of what simple fields hold; the other scalars have decoders of their own. */
const simple: Readonly<Partial<Record<ScalarType, string>>> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
}

function ofScalar(scalar: ScalarType, goType: string, value: unknown): string | undefined {
  const wanted = simple[scalar]
  if (wanted !== undefined) return ofSimple(wanted, goType, goKind(value))
  const read = decodeScalar(scalar, value)
  if (!isWrongKind(read)) return undefined
  if (scalar === 'bytes') return ofBytes(value, read.message)
  if (read.message !== undefined) return read.message
  const literal = read.literal === undefined ? '' : ` ${read.literal}`
  return `json: cannot unmarshal ${read.kind}${literal} into Go value of type ${read.expected ?? 'string'}`
}

/** reflect.Type.ConvertibleTo takes numbers for each other and for strings; only what JSON may convert passes. */
function ofSimple(wanted: string, goType: string, kind: string): string | undefined {
  const isNumber = kind === 'int64' || kind === 'float64'
  if (wanted === kind) return undefined
  if (kind === 'int64' && wanted === 'string') return `cannot convert int64 to ${goType}`
  if (!isNumber || wanted === 'string' || wanted === 'bool') return `unrecognized type: ${wanted}`
  return kind === 'float64' ? `cannot convert float64 to ${goType}` : undefined
}

function ofBytes(value: unknown, why: string | undefined): string {
  if (typeof value === 'string') return `error decoding from json: ${why ?? ''}`
  return `cannot restore slice from ${goKind(value)}`
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice'
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64'
    default:
      return 'map'
  }
}
