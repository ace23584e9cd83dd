import type { ResourceSlice } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Strategy } from './strategy.ts'

/** As pkg/apis/resource/v1's defaults: a taint whose time nobody tells begins now. */
export const resourceSliceStrategy: Strategy = {
  deleteReturnsObject: true,
  prepareCreate: (slice, { nowMs }) => withTimes(slice, nowMs),
  prepareUpdate: (slice, _, nowMs) => withTimes(slice, nowMs),
}

function withTimes(slice: ApiObject, nowMs: number): ApiObject {
  const { spec } = slice as ResourceSlice
  const devices = spec?.devices ?? []
  if (!devices.some(({ taints }) => taints?.some(({ timeAdded }) => timeAdded === undefined))) return slice
  const timed = devices.map((device) =>
    device.taints === undefined
      ? device
      : { ...device, taints: device.taints.map((taint) => ({ timeAdded: timestampOf(nowMs), ...taint })) },
  )
  return { ...slice, spec: { ...spec, devices: timed } } as ApiObject
}
