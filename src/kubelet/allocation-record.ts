import type { Disk } from '../ports/disk.ts'
import { DiskError } from '../ports/disk.ts'
import type { PodAllocation } from './pod-allocation.ts'
import { podDirectory } from './pod-paths.ts'
import type { Actuated } from './resize-plan.ts'

/** What a kubelet that starts again must know of a pod's resources: nothing else tells what was granted. */
export type AllocationRecord = Readonly<{ allocation: PodAllocation; actuated: Actuated }>

type Place = Readonly<{ disk: Disk; config: Readonly<{ rootDirectory: string }> }>
type Written = Readonly<{
  allocation: PodAllocation
  actuated: Readonly<{ pod?: NonNullable<Actuated['pod']>; containers: readonly (readonly [string, object])[] }>
}>

export async function writeAllocation({ disk, config }: Place, uid: string, record: AllocationRecord): Promise<void> {
  const { allocation, actuated } = record
  const written: Written = {
    allocation,
    actuated: { ...(actuated.pod && { pod: actuated.pod }), containers: [...actuated.containers] },
  }
  const directory = podDirectory(config.rootDirectory, uid)
  await disk.makeDirectory(directory, 0o750)
  // A rename never shows half a file.
  await disk.writeFile(`${directory}/resources.json.new`, new TextEncoder().encode(JSON.stringify(written)))
  await disk.rename(`${directory}/resources.json.new`, `${directory}/resources.json`, { durable: true })
}

/** Of all pods that an earlier kubelet has left here, by uid. */
export async function readAllocations(place: Place): Promise<ReadonlyMap<string, AllocationRecord>> {
  const { disk, config } = place
  const records = new Map<string, AllocationRecord>()
  for (const uid of await disk.list(`${config.rootDirectory}/pods`).catch(() => [])) {
    const record = await readAllocation(place, uid)
    if (record !== undefined) records.set(uid, record)
  }
  return records
}

/** Undefined where there is none, or a crash of the machine has torn it. */
async function readAllocation({ disk, config }: Place, uid: string): Promise<AllocationRecord | undefined> {
  try {
    const text = await disk.readFile(`${podDirectory(config.rootDirectory, uid)}/resources.json`)
    const { allocation, actuated } = JSON.parse(new TextDecoder().decode(text)) as Written
    const { pod } = actuated
    return { allocation, actuated: { ...(pod && { pod }), containers: new Map(actuated.containers) } }
  } catch (error) {
    if ((error instanceof DiskError && error.code === 'NotFound') || error instanceof SyntaxError) return undefined
    throw error
  }
}
