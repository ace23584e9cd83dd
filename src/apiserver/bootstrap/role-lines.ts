import type { PolicyRule } from '../authorize/rule.ts'

/** Rules by role name, a line each: 'verbs | API groups | resources | names', or 'verbs | /paths'. Words are parted by spaces; 'core' is ''. */
export type RoleLines = Readonly<Record<string, readonly string[]>>

export function rulesOf(lines: readonly string[]): readonly PolicyRule[] {
  return lines.map(ruleOf)
}

function ruleOf(line: string): PolicyRule {
  const [verbs = [], second = [], resources, names] = line.split(' | ').map((part) => part.split(' '))
  if (resources === undefined) return { nonResourceURLs: second, verbs }
  const apiGroups = second.map((group) => (group === 'core' ? '' : group))
  return { apiGroups, ...(names === undefined ? {} : { resourceNames: names }), resources, verbs }
}
