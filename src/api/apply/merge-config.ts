import { isJsonList, isJsonObject, type JsonObject, setValue } from '../json-value.ts'
import type { FieldType, Schema } from '../schema.ts'
import type { PathElement } from './path-element.ts'
import { type Form, formFor, itemElement, rootType, typeOfKey } from './typed-value.ts'

/**
 * The live object with an applied configuration laid over it: structs and maps by key, keyed lists and sets by item, all else replaced.
 * Both must fit the type. Order of a list: as the configuration has it, items that only the live one has staying where they were.
 */
export function mergeConfig(schema: Schema, typeName: string, live: JsonObject, config: JsonObject): JsonObject {
  const merged = mergeValues(schema, rootType(typeName), live, config)
  return isJsonObject(merged) ? merged : {}
}

function mergeValues(schema: Schema, type: FieldType, live: unknown, config: unknown): unknown {
  if (config === undefined) return live
  if (live === undefined && !isContainer(config)) return config
  const form = formFor(schema, type, config)
  if (form.form === 'leaf') return config
  if (form.form === 'list') {
    const ours = isJsonList(live) ? live : []
    const theirs = isJsonList(config) ? config : []
    return ours.length === 0 && theirs.length === 0 ? config : mergeLists(schema, form, ours, theirs)
  }
  const ours = isJsonObject(live) ? live : {}
  const theirs = isJsonObject(config) ? config : {}
  if (Object.keys(ours).length === 0 && Object.keys(theirs).length === 0) return config
  return mergeKeys(schema, form, ours, theirs)
}

function isContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function mergeKeys(schema: Schema, form: Form, live: JsonObject, config: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...live }
  for (const [key, value] of Object.entries(config)) {
    const type = typeOfKey(form, key)
    if (type === undefined || value === undefined) continue
    setValue(merged, key, mergeValues(schema, type, Object.hasOwn(live, key) ? live[key] : undefined, value))
  }
  return merged
}

type ListForm = Extract<Form, { form: 'list' }>
type Item = Readonly<{ element: PathElement; value: unknown }>

function mergeLists(
  schema: Schema,
  { of, type }: ListForm,
  live: readonly unknown[],
  config: readonly unknown[],
): readonly unknown[] {
  const itemOf = (value: unknown): Item => ({ element: itemElement(schema, type, value), value })
  const ours = live.map(itemOf)
  const theirs = config.map(itemOf)
  const oursByElement = firstOnly(ours)
  const inConfig = new Set(theirs.map(({ element }) => element))
  return interleave(ours, theirs, inConfig).map((item) =>
    inConfig.has(item.element) ? mergeValues(schema, of, oursByElement.get(item.element), item.value) : item.value,
  )
}

/** Items by element; one that stands there twice is not merged with. */
function firstOnly(items: readonly Item[]): ReadonlyMap<PathElement, unknown> {
  const found = new Map<PathElement, unknown>()
  for (const { element, value } of items) found.set(element, found.has(element) ? undefined : value)
  return found
}

/** Walks both lists at once: items of the live list alone come before the next shared item, the rest in the configuration's order. */
function interleave(
  ours: readonly Item[],
  theirs: readonly Item[],
  inConfig: ReadonlySet<PathElement>,
): readonly Item[] {
  const onlyOurs = new Set(ours.map(({ element }) => element))
  const shared = theirs.filter(({ element }) => onlyOurs.has(element)).map(({ element }) => element)
  const out: Item[] = []
  const merged = new Set<PathElement>()
  let left = 0
  let right = 0
  let nextShared = 0
  while (left < ours.length || right < theirs.length) {
    const our = ours[left]
    const their = theirs[right]
    if (our !== undefined && their !== undefined) {
      if (our.element === their.element) {
        merged.add(their.element)
        out.push(their)
        left += 1
        right += 1
        nextShared += 1
        continue
      }
      if (inConfig.has(our.element) && nextShared < shared.length && shared[nextShared] !== our.element) {
        left += 1
        continue
      }
    }
    if (our !== undefined) {
      if (!inConfig.has(our.element)) {
        out.push(our)
        left += 1
        continue
      }
      if (merged.has(our.element)) left += 1
    }
    if (their !== undefined) {
      merged.add(their.element)
      out.push(their)
      right += 1
      if (shared[nextShared] === their.element) nextShared += 1
    }
  }
  return out
}
