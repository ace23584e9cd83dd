import { goText, isJsonList, isJsonObject, type JsonObject } from '../json-value.ts'
import type { FieldType, ScalarType, Schema } from '../schema.ts'
import { elementText, fieldElement, type PathElement } from './path-element.ts'
import { formOf, ItemError, itemElement, rootType } from './typed-value.ts'

/**
 * What keeps an object from being taken for one of its type by field management: unknown fields, wrong types, list items without keys
 * or (in a configuration) with the same key. undefined: nothing. Worded as structured-merge-diff's validation.
 */
export function typeErrors(
  schema: Schema,
  typeName: string,
  object: JsonObject,
  duplicates: 'allowed' | 'refused',
): string | undefined {
  const errors: string[] = []
  check({ schema, errors, duplicates }, rootType(typeName), object, '')
  if (errors.length <= 1) return errors[0]
  return ['errors:', ...errors.map((error) => `  ${error}`)].join('\n')
}

type Check = Readonly<{ schema: Schema; errors: string[]; duplicates: 'allowed' | 'refused' }>

function check(run: Check, type: FieldType, value: unknown, path: string): void {
  if (value === null || value === undefined) return
  switch (type.type) {
    case 'scalar':
      checkScalar(run, type.scalar, value, path)
      return
    case 'object':
    case 'map':
      if (isJsonObject(value)) checkKeys(run, type, value, path)
      else note(run, path, `expected map, got ${goValue(value)}`)
      return
    case 'list':
      if (isJsonList(value)) checkItems(run, type, value, path)
      else note(run, path, `expected list, got ${goValue(value)}`)
  }
}

function note({ errors }: Check, path: string, message: string): void {
  errors.push(path === '' ? message : `${path}: ${message}`)
}

function checkKeys(
  run: Check,
  type: Extract<FieldType, { type: 'object' | 'map' }>,
  value: JsonObject,
  path: string,
): void {
  const struct = type.type === 'object' ? run.schema.typeOf(type.ref) : undefined
  for (const [key, inner] of Object.entries(value)) {
    const of = type.type === 'map' ? type.of : (struct?.fields.get(key)?.type ?? struct?.rest)
    const at = `${path}${elementText(fieldElement(key))}`
    if (of === undefined) note(run, at, 'field not declared in schema')
    else check(run, of, inner, at)
  }
}

function checkItems(
  run: Check,
  type: Extract<FieldType, { type: 'list' }>,
  list: readonly unknown[],
  path: string,
): void {
  const keyed = formOf(run.schema, type).form === 'list'
  const seen = new Set<PathElement>()
  for (const [index, item] of list.entries()) {
    const element = keyed ? elementOf(run, type, item, index, path) : `i:${index}`
    if (element === undefined) return
    if (seen.has(element) && run.duplicates === 'refused') {
      note(run, path, `duplicate entries for key ${elementText(element)}`)
    }
    seen.add(element)
    check(run, type.of, item, `${path}${elementText(element)}`)
  }
}

function elementOf(
  run: Check,
  type: Extract<FieldType, { type: 'list' }>,
  item: unknown,
  index: number,
  path: string,
): PathElement | undefined {
  try {
    return itemElement(run.schema, type, item)
  } catch (error) {
    if (!(error instanceof ItemError)) throw error
    note(run, path, `element ${index}: ${error.message}`)
    return undefined
  }
}

const expected: Readonly<Partial<Record<ScalarType, 'string' | 'boolean' | 'number'>>> = {
  string: 'string',
  bytes: 'string',
  boolean: 'boolean',
  int32: 'number',
  int64: 'number',
  double: 'number',
}

function checkScalar(run: Check, scalar: ScalarType, value: unknown, path: string): void {
  if (scalar === 'any') return
  const wanted = expected[scalar]
  if (wanted === undefined) {
    if (typeof value === 'object') note(run, path, `expected any scalar, got ${goValue(value)}`)
  } else if (wanted === 'number' && typeof value !== 'number') {
    note(run, path, `expected numeric (int or float), got ${goTypeName(value)}`)
  } else if (wanted === 'string' && typeof value !== 'string') {
    note(run, path, `expected string, got &value.valueUnstructured{Value:${goLiteral(value)}}`)
  } else if (wanted === 'boolean' && typeof value !== 'boolean') {
    note(run, path, `expected boolean, got ${goValue(value)}`)
  }
}

function goTypeName(value: unknown): string {
  if (isJsonList(value)) return '[]interface {}'
  return isJsonObject(value) ? 'map[string]interface {}' : typeof value === 'boolean' ? 'bool' : typeof value
}

/** %#v of a decoded value. */
function goLiteral(value: unknown): string {
  if (isJsonList(value)) return `[]interface {}{${value.map(goLiteral).join(', ')}}`
  if (!isJsonObject(value)) return JSON.stringify(value)
  const keys = Object.keys(value).sort()
  return `map[string]interface {}{${keys.map((key) => `${JSON.stringify(key)}:${goLiteral(value[key])}`).join(', ')}}`
}

/** %v of structured-merge-diff's wrapper around a decoded value. */
function goValue(value: unknown): string {
  return `&{${goText(value)}}`
}
