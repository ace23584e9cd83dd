import { fail, ok } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Disk } from '../../ports/disk.ts'
import type { MountError, MountRequest, Mounts } from '../../ports/mounts.ts'

/** A fault makes the next call that matches fail; it can be set and cleared between calls. */
export type MountFaults = { mount?: MountError | undefined; unmount?: MountError | undefined }

export type SimMountsOptions = Readonly<{
  clock: Clock
  /** Where targets must exist; absent: they always do. */
  disk?: Disk
  faults?: MountFaults
  mountMs?: number
}>

export interface SimMounts extends Mounts {
  /** The machine crashes: all mounts are gone. */
  crash(): void
}

export function simMounts({ clock, disk, faults = {}, mountMs = 7 }: SimMountsOptions): SimMounts {
  let table: readonly string[] = []
  const under = (folder: string): readonly string[] =>
    table.filter((point) => point === folder || point.startsWith(`${folder}/`)).reverse()
  const refusal = async (request: MountRequest): Promise<MountError | undefined> => {
    if (faults.mount !== undefined) return faults.mount
    if (request.type === 'overlay' && request.lower.join(':').length > 4000)
      return { code: 'TooLong', message: 'the options are more than mount takes' }
    if (disk !== undefined && !(await disk.exists(request.target)))
      return { code: 'NotFound', message: `mount: ${request.target}: mount point does not exist.` }
    return undefined
  }
  return {
    async mount(requests) {
      const before = table
      for (const request of requests) {
        await clock.sleep(mountMs)
        const error = await refusal(request)
        if (error !== undefined) {
          table = before
          return fail(error)
        }
        table = [...table, request.target]
      }
      return ok(undefined)
    },
    async unmount(targets) {
      await clock.sleep(targets.length === 0 ? 0 : mountMs)
      if (faults.unmount !== undefined) return fail(faults.unmount)
      const gone = new Set(targets.flatMap(under))
      table = table.filter((point) => !gone.has(point))
      return ok(undefined)
    },
    list: async (folder) => under(folder),
    crash() {
      table = []
    },
  }
}
