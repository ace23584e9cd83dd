import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod } from './kinds.generated.ts'

type Labels = Readonly<Record<string, string>>

/** spec.nodeSelector and required node affinity: what a node must be (k8s.io/component-helpers nodeaffinity). */
export function matchesNodeAffinity({ spec }: Pod, node: Node): boolean {
  const labels = node.metadata?.labels ?? {}
  for (const key in spec?.nodeSelector) if (labels[key] !== spec.nodeSelector[key]) return false
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required === undefined || matchesNodeSelector(required, node)
}

/** One of the terms must match; none matches nothing. */
export function matchesNodeSelector({ nodeSelectorTerms }: NodeSelector, node: Node): boolean {
  return nodeSelectorTerms.some((term) => matchesTerm(term, node))
}

/** All requirements must hold; a term without any matches nothing. */
export function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false
  const labels = node.metadata?.labels ?? {}
  const fields: Labels = { 'metadata.name': node.metadata?.name ?? '' }
  return matchExpressions.every((one) => holds(one, labels)) && matchFields.every((one) => holds(one, fields))
}

/**
 * The only nodes that could match, where required affinity names nodes in every term, as that of a DaemonSet's pods does; undefined:
 * any node could. Saves looking at all the others.
 */
export function namedNodes({ spec }: Pod): ReadonlySet<string> | undefined {
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  if (terms === undefined) return undefined
  const names = new Set<string>()
  for (const { matchFields = [] } of terms) {
    const lists = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In')
    const [first, ...others] = lists.map(({ values }) => values ?? [])
    if (first === undefined) return undefined
    for (const name of first) if (others.every((values) => values.includes(name))) names.add(name)
  }
  return names
}

function holds({ key, operator, values = [] }: NodeSelectorRequirement, labels: Labels): boolean {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return compares(value, values, (a, b) => a > b)
    case 'Lt':
      return compares(value, values, (a, b) => a < b)
    default:
      return false
  }
}

function compares(
  value: string | undefined,
  values: readonly string[],
  holds: (a: bigint, b: bigint) => boolean,
): boolean {
  const [limit] = values
  const whole = /^[+-]?\d{1,19}$/
  if (value === undefined || limit === undefined || !whole.test(value) || !whole.test(limit)) return false
  return holds(BigInt(value), BigInt(limit))
}
