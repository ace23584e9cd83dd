import type { LabelSelector as LabelSelectorObject } from './kinds.generated.ts'
import { type Requirement, requirementOf } from './label-requirement.ts'
import { parseRequirements } from './label-selector-parser.ts'
import { fail, ok, type Result } from './result.ts'

export type { Requirement } from './label-requirement.ts'

/** All requirements must hold; none: everything matches. In key order. */
export type Selector = readonly Requirement[]

export type Labels = Readonly<Record<string, string>> | undefined

export const everything: Selector = []

/** Parses 'a=b,c in (d,e),!f'. Errors are worded as k8s.io/apimachinery/pkg/labels words them. */
export function parseLabelSelector(text: string): Result<Selector, string> {
  const parsed = parseRequirements(text)
  return parsed.ok ? ok(byKey(parsed.value)) : parsed
}

/**
 * The selector of a LabelSelector field: matchLabels and matchExpressions, all of which must hold. An absent one matches nothing
 * (undefined), an empty one everything: metav1.LabelSelectorAsSelector.
 */
export function selectorFromObject(object: LabelSelectorObject | undefined): Result<Selector | undefined, string> {
  if (object === undefined) return ok(undefined)
  const requirements: Requirement[] = []
  for (const [key, value] of Object.entries(object.matchLabels ?? {})) {
    const made = requirementOf(key, '=', [value])
    if (!made.ok) return made
    requirements.push(made.value)
  }
  for (const { key, operator, values = [] } of object.matchExpressions ?? []) {
    const own = labelOperators[operator]
    if (own === undefined) return fail(`${JSON.stringify(operator)} is not a valid label selector operator`)
    const made = requirementOf(key, own, values)
    if (!made.ok) return made
    requirements.push(made.value)
  }
  return ok(byKey(requirements))
}

export const labelOperators: Readonly<Record<string, Requirement['operator']>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
}

/** The selector of a plain map (Service.spec.selector): every pair must match. Nothing is validated. */
export function selectorFromLabels(labels: Labels): Selector {
  return byKey(Object.entries(labels ?? {}).map(([key, value]) => ({ key, operator: '=', values: [value] })))
}

/** By UTF-16 unit, which for label keys is Go's byte order; stable. */
function byKey(requirements: readonly Requirement[]): Selector {
  return [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

/** An undefined selector matches nothing. */
export function matchesLabels(selector: Selector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false
  for (const requirement of selector) if (!holds(requirement, labels)) return false
  return true
}

function holds({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case '>':
      return isInteger(value) && BigInt(value) > BigInt(values[0] ?? '0')
    case '<':
      return isInteger(value) && BigInt(value) < BigInt(values[0] ?? '0')
  }
}

function isInteger(value: string | undefined): value is string {
  return value !== undefined && /^-?[0-9]{1,19}$/.test(value)
}

/** The selector as text: what kubectl sends and the scale subresource shows. */
export function formatSelector(selector: Selector): string {
  return selector.map(formatRequirement).join(',')
}

function formatRequirement({ key, operator, values }: Requirement): string {
  const listed = [...values].sort().join(',')
  switch (operator) {
    case 'exists':
      return key
    case '!':
      return `!${key}`
    case 'in':
    case 'notin':
      return `${key} ${operator} (${listed})`
    default:
      return `${key}${operator}${listed}`
  }
}
