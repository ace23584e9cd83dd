import type { ResourceV1ResourceClaim } from '../kinds.generated.ts'
import { quantityOfUnits } from '../quantity.ts'
import type { Evaluator } from './evaluator.ts'

const count = 'count/resourceclaims.resource.k8s.io'
/** Quotas of one class of devices: 'gpu.deviceclass.resource.k8s.io/devices'. */
const ofClass = '.deviceclass.resource.k8s.io/devices'
/** The most that one claim is ever given. */
const mostDevices = 32

type Asked = Readonly<{ deviceClassName: string; allocationMode?: string; count?: number }>

/** Claims for devices. What pods ask for by the name of an extended resource is charged to the pods alone. */
export const deviceClaimEvaluator: Evaluator = {
  tracks: (name) => name === count || name.endsWith(ofClass),
  matchesScope: () => false,
  usage(object) {
    const devices = new Map<string, number>()
    for (const { exactly, firstAvailable = [] } of (object as ResourceV1ResourceClaim).spec?.devices?.requests ?? []) {
      // Of alternatives the worst, class by class.
      const worst = new Map<string, number>()
      for (const asked of exactly === undefined ? firstAvailable : [exactly]) {
        const { deviceClassName } = asked
        worst.set(deviceClassName, Math.max(worst.get(deviceClassName) ?? 0, devicesOf(asked)))
      }
      for (const [name, number] of worst) devices.set(name, (devices.get(name) ?? 0) + number)
    }
    const byClass = [...devices].map(([name, number]) => [`${name}${ofClass}`, quantityOfUnits(number)] as const)
    return new Map([[count, quantityOfUnits(1)], ...byClass])
  },
}

function devicesOf({ allocationMode, count: exact = 0 }: Asked): number {
  if (allocationMode === 'All') return mostDevices
  return allocationMode === 'ExactCount' ? exact : 0
}
