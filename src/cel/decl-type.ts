import { isJsonObject } from '../api/json-value.ts'
import type { JSONSchemaProps } from '../api/kinds.generated.ts'
import type { TypeProvider } from './checker.ts'
import type { SizeOf } from './cost-estimate.ts'
import { escapeName, isReservedName } from './escaping.ts'
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listOf,
  mapOf,
  stringType,
  structType,
  timestampType,
} from './type.ts'

/** What expressions may know of the values of a schema: their type and how large they can get. */
export type DeclType = Readonly<{
  type: CelType
  /** Of an object, by escaped names. */
  fields?: ReadonlyMap<string, DeclType>
  key?: DeclType
  element?: DeclType
  /** Of lists, maps and texts the most elements; 0 for what has none. */
  maxElements: number
  /** The least bytes that a value takes as JSON. */
  minSize: number
}>

/** The most that a request can hold. */
export const maxRequestBytes = 3 * 1024 * 1024
const wholeRequest = maxRequestBytes - 2

export function itemsOf(schema: JSONSchemaProps): JSONSchemaProps | undefined {
  return isJsonObject(schema.items) ? (schema.items as JSONSchemaProps) : undefined
}

export function additionalOf(schema: JSONSchemaProps): JSONSchemaProps | undefined {
  return isJsonObject(schema.additionalProperties) ? (schema.additionalProperties as JSONSchemaProps) : undefined
}

const text: JSONSchemaProps = { type: 'string' }

/** The schema of a whole object: it has a kind, an apiVersion and so much metadata as rules may look at. */
export function asObjectSchema(schema: JSONSchemaProps): JSONSchemaProps {
  const { kind, apiVersion, metadata } = schema.properties ?? {}
  const named = metadata?.properties?.name?.type === 'string' && metadata.properties.generateName?.type === 'string'
  if (kind?.type === 'string' && apiVersion?.type === 'string' && metadata?.type === 'object' && named) return schema
  const meta: JSONSchemaProps = { type: 'object', properties: { name: text, generateName: text } }
  return { ...schema, properties: { ...schema.properties, kind: text, apiVersion: text, metadata: meta } }
}

export function isEmbedded(schema: JSONSchemaProps): boolean {
  return schema['x-kubernetes-embedded-resource'] === true
}

/** Undefined for values of no type that expressions know: they see nothing of them. */
export function declTypeOf(given: JSONSchemaProps, isRoot: boolean): DeclType | undefined {
  if (given['x-kubernetes-int-or-string'] === true) {
    return { type: dynType, maxElements: fromMaxLength(given) ?? wholeRequest, minSize: 1 }
  }
  const schema = isRoot ? asObjectSchema(given) : given
  switch (schema.type) {
    case 'array':
      return listDecl(schema)
    case 'object':
      return additionalOf(schema) === undefined ? objectDecl(schema) : mapDecl(schema)
    case 'string':
      return textDecl(schema)
    case 'boolean':
      return { type: boolType, maxElements: 0, minSize: 4 }
    case 'number':
      return { type: doubleType, maxElements: 0, minSize: 1 }
    case 'integer':
      return { type: intType, maxElements: 0, minSize: 1 }
    default:
      return undefined
  }
}

function listDecl(schema: JSONSchemaProps): DeclType | undefined {
  const items = itemsOf(schema)
  const element = items && declTypeOf(items, isEmbedded(items))
  if (element === undefined) return undefined
  const most = Math.floor(wholeRequest / (element.minSize + 1))
  return { type: listOf(element.type), element, maxElements: notNegative(schema.maxItems) ?? most, minSize: 2 }
}

function mapDecl(schema: JSONSchemaProps): DeclType | undefined {
  const values = additionalOf(schema)
  const element = values && declTypeOf(values, isEmbedded(values))
  if (element === undefined) return undefined
  const most = Math.floor(wholeRequest / (element.minSize + 6))
  const key: DeclType = { type: stringType, maxElements: 0, minSize: 2 }
  return {
    type: mapOf(stringType, element.type),
    key,
    element,
    maxElements: notNegative(schema.maxProperties) ?? most,
    minSize: 2,
  }
}

