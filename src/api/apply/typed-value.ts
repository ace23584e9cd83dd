import { isJsonObject, type JsonObject } from '../json-value.ts'
import type { FieldSchema, FieldType, Schema } from '../schema.ts'
import { emptyValue } from '../schema-reader.ts'
import { keyElement, type PathElement, valueElement } from './path-element.ts'

type ListType = Extract<FieldType, { type: 'list' }>

/** How apply sees a value of a type: one leaf, an object by fields or keys, a list by items. */
export type Form =
  | Readonly<{ form: 'leaf' }>
  | Readonly<{ form: 'struct'; fields: ReadonlyMap<string, FieldSchema> }>
  | Readonly<{ form: 'map'; of: FieldType }>
  | Readonly<{ form: 'list'; of: FieldType; type: ListType }>

const leaf: Form = { form: 'leaf' }
const forms = new WeakMap<FieldType, Form>()

export function formOf(schema: Schema, type: FieldType): Form {
  const known = forms.get(type)
  if (known !== undefined) return known
  const form = makeForm(schema, type)
  forms.set(type, form)
  return form
}

function makeForm(schema: Schema, type: FieldType): Form {
  switch (type.type) {
    case 'scalar':
      return leaf
    case 'object': {
      const struct = schema.typeOf(type.ref)
      return (type.atomic ?? struct.atomic) ? leaf : { form: 'struct', fields: struct.fields }
    }
    case 'map':
      return type.atomic === true ? leaf : { form: 'map', of: type.of }
    case 'list':
      return type.listType === 'atomic' ? leaf : { form: 'list', of: type.of, type }
  }
}

const roots = new Map<string, FieldType>()

/** The type of a whole object, as a field type. */
export function rootType(typeName: string): FieldType {
  const known = roots.get(typeName)
  if (known !== undefined) return known
  const type: FieldType = { type: 'object', ref: typeName }
  roots.set(typeName, type)
  return type
}

export function typeOfKey(form: Form, key: string): FieldType | undefined {
  return form.form === 'struct' ? form.fields.get(key)?.type : form.form === 'map' ? form.of : undefined
}

const empties = new WeakMap<Schema, Map<string, JsonObject>>()

/** A struct of which nothing is set, as Go sees it: fields that are always there hold their zero values. Creations are compared with it. */
export function emptyObject(schema: Schema, typeName: string): JsonObject {
  const made = empties.get(schema) ?? new Map<string, JsonObject>()
  empties.set(schema, made)
  const known = made.get(typeName)
  if (known !== undefined) return known
  const empty: Record<string, unknown> = {}
  for (const { name, type, presence } of schema.typeOf(typeName).fields.values()) {
    if (presence === 'always') empty[name] = type.type === 'object' ? emptyObject(schema, type.ref) : emptyValue(type)
  }
  made.set(typeName, empty)
  return empty
}

/** What keeps a list item from having a path element. */
export class ItemError extends Error {}

/** The element that names an item in its list: its key fields (with their defaults), or the scalar itself. Throws ItemError. */
export function itemElement(schema: Schema, list: ListType, item: unknown): PathElement {
  if (list.listType === 'map') return keyedElement(schema, list, item)
  if (isJsonObject(item)) throw new ItemError("associative list without keys has an element that's a map type")
  if (Array.isArray(item)) throw new ItemError('not supported: associative list with lists as elements')
  if (item === null) throw new ItemError("associative list without keys has an element that's an explicit null")
  return valueElement(item)
}

function keyedElement(schema: Schema, { keys, of }: ListType, item: unknown): PathElement {
  if (item === null) throw new ItemError('associative list with keys may not have a null element')
  if (!isJsonObject(item)) throw new ItemError('associative list with keys may not have non-map elements')
  const fields = of.type === 'object' ? schema.typeOf(of.ref).fields : undefined
  const found: (readonly [string, unknown])[] = []
  for (const key of sortedKeys(keys)) {
    const value = item[key] ?? fields?.get(key)?.default
    if (value !== undefined) found.push([key, value])
  }
  if (found.length > 0) return keyElement(found)
  const names = `[${keys.map((key) => JSON.stringify(key)).join(' ')}]`
  throw new ItemError(
    `associative list with keys has an element that omits all key fields ${names} (and doesn't have default values for any key fields)`,
  )
}

const keyOrders = new WeakMap<readonly string[], readonly string[]>()

function sortedKeys(keys: readonly string[]): readonly string[] {
  const known = keyOrders.get(keys)
  if (known !== undefined) return known
  const ordered = [...keys].sort()
  keyOrders.set(keys, ordered)
  return ordered
}
