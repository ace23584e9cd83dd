/** Whether a value keeps its schema's rules: the quick answer. validate-value.ts says what is wrong. */
import { equalJson, isJsonList, isJsonObject, type JsonObject } from '../json-value.ts'
import type { ValueRules } from './value-rules.ts'

export function fits(rules: ValueRules, value: unknown): boolean {
  if (value === null) return (rules.types.length === 0 || rules.nullable) && rules.enumeration.length === 0
  if (!hasType(rules, value)) return false
  if (rules.enumeration.length > 0 && !rules.enumeration.some((one) => isSame(one, value))) return false
  if (!fitsKind(rules, value)) return false
  return fitsCombined(rules, value)
}

/** Numbers and texts are compared as what they are; null is never one of the values. */
export function isSame(allowed: unknown, value: unknown): boolean {
  return allowed !== null && equalJson(allowed, value)
}

function fitsKind(rules: ValueRules, value: unknown): boolean {
  if (typeof value === 'string') return fitsText(rules, value)
  if (typeof value === 'number') return fitsNumber(rules, value)
  if (isJsonList(value)) return fitsList(rules, value)
  return isJsonObject(value) ? fitsObject(rules, value) : true
}

export function typeOfValue(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  if (isJsonList(value)) return 'array'
  return typeof value
}

export function hasType({ types, format }: ValueRules, value: unknown): boolean {
  if (types.length === 0 && format === '') return true
  const type = typeOfValue(value)
  const isNumeric = types.includes('number') || types.includes('integer')
  // Texts and lists with a format are judged by that alone.
  if (!isNumeric && format !== '' && (type === 'string' || type === 'array')) return true
  return types.includes(type) || (type === 'integer' && types.includes('number'))
}

/** In characters, not in UTF-16's halves of them. */
export function lengthOf(text: string): number {
  let length = text.length
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 0xd800 && code <= 0xdbff) length -= 1
  }
  return length
}

function fitsText({ maxLength, minLength, matcher, hasFormat }: ValueRules, text: string): boolean {
  if (maxLength !== undefined && text.length > maxLength && lengthOf(text) > maxLength) return false
  if (minLength !== undefined && lengthOf(text) < minLength) return false
  if (typeof matcher === 'string' || (matcher !== undefined && !matcher.matches(text))) return false
  return hasFormat === undefined || hasFormat(text)
}

export function isInRange({ types, format }: ValueRules, value: number): boolean {
  const [type = ''] = types.length === 1 ? types : []
  if (type === 'integer') {
    if (!Number.isInteger(value)) return false
    return format !== 'int32' || (value | 0) === value
  }
  return type !== 'number' || format !== 'float' || Number.isFinite(Math.fround(value))
}

export function isMultiple(value: number, factor: number): boolean {
  if (Number.isInteger(value) && Number.isInteger(factor)) return value % factor === 0
  const ratio = factor < 1 ? (1 / factor) * value : value / factor
  return Math.abs(ratio - Math.round(ratio)) < 1e-9 * Math.max(1, Math.abs(ratio))
}

function fitsNumber(rules: ValueRules, value: number): boolean {
  const { maximum, minimum, multipleOf } = rules
  if (!isInRange(rules, value)) return false
  if (maximum !== undefined && (rules.exclusiveMaximum ? value >= maximum : value > maximum)) return false
  if (minimum !== undefined && (rules.exclusiveMinimum ? value <= minimum : value < minimum)) return false
  return multipleOf === undefined || (multipleOf > 0 && isMultiple(value, multipleOf))
}

function fitsList({ items, maxItems, minItems, uniqueItems }: ValueRules, list: readonly unknown[]): boolean {
  if (maxItems !== undefined && list.length > maxItems) return false
  if (minItems !== undefined && list.length < minItems) return false
  if (uniqueItems && hasTwins(list)) return false
  return items === undefined || list.every((item) => fits(items, item))
}

export function hasTwins(list: readonly unknown[]): boolean {
  return list.some((item, at) => list.slice(0, at).some((other) => equalJson(item, other)))
}

function fitsObject(rules: ValueRules, object: JsonObject): boolean {
  const { properties, additional, required, maxProperties, minProperties } = rules
  for (const key of required) if (!Object.hasOwn(object, key)) return false
  let count = 0
  for (const key in object) {
    count += 1
    const inner = properties.get(key) ?? additional
    if (inner === true) continue
    if (inner === false || !fits(inner, object[key])) return false
  }
  return (
    (maxProperties === undefined || count <= maxProperties) && (minProperties === undefined || count >= minProperties)
  )
}

function fitsCombined({ allOf, anyOf, oneOf, not }: ValueRules, value: unknown): boolean {
  if (!allOf.every((one) => fits(one, value))) return false
  if (anyOf.length > 0 && !anyOf.some((one) => fits(one, value))) return false
  if (oneOf.length > 0 && oneOf.filter((one) => fits(one, value)).length !== 1) return false
  return not === undefined || !fits(not, value)
}
