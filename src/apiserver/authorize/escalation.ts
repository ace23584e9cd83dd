import { type PolicyRule, pathMatches, resourceMatches } from './rule.ts'

/** Rules of one verb on one resource or path each. */
export function breakDown(rule: PolicyRule): readonly PolicyRule[] {
  const single: PolicyRule[] = []
  for (const verb of rule.verbs ?? []) {
    for (const group of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        const base = { verbs: [verb], apiGroups: [group], resources: [resource] }
        const names = rule.resourceNames ?? []
        if (names.length === 0) single.push(base)
        else single.push(...names.map((name) => ({ ...base, resourceNames: [name] })))
      }
    }
    for (const url of rule.nonResourceURLs ?? []) single.push({ verbs: [verb], nonResourceURLs: [url] })
  }
  return single
}

/** Rules asked for that the owner's rules do not cover: component-helpers' validation.Covers. */
export function uncovered(owned: readonly PolicyRule[], asked: readonly PolicyRule[]): readonly PolicyRule[] {
  return asked.flatMap(breakDown).filter((single) => !owned.some((rule) => covers(rule, single)))
}

function covers(owner: PolicyRule, single: PolicyRule): boolean {
  if (!includesAll(owner.verbs, single.verbs)) return false
  const urls = single.nonResourceURLs ?? []
  if (urls.length > 0) return urls.every((url) => (owner.nonResourceURLs ?? []).some((own) => pathCovers(own, url)))
  return (
    includesAll(owner.apiGroups, single.apiGroups) &&
    (single.resources ?? []).every((resource) => resourceCovers(owner.resources ?? [], resource)) &&
    namesCover(owner.resourceNames ?? [], single.resourceNames ?? [])
  )
}

function includesAll(
  owned: readonly string[] | null | undefined,
  asked: readonly string[] | null | undefined,
): boolean {
  return owned?.includes('*') === true || (asked ?? []).every((value) => owned?.includes(value) === true)
}

function resourceCovers(owned: readonly string[], asked: string): boolean {
  const [resource = '', subresource = ''] = asked.split('/')
  return owned.includes(asked) || resourceMatches(owned, resource, subresource)
}

function pathCovers(owned: string, asked: string): boolean {
  return owned === asked || pathMatches(owned, asked)
}

function namesCover(owned: readonly string[], asked: readonly string[]): boolean {
  if (owned.length === 0) return true
  return asked.length > 0 && asked.every((name) => owned.includes(name))
}

/** Rules on the same thing become one, as they are shown: `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`. */
export function shortened(rules: readonly PolicyRule[]): readonly string[] {
  const merged = new Map<string, PolicyRule>()
  for (const rule of rules) {
    const { verbs: _, ...thing } = rule
    const key = JSON.stringify(thing)
    const before = merged.get(key)
    merged.set(key, { ...rule, verbs: [...(before?.verbs ?? []), ...(rule.verbs ?? [])] })
  }
  return [...merged.values()].map(compactText).sort()
}

function compactText(rule: PolicyRule): string {
  const parts: (readonly [string, readonly string[] | null | undefined])[] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ]
  const shown = parts.filter(([, values]) => (values ?? []).length > 0)
  return `{${shown.map(([name, values]) => `${name}:[${(values ?? []).map((value) => JSON.stringify(value)).join(' ')}]`).join(', ')}}`
}
