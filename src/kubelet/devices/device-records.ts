import type { containerAllocateResponse } from '../../api/rpc/device-plugin.generated.ts'
import type { Received } from '../../api/rpc/message.ts'
import { type Disk, DiskError } from '../../ports/disk.ts'

export type AllocateResponse = Received<typeof containerAllocateResponse>

/** Devices of one resource that one container of a pod was given, and what their plugin said is to be done for them. */
export type DeviceRecord = Readonly<{
  podUid: string
  container: string
  resource: string
  devices: readonly string[]
  /** NUMA nodes of those devices that have any. */
  numaNodes: Readonly<Record<string, readonly number[]>>
  response: AllocateResponse
}>

/** What must outlive the kubelet: containers that run go on with what they have been given. */
export type DeviceCheckpoint = Readonly<{ records: readonly DeviceRecord[]; resources: readonly string[] }>

const none: DeviceCheckpoint = { records: [], resources: [] }

/** Nothing where there is none, or a crash of the machine has torn it. */
export async function readDeviceCheckpoint(disk: Disk, path: string): Promise<DeviceCheckpoint> {
  try {
    return JSON.parse(new TextDecoder().decode(await disk.readFile(path))) as DeviceCheckpoint
  } catch (error) {
    if ((error instanceof DiskError && error.code === 'NotFound') || error instanceof SyntaxError) return none
    throw error
  }
}

export function writeDeviceCheckpoint(disk: Disk, path: string, checkpoint: DeviceCheckpoint): Promise<void> {
  return disk.writeFile(path, new TextEncoder().encode(JSON.stringify(checkpoint)), { mode: 0o600, durable: true })
}

/** Of one resource. */
export function devicesInUse(records: readonly DeviceRecord[], resource: string): ReadonlySet<string> {
  return new Set(records.flatMap((record) => (record.resource === resource ? record.devices : [])))
}

export function recordOf(
  records: readonly DeviceRecord[],
  podUid: string,
  container: string,
  resource: string,
): DeviceRecord | undefined {
  return records.find(
    (record) => record.podUid === podUid && record.container === container && record.resource === resource,
  )
}
