import { kinds } from '../../api/kinds.ts'
import { type Controller, type ControllerDeps, changes } from '../run-controller.ts'
import { type ObservedClusterRole, reconcileAggregation } from './aggregation.ts'

export function clusterRoleAggregationController({ informers }: ControllerDeps): Controller<ObservedClusterRole> {
  const roles = informers.of(kinds.clusterRoles)
  const aggregates = (): readonly string[] =>
    roles
      .list()
      .filter(({ aggregationRule }) => aggregationRule)
      .map(({ metadata }) => metadata.name)
  return {
    name: 'clusterrole-aggregation-controller',
    concurrency: 1,
    // Any role may be one that an aggregate collects, or has just ceased to be.
    sources: [changes(kinds.clusterRoles, aggregates)],
    observe(key) {
      const role = roles.get(key)
      return role && { role, others: roles.list() }
    },
    reconcile: reconcileAggregation,
  }
}
