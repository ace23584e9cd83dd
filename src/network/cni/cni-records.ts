import { type Disk, DiskError } from '../../ports/disk.ts'
import type { Log } from '../../ports/log.ts'
import type { PodNetwork } from '../../runtime/pod-network.ts'
import type { SandboxSpec } from '../../runtime/pod-runtime.ts'

export type CniRecord = Readonly<{ netns: string; portMappings: SandboxSpec['portMappings'] }>

/** Which sandboxes a runtime has had attached, and with which ports: a file each, for the next process. */
export interface CniRecords {
  has(id: string): boolean
  all(): ReadonlyMap<string, CniRecord>
  put(id: string, record: CniRecord): Promise<void>
  remove(id: string): Promise<void>
}

export async function openCniRecords(disk: Disk, directory: string): Promise<CniRecords> {
  await disk.makeDirectory(directory)
  const records = new Map<string, CniRecord>()
  for (const file of await disk.list(directory)) {
    const record = await readRecord(disk, `${directory}/${file}`)
    if (record !== undefined) records.set(file.replace(/\.json$/, ''), record)
  }
  return {
    has: (id) => records.has(id),
    all: () => records,
    async put(id, record) {
      records.set(id, record)
      await disk.writeFile(`${directory}/${id}.json`, new TextEncoder().encode(JSON.stringify(record)))
    },
    async remove(id) {
      records.delete(id)
      await disk.remove(`${directory}/${id}.json`)
    },
  }
}

/** Undefined for one that a crash of the machine has torn: its sandbox did not survive either. */
async function readRecord(disk: Disk, path: string): Promise<CniRecord | undefined> {
  try {
    return JSON.parse(new TextDecoder().decode(await disk.readFile(path))) as CniRecord
  } catch (error) {
    if (error instanceof DiskError) throw error
    return undefined
  }
}

/** Publishes the ports of pods that an earlier process attached. A sandbox whose namespace is gone is forgotten. */
export async function republish(network: PodNetwork, records: CniRecords, log: Log): Promise<void> {
  for (const [id, { netns, portMappings }] of [...records.all()]) {
    const attached = await network.attach(id, netns, portMappings)
    if (attached.ok) continue
    log.info('a sandbox that was attached is gone', { sandbox: id, message: attached.error.message })
    await network.detach(id, netns)
    await records.remove(id)
  }
}
