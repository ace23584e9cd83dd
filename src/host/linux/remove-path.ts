import type { Stats } from 'node:fs'
import { lstat, readdir, realpath, rmdir, unlink } from 'node:fs/promises'
import path from 'node:path'
import { DiskError } from '../../ports/disk.ts'
import { diskErrorOf } from './disk-error.ts'
import { mountPointsUnder } from './mount-table.ts'

/**
 * Removes a file or a whole tree; no error when there is none. Where something is mounted in the tree, nothing at all is removed: what
 * is mounted there (a volume, a folder of the host) belongs to others.
 */
export async function removePath(file: string): Promise<void> {
  const found = await ifThere(file, () => lstat(file))
  if (found === undefined) return
  if (!found.isDirectory()) return void (await ifThere(file, () => unlink(file)))
  const mounted = await mountWithin(await realpath(file))
  if (mounted !== undefined) throw new DiskError('Other', file, `EBUSY: ${mounted} is a mount point`)
  await removeTree(file, found.dev)
}

/** A bind mount has the device of its source, so only the table of mounts can tell. */
async function mountWithin(folder: string): Promise<string | undefined> {
  return (await mountPointsUnder(folder)).at(-1)
}

async function removeTree(folder: string, device: number): Promise<void> {
  for (const name of (await ifThere(folder, () => readdir(folder))) ?? []) {
    const file = path.join(folder, name)
    const found: Stats | undefined = await ifThere(file, () => lstat(file))
    if (found === undefined) continue
    if (!found.isDirectory()) await ifThere(file, () => unlink(file))
    else if (found.dev === device) await removeTree(file, device)
    else throw new DiskError('Other', file, `EBUSY: ${file} is a mount point`)
  }
  await ifThere(folder, () => rmdir(folder))
}

async function ifThere<T>(file: string, run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run()
  } catch (error) {
    const { code } = diskErrorOf(file, error)
    if (code === 'NotFound' || code === 'NotADirectory') return undefined
    throw error
  }
}
