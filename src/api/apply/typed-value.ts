import { isJsonObject, type JsonObject } from '../json-value.ts'
import type { FieldSchema, FieldType, Schema } from '../schema.ts'
import { emptyValue } from '../schema-reader.ts'
import { keyElement, type PathElement, valueElement } from './path-element.ts'

type ListType = Extract<FieldType, { type: 'list' }>

/** How apply sees a value of a type: one leaf, an object by fields or keys, a list by items. */
export type Form =
  | Readonly<{ form: 'leaf' }>
  | Readonly<{ form: 'struct'; fields: ReadonlyMap<string, FieldSchema>; rest: FieldType | undefined }>
  | Readonly<{ form: 'map'; of: FieldType }>
  | Readonly<{ form: 'list'; of: FieldType; type: ListType }>
  /** As the value has it. */
  | Readonly<{ form: 'deduced' }>

const leaf: Form = { form: 'leaf' }
const deduced: Form = { form: 'deduced' }
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
      return type.deduced === true ? deduced : leaf
    case 'object': {
      const struct = schema.typeOf(type.ref)
      return (type.atomic ?? struct.atomic) ? leaf : { form: 'struct', fields: struct.fields, rest: struct.rest }
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
  if (form.form === 'struct') return form.fields.get(key)?.type ?? form.rest
  return form.form === 'map' ? form.of : undefined
}

/** The form for these values of the type. */
export function formFor(schema: Schema, type: FieldType, left: unknown, right?: unknown): Form {
  const form = formOf(schema, type)
  if (form.form !== 'deduced') return form
  return isJsonObject(left) || isJsonObject(right) ? { form: 'map', of: type } : leaf
}

/** Whether the key is one of the form's own fields, not an entry that somebody has put in. */
export function isFieldOf(form: Form, key: string): boolean {
  return form.form === 'struct' && form.fields.has(key)
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
