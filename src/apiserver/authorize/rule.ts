import type { Wish } from './decision.ts'

export type PolicyRule = Readonly<{
  verbs?: readonly string[] | null
  apiGroups?: readonly string[] | null
  resources?: readonly string[] | null
  resourceNames?: readonly string[] | null
  nonResourceURLs?: readonly string[] | null
}>

/** RBAC's own matching: kubernetes plugin/pkg/auth/authorizer/rbac RuleAllows. */
export function ruleAllows(rule: PolicyRule, wish: Wish): boolean {
  if (!has(rule.verbs, wish.verb)) return false
  if (!wish.isResource) return (rule.nonResourceURLs ?? []).some((pattern) => pathMatches(pattern, wish.path))
  return (
    has(rule.apiGroups, wish.group) &&
    resourceMatches(rule.resources ?? [], wish.resource, wish.subresource) &&
    nameMatches(rule.resourceNames ?? [], wish.name)
  )
}

function has(values: readonly string[] | null | undefined, value: string): boolean {
  return values?.some((allowed) => allowed === '*' || allowed === value) === true
}

export function resourceMatches(allowed: readonly string[], resource: string, subresource: string): boolean {
  const combined = subresource === '' ? resource : `${resource}/${subresource}`
  return allowed.some(
    (pattern) =>
      pattern === '*' ||
      pattern === combined ||
      (subresource !== '' && pattern.length === subresource.length + 2 && pattern === `*/${subresource}`),
  )
}

function nameMatches(allowed: readonly string[], name: string): boolean {
  return allowed.length === 0 || allowed.includes(name)
}

export function pathMatches(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true
  return pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1))
}
