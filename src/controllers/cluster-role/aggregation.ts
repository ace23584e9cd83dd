import { equalJson } from '../../api/json-value.ts'
import type { ClusterRole, PolicyRule } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { matchesLabels, selectorFromObject } from '../../api/label-selector.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, targetOf } from '../action.ts'

export type ObservedClusterRole = Readonly<{ role: Stored<ClusterRole>; others: readonly Stored<ClusterRole>[] }>

const fieldManager = 'clusterrole-aggregation-controller'

/** A role with an aggregation rule has the rules of all roles that its selectors find, each once, in the order of the roles' names. */
export function reconcileAggregation({ role, others }: ObservedClusterRole): readonly Action[] {
  const { aggregationRule } = role
  if (aggregationRule === undefined || aggregationRule === null) return []
  const rules: PolicyRule[] = []
  const sorted = [...others].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  for (const labels of aggregationRule.clusterRoleSelectors ?? []) {
    const selector = selectorFromObject(labels)
    if (!selector.ok) return []
    for (const other of sorted) {
      if (other.metadata.name === role.metadata.name) continue
      if (!matchesLabels(selector.value, other.metadata.labels ?? {})) continue
      for (const rule of other.rules ?? []) if (!rules.some((known) => equalJson(known, rule))) rules.push(rule)
    }
  }
  if (equalJson(rules, role.rules ?? [])) return []
  const { name } = role.metadata
  const body = { apiVersion: role.apiVersion, kind: role.kind, metadata: { name }, rules }
  return [
    {
      type: 'patch',
      target: targetOf(kinds.clusterRoles, role),
      patch: { type: 'apply', body, fieldManager, force: true },
    },
  ]
}
