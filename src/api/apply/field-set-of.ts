import { isJsonList, isJsonObject, type JsonObject } from '../json-value.ts'
import type { FieldType, Schema } from '../schema.ts'
import { emptySet, type FieldSet, hasChildren, inOrder, isMember, nodeOf } from './field-set.ts'
import { fieldElement, type PathElement, selfMark } from './path-element.ts'
import type { SkippedFields } from './reset-fields.ts'
import { type Form, formFor, formOf, isFieldOf, itemElement, rootType, typeOfKey } from './typed-value.ts'

/** All fields that an object sets: what its applier owns. Structs count by their fields, map entries and list items by themselves too. */
export function fieldSetOf(
  schema: Schema,
  typeName: string,
  object: JsonObject,
  skipped: SkippedFields = {},
): FieldSet {
  return childrenOf(schema, formOf(schema, rootType(typeName)), object, skipped)
}

function childrenOf(schema: Schema, form: Form, object: JsonObject, skipped?: SkippedFields): FieldSet {
  const children: Record<PathElement, FieldSet> = {}
  for (const [key, value] of Object.entries(object)) {
    const skip = skipped?.[key]
    const type = typeOfKey(form, key)
    if (value === undefined || skip === true || type === undefined) continue
    const counts = !isFieldOf(form, key) || value === null || (isJsonObject(value) && isBare(value))
    const node = nodeOfValue(schema, type, value, counts, skip)
    if (node !== undefined) children[fieldElement(key)] = node
  }
  return inOrder(children)
}

/** `counts`: the path to the value is in the set even where the value's form would not put it there. */
function nodeOfValue(
  schema: Schema,
  type: FieldType,
  value: unknown,
  counts: boolean,
  skipped?: SkippedFields,
): FieldSet | undefined {
  const form = formFor(schema, type, value)
  if (form.form === 'leaf') return emptySet
  if (form.form !== 'list') {
    return isJsonObject(value) ? nodeOf(counts, childrenOf(schema, form, value, skipped)) : leafIf(counts)
  }
  if (!isJsonList(value)) return leafIf(counts)
  const items: Record<PathElement, FieldSet> = {}
  for (const item of value) {
    const element = itemElement(schema, form.type, item)
    // Items with the same key count as one leaf.
    items[element] = items[element] === undefined ? (nodeOfValue(schema, form.of, item, true) ?? emptySet) : emptySet
  }
  return nodeOf(counts, inOrder(items))
}

function leafIf(counts: boolean): FieldSet | undefined {
  return counts ? emptySet : undefined
}

function isBare(object: JsonObject): boolean {
  for (const _ in object) return false
  return true
}

/** Also every struct field on the way to a path of the set: the original's EnsureNamedFieldsAreMembers. */
export function withNamedFields(schema: Schema, typeName: string, set: FieldSet): FieldSet {
  return namedWithin(schema, rootType(typeName), set)
}

function namedWithin(schema: Schema, type: FieldType, set: FieldSet): FieldSet {
  const form = formOf(schema, type)
  const named: Record<PathElement, FieldSet> = {}
  for (const element in set) {
    if (element === selfMark) continue
    const node = set[element] ?? emptySet
    const within = typeOfElement(form, element)
    const isField = within !== undefined && isFieldOf(form, element.slice(2))
    const children = within === undefined || !hasChildren(node) ? withoutSelf(node) : namedWithin(schema, within, node)
    const rest = nodeOf(isMember(node) || isField, children)
    if (rest !== undefined) named[element] = rest
  }
  return named
}

function withoutSelf({ [selfMark]: _, ...children }: FieldSet): FieldSet {
  return children
}

export function typeOfElement(form: Form, element: PathElement): FieldType | undefined {
  if (element.startsWith('f:')) return typeOfKey(form, element.slice(2))
  return form.form === 'list' ? form.of : undefined
}
