import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  NodeSelector,
  NodeSelectorRequirement,
} from '../../api/kinds.generated.ts'
import type { Claim } from '../../api/resource-claim.ts'
import { type PooledDevice, placeOf } from './device-pools.ts'
import type { Taken } from './device-search.ts'

/** What is written into the claim: its devices, what is to be told to their drivers, and where it can be used. */
export function allocationResult(claim: Claim, taken: readonly Taken[]): AllocationResult {
  const results = taken.map(({ alternative: { name, request }, device: { driver, pool, device } }) => ({
    request: name,
    driver,
    pool,
    device: device.name,
    ...(request.adminAccess === true ? { adminAccess: true } : {}),
    ...(request.tolerations === undefined ? {} : { tolerations: request.tolerations }),
  }))
  const config = [...classConfigs(taken), ...claimConfigs(claim, taken)]
  const nodeSelector = reachableFrom(taken.map(({ device }) => device))
  return {
    devices: { results, ...(config.length === 0 ? {} : { config }) },
    ...(nodeSelector && { nodeSelector }),
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
function reachableFrom(devices: readonly PooledDevice[]): NodeSelector | undefined {
  const [fields, expressions] = [new Map<string, NodeSelectorRequirement>(), new Map<string, NodeSelectorRequirement>()]
  for (const { nodeName = '', nodeSelector } of devices.map(placeOf)) {
    if (nodeName !== '') {
      const matchFields = [{ key: 'metadata.name', operator: 'In', values: [nodeName] }]
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
