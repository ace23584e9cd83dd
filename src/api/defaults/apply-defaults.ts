/**
 * Fills in what a client left out, as the API server does after decoding. Defaults belong to types, wherever a type occurs: the walk goes
 * from the outside in (a pod's rules come before its containers'), only where the schema leads to a type that has any.
 */
import { withDefaults } from '../custom/default-values.ts'
import type { JsonObject } from '../json-value.ts'
import { setValue } from '../json-value.ts'
import type { Kind } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import { compareQuantities, formatQuantity, parseQuantity, quantityMilli, quantityOfMilli } from '../quantity.ts'
import type { FieldSchema, FieldType } from '../schema.ts'
import { schema } from '../schema-reader.ts'
import { coreRules } from './core-rules.ts'
import { extensionRules } from './extension-rules.ts'
import { flowControlRules } from './flow-control-rules.ts'
import { podRules } from './pod-rules.ts'
import type { Rule } from './rule.ts'
import { workloadRules } from './workload-rules.ts'

const rules: Readonly<Record<string, Rule>> = {
  ...coreRules,
  ...podRules,
  ...workloadRules,
  ...extensionRules,
  ...flowControlRules,
}

/** Pure: returns the object itself when nothing was missing, and shares with it all that stays. */
export function applyDefaults(kind: Pick<Kind, 'typeName' | 'custom'>, object: ApiObject): ApiObject {
  if (kind.custom !== undefined) return withDefaults(object, kind.custom.structural) as ApiObject
  // Rules keep apiVersion, kind and metadata.
  return defaultStruct(kind.typeName, object) as ApiObject
}

type Plan = Readonly<{
  rule: Rule | undefined
  /** Fields with a default in the schema. */
  declared: readonly FieldSchema[]
  /** Fields within which there is something to default. */
  inner: readonly FieldSchema[]
}>
const plans = new Map<string, Plan>()

function planOf(name: string): Plan {
  const known = plans.get(name)
  if (known !== undefined) return known
  const fields = [...schema.typeOf(name).fields.values()]
  const plan: Plan = {
    rule: rules[name],
    declared: fields.filter(isDeclared),
    inner: fields.filter((field) => isRounded(field) || leadsToDefaults(field.type, new Set([name]))),
  }
  plans.set(name, plan)
  return plan
}

/** An empty default changes nothing but behind a pointer. */
function isDeclared(field: FieldSchema): boolean {
  if (field.default === undefined || field.presence === 'always') return false
  return field.presence === 'pointer' || (field.default !== '' && field.default !== 0)
}

/** Amounts of resources are kept in thousandths, rounded up. */
function isRounded(field: FieldSchema): boolean {
  return field.goType === 'v1.ResourceList'
}

function leadsToDefaults(type: FieldType, seen: Set<string>): boolean {
  if (type.type === 'scalar') return false
  if (type.type !== 'object') return leadsToDefaults(type.of, seen)
  if (rules[type.ref] !== undefined) return true
  if (seen.has(type.ref)) return false
  seen.add(type.ref)
  const fields = [...schema.typeOf(type.ref).fields.values()]
  return fields.some((field) => isDeclared(field) || isRounded(field) || leadsToDefaults(field.type, seen))
}

function defaultStruct(name: string, struct: JsonObject): JsonObject {
  const plan = planOf(name)
  const ruled = plan.rule === undefined ? struct : plan.rule(struct)
  let copy: Record<string, unknown> | undefined
  for (const field of plan.declared) {
    if (ruled[field.name] !== undefined) continue
    copy ??= { ...ruled }
    copy[field.name] = field.default
  }
  for (const field of plan.inner) {
    const value = (copy ?? ruled)[field.name]
    if (value === undefined || value === null) continue
    const after = isRounded(field) ? roundAmounts(value as JsonObject) : defaultValue(field.type, value)
    if (after === value) continue
    copy ??= { ...ruled }
    copy[field.name] = after
  }
  return copy ?? ruled
}

function defaultValue(type: FieldType, value: unknown): unknown {
  switch (type.type) {
    case 'scalar':
      return value
    case 'object':
      return defaultStruct(type.ref, value as JsonObject)
    case 'list':
      return defaultItems(type.of, value as readonly unknown[])
    case 'map':
      return defaultEntries(type.of, value as JsonObject)
  }
}

function defaultItems(of: FieldType, items: readonly unknown[]): readonly unknown[] {
  let changed = false
  const after = items.map((item) => {
    const itemAfter = defaultValue(of, item)
    if (itemAfter !== item) changed = true
    return itemAfter
  })
  return changed ? after : items
}

function defaultEntries(of: FieldType, map: JsonObject): JsonObject {
  let copy: Record<string, unknown> | undefined
  for (const [key, value] of Object.entries(map)) {
    const after = defaultValue(of, value)
    if (after === value) continue
    copy ??= { ...map }
    setValue(copy, key, after)
  }
  return copy ?? map
}

/** What a thousandth cannot express, in a quantity's spelling: an n or u suffix, or more than three decimals. */
const maybeFiner = /[nu]$|\.\d{4}|e-/i

function roundAmounts(amounts: JsonObject): JsonObject {
  let copy: Record<string, unknown> | undefined
  for (const [name, text] of Object.entries(amounts)) {
    if (typeof text !== 'string' || !maybeFiner.test(text)) continue
    const amount = parseQuantity(text)
    if (!amount.ok) continue
    const rounded = quantityOfMilli(quantityMilli(amount.value))
    if (compareQuantities(rounded, amount.value) === 0) continue
    copy ??= { ...amounts }
    setValue(copy, name, formatQuantity({ ...rounded, format: amount.value.format }))
  }
  return copy ?? amounts
}
