import { type Disk, DiskError } from '../../ports/disk.ts'
import type { Log } from '../../ports/log.ts'
import { type CdiSpec, parseCdiSpec } from './cdi-spec.ts'

/** Where vendors put their specifications, the one with precedence last. */
const folders = ['/etc/cdi', '/var/run/cdi']

/** By folder. What is no specification is passed over, and told of. */
export async function readCdiSpecs({
  disk,
  log,
}: Readonly<{ disk: Disk; log: Log }>): Promise<readonly (readonly CdiSpec[])[]> {
  return Promise.all(
    folders.map(async (folder) => {
      const names = (await listed(disk, folder)).filter((name) => /\.(json|yaml)$/.test(name))
      const specs: CdiSpec[] = []
      for (const name of names) {
        const spec = parseCdiSpec(new TextDecoder().decode(await disk.readFile(`${folder}/${name}`)))
        if (spec.ok) specs.push(spec.value)
        else log.warn('a CDI specification cannot be used', { path: `${folder}/${name}`, message: spec.error })
      }
      return specs
    }),
  )
}

async function listed(disk: Disk, folder: string): Promise<readonly string[]> {
  try {
    return await disk.list(folder)
  } catch (error) {
    if (error instanceof DiskError && (error.code === 'NotFound' || error.code === 'NotADirectory')) return []
    throw error
  }
}
