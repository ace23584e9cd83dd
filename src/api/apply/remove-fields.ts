import { isJsonList, isJsonObject, type JsonObject, setValue } from '../json-value.ts'
import type { FieldType, Schema } from '../schema.ts'
import { type FieldSet, hasChildren, isMember } from './field-set.ts'
import { fieldElement } from './path-element.ts'
import { type Form, formFor, itemElement, rootType, typeOfKey } from './typed-value.ts'

/** The object without the paths of the set. What only becomes empty by it stays, as an empty object or list. */
export function removeFields(schema: Schema, typeName: string, object: JsonObject, set: FieldSet): JsonObject {
  const removed = removeWithin(schema, rootType(typeName), object, set)
  return isJsonObject(removed) ? removed : {}
}

function removeWithin(schema: Schema, type: FieldType, value: unknown, set: FieldSet): unknown {
  const form = formFor(schema, type, value)
  if (form.form === 'list') return isJsonList(value) ? removeItems(schema, form, value, set) : value
  if (form.form === 'leaf' || !isJsonObject(value)) return isLeafContainer(value) ? undefined : value
  return removeKeys(schema, form, value, set)
}

/** Paths within an atomic value remove all of it. */
function isLeafContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function removeKeys(schema: Schema, form: Form, object: JsonObject, set: FieldSet): JsonObject {
  const kept: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(object)) {
    const node = set[fieldElement(key)]
    const type = typeOfKey(form, key)
    if (node === undefined || type === undefined) setValue(kept, key, value)
    else if (!isMember(node)) setValue(kept, key, removeInner(schema, type, value, node))
  }
  return kept
}

function removeItems(
  schema: Schema,
  { of, type }: Extract<Form, { form: 'list' }>,
  list: readonly unknown[],
  set: FieldSet,
): readonly unknown[] {
  return list.flatMap((item) => {
    const node = set[itemElement(schema, type, item)]
    if (node === undefined) return [item]
    return isMember(node) ? [] : [removeInner(schema, of, item, node)]
  })
}

function removeInner(schema: Schema, type: FieldType, value: unknown, node: FieldSet): unknown {
  if (!hasChildren(node)) return value
  const inner = removeWithin(schema, type, value, node)
  if (inner !== undefined) return inner
  return isJsonList(value) ? [] : {}
}
