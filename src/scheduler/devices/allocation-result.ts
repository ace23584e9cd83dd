import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  Node,
  NodeSelector,
  NodeSelectorRequirement,
} from '../../api/kinds.generated.ts'
import type { Claim } from '../../api/resource-claim.ts'
import { type PooledDevice, placeOf } from './device-pools.ts'
import type { Taken } from './device-search.ts'

/** What is written into the claim: its devices, what is to be told to their drivers, and where it can be used. */
export function allocationResult(
  claim: Claim,
  taken: readonly Taken[],
  node: Node,
  newShareId: () => string,
): AllocationResult {
  const results = taken.map((one) => resultOf(one, newShareId))
  const config = [...classConfigs(taken), ...claimConfigs(claim, taken)]
  const nodeSelector = reachableFrom(
    taken.map(({ device }) => device),
    node,
  )
  return {
    devices: { results, ...(config.length === 0 ? {} : { config }) },
    ...(nodeSelector && { nodeSelector }),
  }
}

function resultOf(
  { alternative: { name, request }, device: { driver, pool, device }, consumed }: Taken,
  newShareId: () => string,
): DeviceRequestAllocationResult {
  const { bindingConditions = [], bindingFailureConditions = [] } = device
  return {
    request: name,
    driver,
    pool,
    device: device.name,
    ...(request.adminAccess === true && { adminAccess: true }),
    ...(request.tolerations && { tolerations: request.tolerations }),
    ...(consumed && { shareID: newShareId() }),
    ...(consumed && Object.keys(consumed).length > 0 && { consumedCapacity: consumed }),
    ...(bindingConditions.length > 0 && { bindingConditions }),
    ...(bindingFailureConditions.length > 0 && { bindingFailureConditions }),
  }
}

/** Those of each class once, for all requests of it. */
function classConfigs(taken: readonly Taken[]): readonly DeviceAllocationConfiguration[] {
  const names = new Map<string, Set<string>>()
  for (const { alternative } of taken) {
    const known = names.get(alternative.deviceClass.metadata.name) ?? new Set()
    names.set(alternative.deviceClass.metadata.name, known.add(alternative.name))
  }
  return [...names].flatMap(([className, requests]) => {
    const deviceClass = taken.find(({ alternative }) => alternative.deviceClass.metadata.name === className)
      ?.alternative.deviceClass
    return (deviceClass?.spec.config ?? []).map((one) => ({ ...one, source: 'FromClass', requests: [...requests] }))
  })
}

/** Those that are for other choices of a request are left out. */
function claimConfigs({ spec }: Claim, taken: readonly Taken[]): readonly DeviceAllocationConfiguration[] {
  const chosen = taken.flatMap(({ alternative: { name } }) => [name, name.split('/')[0] ?? name])
  return (spec.devices?.config ?? [])
    .filter(({ requests = [] }) => requests.length === 0 || requests.some((name) => chosen.includes(name)))
    .map((one) => ({ ...one, source: 'FromClaim' }))
}

/** Undefined: from everywhere. */
function reachableFrom(devices: readonly PooledDevice[], node: Node): NodeSelector | undefined {
  const [fields, expressions] = [new Map<string, NodeSelectorRequirement>(), new Map<string, NodeSelectorRequirement>()]
  for (const device of devices) {
    const { nodeName = '', nodeSelector } = placeOf(device)
    if (nodeName !== '' || device.device.bindsToNode === true) {
      const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node.metadata?.name ?? ''] }]
      return { nodeSelectorTerms: [{ matchFields }] }
    }
    const [term] = nodeSelector?.nodeSelectorTerms ?? []
    for (const one of term?.matchFields ?? []) fields.set(JSON.stringify(one), one)
    for (const one of term?.matchExpressions ?? []) expressions.set(JSON.stringify(one), one)
  }
  if (fields.size + expressions.size === 0) return undefined
  const term = {
    ...(fields.size === 0 ? {} : { matchFields: [...fields.values()] }),
    ...(expressions.size === 0 ? {} : { matchExpressions: [...expressions.values()] }),
  }
  return { nodeSelectorTerms: [term] }
}
