import { fail, ok, type Result } from '../../api/result.ts'
import { type Disk, DiskError, type FileStat } from '../../ports/disk.ts'
import type { Mounts } from '../../ports/mounts.ts'

/** As the kernel: more links than this are taken for a loop. */
const mostLinks = 40

export type SubPathRequest = Readonly<{
  volumePath: string
  subPath: string
  /** Where it is bound to, so that what the container does to the volume later changes nothing. */
  target: string
}>

/**
 * Binds a path within a volume to a place of its own, and gives that place. A container of the pod may have put symbolic links into the
 * volume, and may change them at any moment: links are followed within the volume only, and after binding it is made sure that what was
 * bound is still what stands there.
 */
export async function bindSubPath(
  disk: Disk,
  mounts: Mounts,
  request: SubPathRequest,
): Promise<Result<string, string>> {
  const { volumePath, subPath, target } = request
  if (subPath.startsWith('/')) return fail(`error SubPath \`${subPath}\` must not be an absolute path`)
  if (subPath.split('/').includes('..'))
    return fail(`unable to provision SubPath \`${subPath}\`: must not contain '..'`)
  const bound = await mounts.list(target)
  if (bound.includes(target)) return ok(target)
  const found = await resolveWithin(disk, volumePath, subPath, true)
  if (found === undefined) return fail('escapes')
  await makeTarget(disk, target, found.stat)
  const own = await disk.stat(target)
  const mounted = await mounts.mount([{ type: 'bind', source: found.path, target, readOnly: false }])
  if (!mounted.ok) return fail(mounted.error.message)
  const again = await resolveWithin(disk, volumePath, subPath, false)
  const shown = await disk.stat(target)
  // A simulated disk does not show what is mounted: there the target stays what it was.
  const same = shown.inode === found.stat.inode || shown.inode === own.inode
  if (same && again?.path === found.path && again.stat.inode === found.stat.inode) return ok(target)
  await mounts.unmount([target])
  return fail('changed while it was bound')
}

async function makeTarget(disk: Disk, target: string, { type }: FileStat): Promise<void> {
  if (type === 'directory') return disk.makeDirectory(target, 0o750)
  await disk.makeDirectory(target.slice(0, target.lastIndexOf('/')), 0o750)
  if (!(await disk.exists(target))) await disk.writeFile(target, new Uint8Array(), { mode: 0o640 })
}

type Found = Readonly<{ path: string; stat: FileStat }>

/** Walks the path part by part; missing folders are made with the volume's mode. Undefined when a link leads out of the volume. */
export async function resolveWithin(
  disk: Disk,
  root: string,
  subPath: string,
  create: boolean,
): Promise<Found | undefined> {
  const left = subPath.split('/').filter((part) => part !== '' && part !== '.')
  const inside: string[] = []
  let links = 0
  for (let part = left.shift(); part !== undefined; part = left.shift()) {
    if (part === '..') {
      if (inside.pop() === undefined) return undefined
      continue
    }
    const path = [root, ...inside, part].join('/')
    const stat = await statOrMake(disk, root, path, create)
    if (stat === undefined) return undefined
    if (stat.type !== 'symlink') {
      inside.push(part)
      continue
    }
    const target = await disk.readSymlink(path)
    if (target.startsWith('/') || ++links > mostLinks) return undefined
    left.unshift(...target.split('/').filter((piece) => piece !== '' && piece !== '.'))
  }
  const path = [root, ...inside].join('/')
  return { path, stat: await disk.stat(path) }
}

async function statOrMake(disk: Disk, root: string, path: string, create: boolean): Promise<FileStat | undefined> {
  try {
    return await disk.stat(path)
  } catch (error) {
    if (!(error instanceof DiskError && error.code === 'NotFound')) throw error
    if (!create) return undefined
    const { mode, uid, gid } = await disk.stat(root)
    await disk.makeDirectory(path)
    await disk.setMode(path, mode & 0o7777)
    await disk.setOwner(path, uid, gid)
    return disk.stat(path)
  }
}
