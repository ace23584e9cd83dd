import type {
  DeviceClass,
  DeviceRequest,
  DeviceSelector,
  DeviceTaint,
  DeviceToleration,
  ExactDeviceRequest,
} from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { type Claim, toleratesDeviceTaint } from '../../api/resource-claim.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { hasRoomFor } from './consumed-capacity.ts'
import type { DevicePool, PooledDevice } from './device-pools.ts'
import type { DeviceView } from './device-view.ts'
import type { DevicesInUse } from './devices-in-use.ts'

/** One way to satisfy a request: the request itself, or one of those of which the first available is wanted. */
export type Alternative = Readonly<{
  /** As results name it: 'gpu' or 'gpu/large'. */
  name: string
  request: ExactDeviceRequest
  deviceClass: Stored<DeviceClass>
  /** Whether every one of the candidates is wanted. */
  isAll: boolean
  count: number
  candidates: readonly PooledDevice[]
}>

/** By request, its alternatives in the order of preference. The error: why no device can be chosen. */
export function alternativesOf(
  claim: Claim,
  pools: readonly DevicePool[],
  inUse: DevicesInUse,
  view: DeviceView,
): Result<readonly (readonly Alternative[])[], string> {
  const requests: Alternative[][] = []
  for (const request of claim.spec.devices?.requests ?? []) {
    const alternatives: Alternative[] = []
    for (const [name, exact] of exactRequests(request)) {
      const alternative = alternativeFor(claim, name, exact, pools, inUse, view)
      if (!alternative.ok) return alternative
      if (alternative.value !== undefined) alternatives.push(alternative.value)
    }
    requests.push(alternatives)
  }
  return ok(requests)
}

export function exactRequests({
  name,
  exactly,
  firstAvailable = [],
}: DeviceRequest): readonly (readonly [string, ExactDeviceRequest])[] {
  if (exactly !== undefined) return [[name, exactly]]
  return firstAvailable.map((one) => [`${name}/${one.name}`, one])
}

/** Undefined: all devices are asked for, and there is none. */
function alternativeFor(
  { metadata }: Claim,
  name: string,
  request: ExactDeviceRequest,
  pools: readonly DevicePool[],
  inUse: DevicesInUse,
  view: DeviceView,
): Result<Alternative | undefined, string> {
  const where = `claim ${metadata.namespace}/${metadata.name}, request ${name}`
  const { deviceClassName, allocationMode = 'ExactCount', count = 1, selectors = [] } = request
  const deviceClass = view.deviceClass(deviceClassName)
  if (deviceClass === undefined) return fail(`request ${name}: device class ${deviceClassName} does not exist`)
  const isAll = allocationMode === 'All'
  const unusable = isAll ? pools.find(({ state }) => state !== 'complete') : undefined
  if (unusable !== undefined) {
    const why = unusable.state === 'invalid' ? 'invalid' : 'being updated'
    return fail(`${where}: asks for all devices, but resource pool ${unusable.id} is currently ${why}`)
  }
  const candidates: PooledDevice[] = []
  for (const device of pools.filter(({ state }) => state === 'complete').flatMap(({ devices }) => devices)) {
    const matches = isSelected(device, deviceClass, selectors, view)
    if (!matches.ok) return fail(`claim ${metadata.namespace}/${metadata.name}: ${matches.error}`)
    if (matches.value && (!isAll || hasRoomFor(device.id, device.device, request.capacity, inUse.capacity)))
      candidates.push(device)
  }
  if (isAll && candidates.length === 0) return ok(undefined)
  return ok({ name, request, deviceClass, isAll, count: isAll ? candidates.length : count, candidates })
}

function isSelected(
  device: PooledDevice,
  { metadata, spec }: Stored<DeviceClass>,
  selectors: readonly DeviceSelector[],
  { matches }: DeviceView,
): Result<boolean, string> {
  const byClass = matches(spec.selectors ?? [], device)
  if (!byClass.ok) return fail(`class ${metadata.name}: ${byClass.error}`)
  return byClass.value ? matches(selectors, device) : byClass
}

/** Also who only looks at a device has to tolerate what keeps others from it. */
export function toleratesAll(tolerations: readonly DeviceToleration[], taints: readonly DeviceTaint[]): boolean {
  return taints
    .filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute')
    .every((taint) => tolerations.some((toleration) => toleratesDeviceTaint(toleration, taint)))
}
