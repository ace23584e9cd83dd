import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../kinds.generated.ts'
import type { ApiObject } from '../object.ts'
import type { Evaluator } from './evaluator.ts'

/** All scopes of a quota as requirements: a bare scope asks that it applies. */
export function scopesOf({ spec }: ResourceQuota): readonly ScopedResourceSelectorRequirement[] {
  const bare = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }))
  return [...bare, ...(spec?.scopeSelector?.matchExpressions ?? [])]
}

export function isInScope(evaluator: Evaluator, quota: ResourceQuota, object: ApiObject): boolean {
  return scopesOf(quota).every((requirement) => evaluator.matchesScope(requirement, object))
}

/** Whether one of the names that an object bears meets the requirement; none at all is met by what excludes. */
export function meetsRequirement(
  { operator, values = [] }: ScopedResourceSelectorRequirement,
  names: readonly string[],
): boolean {
  switch (operator) {
    case 'Exists':
      return names.length > 0
    case 'DoesNotExist':
      return names.length === 0
    case 'In':
      return names.some((name) => values.includes(name))
    case 'NotIn':
      return names.length === 0 || names.some((name) => !values.includes(name))
    default:
      return false
  }
}
