import { equalJson, isJsonList, isJsonObject, type JsonObject } from '../json-value.ts'
import type { FieldType, Schema } from '../schema.ts'
import { emptySet, type FieldSet, inOrder, nodeOf } from './field-set.ts'
import { fieldElement, type PathElement } from './path-element.ts'
import type { SkippedFields } from './reset-fields.ts'
import { type Form, formFor, formOf, itemElement, rootType, typeOfKey } from './typed-value.ts'

/** What is different between two states: paths set to something new (added or modified), and paths that are gone. */
export type Comparison = Readonly<{ changed: FieldSet; removed: FieldSet }>

type Out = Readonly<{ changed: Record<PathElement, FieldSet>; removed: Record<PathElement, FieldSet> }>

/** Compares two objects of a type, path by path. Parts that both share (by identity) cost nothing. */
export function compareObjects(
  schema: Schema,
  typeName: string,
  before: JsonObject,
  after: JsonObject,
  skipped: SkippedFields,
): Comparison {
  const out = newOut()
  const form = formOf(schema, rootType(typeName))
  compareKeys(schema, form, before, after, out, skipped)
  return { changed: inOrder(out.changed), removed: inOrder(out.removed) }
}

function newOut(): Out {
  return { changed: {}, removed: {} }
}

function compareKeys(
  schema: Schema,
  form: Form,
  before: JsonObject,
  after: JsonObject,
  out: Out,
  skipped?: SkippedFields,
): void {
  for (const key in after) {
    const skip = skipped?.[key]
    if (skip !== true) compareKey(schema, form, key, before, after, out, skip)
  }
  for (const key in before) {
    const skip = skipped?.[key]
    if (skip !== true && after[key] === undefined) compareKey(schema, form, key, before, after, out, skip)
  }
}

function compareKey(
  schema: Schema,
  form: Form,
  key: string,
  before: JsonObject,
  after: JsonObject,
  out: Out,
  skipped: SkippedFields | undefined,
): void {
  const left = before[key]
  const right = after[key]
  if (left === right) return
  const type = typeOfKey(form, key)
  if (type !== undefined) compareValues(schema, type, left, right, fieldElement(key), out, skipped)
}

/** undefined: absent. null is a value, and as an object or list an empty one. */
function compareValues(
  schema: Schema,
  type: FieldType,
  left: unknown,
  right: unknown,
  element: PathElement,
  out: Out,
  skipped?: SkippedFields,
): void {
  const form = formFor(schema, type, left, right)
  if (form.form === 'leaf' || (isBare(left) && isBare(right))) {
    noteLeaf(left, right, element, out)
    return
  }
  const inner = newOut()
  if (form.form === 'list') compareLists(schema, form, itemsOf(left), itemsOf(right), inner)
  else compareKeys(schema, form, keysOf(left), keysOf(right), inner, skipped)
  attach(out.changed, element, nodeOf(left === undefined, inner.changed))
  attach(out.removed, element, nodeOf(right === undefined, inner.removed))
}

function noteLeaf(left: unknown, right: unknown, element: PathElement, out: Out): void {
  if (left === undefined) out.changed[element] = emptySet
  else if (right === undefined) out.removed[element] = emptySet
  else if (!equalJson(left, right)) out.changed[element] = emptySet
}

function attach(set: Record<PathElement, FieldSet>, element: PathElement, node: FieldSet | undefined): void {
  if (node !== undefined) set[element] = node
}

function isBare(value: unknown): boolean {
  if (isJsonList(value)) return value.length === 0
  if (!isJsonObject(value)) return true
  for (const _ in value) return false
  return true
}

const none: JsonObject = {}

function keysOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : none
}

function itemsOf(value: unknown): readonly unknown[] {
  return isJsonList(value) ? value : []
}

type ListForm = Extract<Form, { form: 'list' }>
type Items = ReadonlyMap<PathElement, readonly unknown[]>

function compareLists(
  schema: Schema,
  { of, type }: ListForm,
  left: readonly unknown[],
  right: readonly unknown[],
  out: Out,
): void {
  const index = (items: readonly unknown[]) => indexItems(items, (item) => itemElement(schema, type, item))
  const before = index(left)
  const after = index(right)
  for (const [element, rights] of after) {
    compareItems(schema, of, before.get(element) ?? [], rights, element, out)
  }
  for (const [element, lefts] of before) {
    if (!after.has(element)) compareItems(schema, of, lefts, [], element, out)
  }
}

function indexItems(items: readonly unknown[], elementOf: (item: unknown) => PathElement): Items {
  const found = new Map<PathElement, unknown[]>()
  for (const item of items) {
    const element = elementOf(item)
    const same = found.get(element)
    if (same === undefined) found.set(element, [item])
    else same.push(item)
  }
  return found
}

/** Items with the same key: one each is the rule; several of a key count as one leaf. */
function compareItems(
  schema: Schema,
  of: FieldType,
  lefts: readonly unknown[],
  rights: readonly unknown[],
  element: PathElement,
  out: Out,
): void {
  if (lefts.length <= 1 && rights.length <= 1) {
    if (lefts[0] !== rights[0]) compareValues(schema, of, lefts[0], rights[0], element, out)
  } else if (lefts.length >= 2 && rights.length >= 2) {
    if (!equalJson(lefts, rights)) out.changed[element] = emptySet
  } else if (lefts.length >= 2) {
    if (rights.length > 0) compareValues(schema, of, undefined, rights[0], element, out)
    out.removed[element] = emptySet
  } else {
    if (lefts.length > 0) compareValues(schema, of, lefts[0], undefined, element, out)
    out.changed[element] = emptySet
  }
}
