import { kinds } from '../../api/kinds.ts'
import { schema } from '../../api/schema-reader.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { type ObservedPolicy, reconcileTypeChecking } from './type-checking.ts'

export function typeCheckingController({ informers }: ControllerDeps): Controller<ObservedPolicy> {
  const policies = informers.of(kinds.validatingAdmissionPolicies)
  return {
    name: 'validatingadmissionpolicy-status',
    concurrency: 5,
    sources: [source(kinds.validatingAdmissionPolicies, ({ metadata }) => [metadata.name])],
    observe(key) {
      const policy = policies.get(key)
      return policy && { policy, schema }
    },
    reconcile: reconcileTypeChecking,
  }
}
