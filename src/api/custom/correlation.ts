/** Which part of an object's state before belongs to which part of its new one. Kubernetes: apiserver/pkg/cel/common CorrelatedObject. */
import { equalJson, isJsonList, isJsonObject } from '../json-value.ts'
import type { ValueRules } from './value-rules.ts'

/** undefined: nothing from before belongs to the value. */
export type Correlated = Readonly<{ before: unknown; after: unknown }> | undefined

export function correlatedField(of: Correlated, rules: ValueRules, key: string): Correlated {
  if (of === undefined || !isJsonObject(of.before) || !isJsonObject(of.after)) return undefined
  if (!Object.hasOwn(of.before, key) || !Object.hasOwn(of.after, key)) return undefined
  const isKnown = rules.properties.has(key) || typeof rules.additional === 'object'
  return isKnown ? { before: of.before[key], after: of.after[key] } : undefined
}

/** Items belong together by their keys; in lists of other types nothing does. */
export function correlatedItem(of: Correlated, rules: ValueRules, at: number): Correlated {
  if (of === undefined || rules.listType !== 'map' || !isJsonList(of.before) || !isJsonList(of.after)) return undefined
  const item = of.after[at]
  const before = of.before.find((one) => hasSameKeys(one, item, rules.mapKeys))
  return before === undefined ? undefined : { before, after: item }
}

function hasSameKeys(a: unknown, b: unknown, keys: readonly string[]): boolean {
  return isJsonObject(a) && isJsonObject(b) && keys.every((key) => equalJson(a[key] ?? null, b[key] ?? null))
}

/** Whether the value is what it was; the order of a list of type map does not count. */
export function isUnchanged(of: Correlated, rules: ValueRules): boolean {
  if (of === undefined) return false
  const { before, after } = of
  if (isJsonList(before) && isJsonList(after) && rules.listType === 'map' && rules.items !== undefined) {
    const { items } = rules
    return before.length === after.length && after.every((_, at) => isUnchanged(correlatedItem(of, rules, at), items))
  }
  if (isJsonObject(before) && isJsonObject(after)) {
    const keys = Object.keys(after)
    if (Object.keys(before).length !== keys.length) return false
    return keys.every((key) => {
      const inner = rules.properties.get(key) ?? rules.additional
      return typeof inner === 'object' && isUnchanged(correlatedField(of, rules, key), inner)
    })
  }
  return equalJson(before, after)
}
