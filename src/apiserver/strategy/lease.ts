import type { Lease } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Strategy } from './strategy.ts'

/** As pkg/registry/coordination/lease while coordinated leader election is off, as it is by default. */
export const leaseStrategy: Strategy = {
  createsOnUpdate: true,
  needsVersion: true,
  prepareCreate: withoutElection,
  prepareUpdate(after, before) {
    const { spec } = before as Lease
    const isKept = spec?.strategy !== undefined || spec?.preferredHolder !== undefined
    return isKept ? after : withoutElection(after)
  },
}

function withoutElection(lease: ApiObject): ApiObject {
  const { spec } = lease as Lease
  if (spec?.strategy === undefined && spec?.preferredHolder === undefined) return lease
  const { strategy: _, preferredHolder: _1, ...rest } = spec
  return { ...lease, spec: rest } as ApiObject
}
