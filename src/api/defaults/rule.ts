/** One type's defaults: takes a struct, returns it with what is missing, or the very same struct if nothing is. Never changes it. */
import type { JsonObject } from '../json-value.ts'

export type Rule = (struct: JsonObject) => JsonObject

/** True for what Go's `== nil` or `== ""` finds unset: absent fields and empty strings. */
export function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** Sets those of the fields that are unset. */
export function fill(struct: JsonObject, fields: JsonObject): JsonObject {
  let filled: Record<string, unknown> | undefined
  for (const key of Object.keys(fields)) {
    if (!isUnset(struct[key])) continue
    filled ??= { ...struct }
    filled[key] = fields[key]
  }
  return filled ?? struct
}

/** Sets those of the fields that are absent: behind a pointer the empty text is a value. */
export function fillingAbsent(fields: JsonObject): Rule {
  return (struct) => {
    const missing = Object.keys(fields).filter((key) => struct[key] === undefined || struct[key] === null)
    if (missing.length === 0) return struct
    return { ...struct, ...Object.fromEntries(missing.map((key) => [key, fields[key]])) }
  }
}

export function filling(fields: JsonObject): Rule {
  return (struct) => fill(struct, fields)
}

/** The struct at a field, or an empty one. */
export function structAt(struct: JsonObject, field: string): JsonObject {
  const value = struct[field]
  return typeof value === 'object' && value !== null ? (value as JsonObject) : {}
}

export function listAt(struct: JsonObject, field: string): readonly JsonObject[] {
  const value = struct[field]
  return Array.isArray(value) ? value : []
}

/** Changes one field; the same struct comes back when the field stays the same. */
export function withField(struct: JsonObject, field: string, value: unknown): JsonObject {
  return struct[field] === value ? struct : { ...struct, [field]: value }
}

/** Applies a rule to every item of a list; the same list comes back when all items stay the same. */
export function mapSame(items: readonly JsonObject[], rule: Rule): readonly JsonObject[] {
  let changed = false
  const mapped = items.map((item) => {
    const after = rule(item)
    if (after !== item) changed = true
    return after
  })
  return changed ? mapped : items
}

/** Applies a rule to the spec. */
export function inSpec(rule: Rule): Rule {
  return (object) => withField(object, 'spec', rule(structAt(object, 'spec')))
}

/** First one rule, then the other. */
export function both(first: Rule, second: Rule): Rule {
  return (struct) => second(first(struct))
}
