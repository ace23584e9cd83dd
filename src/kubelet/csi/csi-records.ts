import { type Disk, DiskError } from '../../ports/disk.ts'
import type { CsiVolume } from './csi-source.ts'

/** What must be known of a volume that a driver was asked for, to give it back, by whichever kubelet. */
export type CsiRecord = Pick<CsiVolume, 'name' | 'driver' | 'handle' | 'isBlock' | 'lifecycle'> &
  Readonly<{
    /** It must be attached to the node. */
    isAttached: boolean
    /** The driver has said that it is there, in this life of the machine. */
    doneInBoot: string
  }>

const fileName = 'vol_data.json'

/** Undefined where there is none, or a crash of the machine has torn it. */
export async function readCsiRecord(disk: Disk, folder: string): Promise<CsiRecord | undefined> {
  try {
    return JSON.parse(new TextDecoder().decode(await disk.readFile(`${folder}/${fileName}`))) as CsiRecord
  } catch (error) {
    if ((error instanceof DiskError && error.code === 'NotFound') || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Before the driver is asked: what it may have begun must be undone. */
export async function writeCsiRecord(disk: Disk, folder: string, record: CsiRecord): Promise<void> {
  await disk.makeDirectory(folder, 0o750)
  const text = new TextEncoder().encode(JSON.stringify(record))
  await disk.writeFile(`${folder}/${fileName}`, text, { mode: 0o600, durable: true })
}

export async function listOrNone(disk: Disk, folder: string): Promise<readonly string[]> {
  try {
    return await disk.list(folder)
  } catch (error) {
    if (error instanceof DiskError && error.code === 'NotFound') return []
    throw error
  }
}
