import { describe, expect, it } from 'vitest'
import type { ClusterRole, PolicyRule } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { reconcileAggregation } from './aggregation.ts'

const pods: PolicyRule = { apiGroups: [''], resources: ['pods'], verbs: ['get'] }
const secrets: PolicyRule = { apiGroups: [''], resources: ['secrets'], verbs: ['list'] }
const nodes: PolicyRule = { apiGroups: [''], resources: ['nodes'], verbs: ['get'] }

function role(name: string, rules: readonly PolicyRule[] | null, labels = {}, selectors?: readonly object[]) {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, labels, uid: name, resourceVersion: '1', creationTimestamp: '' },
    rules,
    ...(selectors === undefined ? {} : { aggregationRule: { clusterRoleSelectors: selectors } }),
  } as unknown as Stored<ClusterRole>
}

const toView = { view: 'true' }
const collecting = (rules: readonly PolicyRule[] | null) => role('view', rules, {}, [{ matchLabels: toView }])
const others = [
  role('z', [pods, nodes], toView),
  role('a', [secrets, pods], toView),
  role('other', [{ ...pods, verbs: ['*'] }], { view: 'false' }),
  collecting(null),
]

function rulesOf(own: Stored<ClusterRole>): unknown {
  return reconcileAggregation({ role: own, others }).map((action) => action.type === 'patch' && action.patch)
}

describe('an aggregated cluster role', () => {
  it('collects the rules that its selectors find, each once, by the names of their roles', () => {
    expect(rulesOf(collecting(null))).toMatchObject([
      { type: 'apply', force: true, body: { metadata: { name: 'view' }, rules: [secrets, pods, nodes] } },
    ])
  })

  it('is left alone when it has them', () => {
    expect(rulesOf(collecting([secrets, pods, nodes]))).toEqual([])
  })

  it('loses what nobody grants any more', () => {
    expect(reconcileAggregation({ role: collecting([pods]), others: [] })).toMatchObject([
      { patch: { body: { rules: [] } } },
    ])
  })

  it('is one only with an aggregation rule', () => {
    expect(rulesOf(role('plain', [pods]))).toEqual([])
  })
})
