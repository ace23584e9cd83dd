// Defaults of flow control and of devices.
import { filling, fillingAbsent, type Rule } from './rule.ts'

const flowControl = 'io.k8s.api.flowcontrol.v1'

/** Numbers that are no pointers: 0 is taken for nothing said. */
function fillingZero(fields: Readonly<Record<string, number>>): Rule {
  return (struct) => {
    const missing = Object.entries(fields).filter(([key]) => (struct[key] ?? 0) === 0)
    return missing.length === 0 ? struct : { ...struct, ...Object.fromEntries(missing) }
  }
}

/** One device, unless all are asked for. */
const deviceRequest: Rule = (struct) => {
  const moded = filling({ allocationMode: 'ExactCount' })(struct)
  return moded.allocationMode === 'ExactCount' ? fillingZero({ count: 1 })(moded) : moded
}

export const flowControlRules: Readonly<Record<string, Rule>> = {
  [`${flowControl}.FlowSchemaSpec`]: fillingZero({ matchingPrecedence: 1000 }),
  [`${flowControl}.ExemptPriorityLevelConfiguration`]: fillingAbsent({
    nominalConcurrencyShares: 0,
    lendablePercent: 0,
  }),
  [`${flowControl}.LimitedPriorityLevelConfiguration`]: fillingAbsent({
    nominalConcurrencyShares: 30,
    lendablePercent: 0,
  }),
  'io.k8s.api.resource.v1.ExactDeviceRequest': deviceRequest,
  'io.k8s.api.resource.v1.DeviceSubRequest': deviceRequest,
  [`${flowControl}.QueuingConfiguration`]: fillingZero({ handSize: 8, queues: 64, queueLengthLimit: 50 }),
}
