import { type Disk, DiskError } from '../ports/disk.ts'

/** Where the original's kubelet lives, which drivers have as a hostPath. */
const wellKnown = '/var/lib/kubelet'

/**
 * Makes the well-known folder a link to this cluster's, unless it is somebody else's: another cluster's, or a kubelet's that is no part of
 * one. Gives the name by which drivers know the folder.
 */
export async function claimDriverRoot(disk: Disk, directory: string): Promise<string> {
  try {
    await disk.makeDirectory('/var/lib')
    await disk.makeDirectory(directory)
    if (await isLeftBehind(disk)) await disk.remove(wellKnown)
    await disk.makeSymlink(wellKnown, directory)
    return wellKnown
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    return (await linkTarget(disk)) === directory ? wellKnown : directory
  }
}

export async function releaseDriverRoot(disk: Disk, directory: string): Promise<void> {
  if ((await linkTarget(disk)) === directory) await disk.remove(wellKnown)
}

/** The cluster that it led to is no more. */
async function isLeftBehind(disk: Disk): Promise<boolean> {
  const target = await linkTarget(disk)
  return target !== undefined && !(await disk.exists(target))
}

async function linkTarget(disk: Disk): Promise<string | undefined> {
  try {
    return (await disk.stat(wellKnown)).type === 'symlink' ? await disk.readSymlink(wellKnown) : undefined
  } catch (error) {
    if (error instanceof DiskError && error.code === 'NotFound') return undefined
    throw error
  }
}