function objectDecl(schema: JSONSchemaProps): DeclType {
  const fields = new Map<string, DeclType>()
  let minSize = 2
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const type = declTypeOf(property, isEmbedded(property))
    if (type === undefined) continue
    const escaped = escapeName(name)
    if (escaped !== undefined) fields.set(escaped, type)
    const isGiven = schema.required?.includes(name) === true && (property.default ?? undefined) === undefined
    if (isGiven) minSize += new TextEncoder().encode(name).length + type.minSize + 4
  }
  return { type: structType('object'), fields, maxElements: 0, minSize }
}

function textDecl(schema: JSONSchemaProps): DeclType {
  switch (schema.format) {
    case 'byte':
      return { type: bytesType, maxElements: notNegative(schema.maxLength) ?? wholeRequest, minSize: 2 }
    case 'duration':
      return { type: durationType, maxElements: 32, minSize: 3 }
    case 'date':
      return { type: timestampType, maxElements: 12, minSize: 12 }
    case 'date-time':
      return { type: timestampType, maxElements: 32, minSize: 21 }
    default:
      return { type: stringType, maxElements: fromMaxLength(schema) ?? longestOf(schema), minSize: 2 }
  }
}

function longestOf(schema: JSONSchemaProps): number {
  const values = (schema.enum ?? []) as readonly unknown[]
  if (values.length === 0) return wholeRequest
  return Math.max(0, ...values.map((value) => (typeof value === 'string' ? value.length : 0)))
}

/** A code point takes up to four bytes. */
function fromMaxLength(schema: JSONSchemaProps): number | undefined {
  const most = notNegative(schema.maxLength)
  return most === undefined ? undefined : most * 4
}

function notNegative(value: number | undefined): number | undefined {
  return value === undefined || value === null ? undefined : Math.max(0, value)
}

/** The same type with a name for every object within: 'self.spec', and '@idx' or '@elem' for what lists and maps hold. */
export function named(decl: DeclType, name: string): DeclType {
  if (decl.fields !== undefined) {
    if (decl.type.name !== 'object') return decl
    const fields = new Map([...decl.fields].map(([field, type]) => [field, named(type, `${name}.${field}`)]))
    return { ...decl, type: structType(name), fields }
  }
  if (decl.element === undefined) return decl
  const element = named(decl.element, `${name}.${decl.key === undefined ? '@idx' : '@elem'}`)
  return { ...decl, element, type: decl.key === undefined ? listOf(element.type) : mapOf(stringType, element.type) }
}

/** The structs among named types, by name. */
export function providerOf(roots: readonly DeclType[]): TypeProvider {
  const structs = new Map<string, ReadonlyMap<string, DeclType>>()
  for (const root of roots) gatherStructs(root, structs)
  return {
    hasStruct: (name) => structs.has(name),
    fieldType: (struct, field) => {
      const fields = structs.get(struct)
      const found = fields?.get(field) ?? (isReservedName(field) ? fields?.get(`__${field}__`) : undefined)
      return found?.type
    },
  }
}

function gatherStructs(decl: DeclType, structs: Map<string, ReadonlyMap<string, DeclType>>): void {
  if (decl.element !== undefined) gatherStructs(decl.element, structs)
  if (decl.fields === undefined || structs.has(decl.type.name)) return
  structs.set(decl.type.name, decl.fields)
  for (const field of decl.fields.values()) gatherStructs(field, structs)
}

/** Sizes of what stands below one variable, by the limits of its schema. */
export function sizesBelow(root: DeclType): SizeOf {
  return (path) => {
    if (path.length === 0) return undefined
    let at: DeclType | undefined = root
    for (const step of path.slice(1)) {
      if (step === '@items' || step === '@values') at = at.element
      else if (step === '@keys') at = at.key
      else at = at.fields?.get(step)
      if (at === undefined) return undefined
    }
    return { min: 0n, max: BigInt(at.maxElements) }
  }
}
