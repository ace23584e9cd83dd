import { type Disk, DiskError } from '../../ports/disk.ts'

export type PreparedDevice = Readonly<{
  driver: string
  pool: string
  device: string
  requests: readonly string[]
  cdiDevices: readonly string[]
  shareId?: string
}>

/** A claim that drivers have been asked to prepare on this node, and the pods that it is prepared for. */
export type ClaimRecord = Readonly<{
  namespace: string
  name: string
  uid: string
  drivers: readonly string[]
  pods: readonly string[]
  devices: readonly PreparedDevice[]
  isPrepared: boolean
}>

/** Nothing where there is none, or a crash of the machine has torn it: what is prepared may be prepared again. */
export async function readClaimRecords(disk: Disk, path: string): Promise<readonly ClaimRecord[]> {
  try {
    return JSON.parse(new TextDecoder().decode(await disk.readFile(path))) as readonly ClaimRecord[]
  } catch (error) {
    if ((error instanceof DiskError && error.code === 'NotFound') || error instanceof SyntaxError) return []
    throw error
  }
}

export function writeClaimRecords(disk: Disk, path: string, records: readonly ClaimRecord[]): Promise<void> {
  return disk.writeFile(path, new TextEncoder().encode(JSON.stringify(records)), { mode: 0o600, durable: true })
}

/** Whether a container that names the request wants the device; '' names all of the claim. */
export function isForRequest({ requests }: PreparedDevice, request: string): boolean {
  return request === '' || requests.some((name) => name === request || name.startsWith(`${request}/`))
}
