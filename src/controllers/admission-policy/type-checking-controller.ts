import { kinds } from '../../api/kinds.ts'
import { schema } from '../../api/schema-reader.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { type ObservedPolicy, reconcileTypeChecking } from './type-checking.ts'

export function typeCheckingController({ informers }: ControllerDeps): Controller<ObservedPolicy> {
  const policies = informers.of(kinds.validatingAdmissionPolicies)
  const definitions = informers.of(kinds.customResourceDefinitions)
  return {
    name: 'validatingadmissionpolicy-status',
    concurrency: 5,
    sources: [
      source(kinds.validatingAdmissionPolicies, ({ metadata }) => [metadata.name]),
      // A policy is checked once, when it changes: what is defined later does not matter.
      source(kinds.customResourceDefinitions, () => []),
    ],
    observe(key) {
      const policy = policies.get(key)
      return policy && { policy, schema, definitions: definitions.list() }
    },
    reconcile: reconcileTypeChecking,
  }
}
