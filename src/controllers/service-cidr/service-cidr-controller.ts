import type { IPAddress } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { holdsAddress, type ObservedServiceCidr, reconcileServiceCidr } from './service-cidr.ts'

const managedBy = 'ipaddress.kubernetes.io/managed-by'
const allocator = 'ipallocator.k8s.io'

export function serviceCidrController({ informers, clock }: ControllerDeps): Controller<ObservedServiceCidr> {
  const ranges = informers.of(kinds.serviceCidrs)
  const addresses = informers.of(kinds.ipAddresses)
  const isManaged = ({ metadata }: Stored<IPAddress>): boolean => metadata.labels?.[managedBy] === allocator
  return {
    name: 'service-cidr-controller',
    concurrency: 5,
    sources: [
      // A range that comes or goes changes what others are needed for.
      source(kinds.serviceCidrs, () => ranges.list().map(({ metadata }) => metadata.name)),
      source(kinds.ipAddresses, (address) => {
        if (!isManaged(address)) return []
        const around = ranges.list().filter((range) => holdsAddress(range, address.metadata.name))
        return around.map(({ metadata }) => metadata.name)
      }),
    ],
    observe(key) {
      const range = ranges.get(key)
      if (range === undefined) return undefined
      const isLeaving = range.metadata.deletionTimestamp !== undefined
      return {
        range,
        ranges: ranges.list(),
        addresses: isLeaving ? addresses.list().filter(isManaged) : [],
        nowMs: clock.nowMs(),
      }
    },
    reconcile: reconcileServiceCidr,
  }
}
