import type { Disk } from '../../ports/disk.ts'

const setGroupId = 0o2000

/** Gives a volume to the pod's fsGroup: the group may read and write (or only read), and what is made in it belongs to it as well. */
export async function setGroup(disk: Disk, path: string, group: number, readOnly: boolean): Promise<void> {
  const { type, mode, uid } = await disk.stat(path)
  if (type === 'directory') {
    for (const name of await disk.list(path)) await setGroup(disk, `${path}/${name}`, group, readOnly)
  }
  await disk.setOwner(path, uid, group)
  if (type === 'symlink') return
  const access = readOnly ? 0o440 : 0o660
  await disk.setMode(path, (mode & 0o7777) | access | (type === 'directory' ? setGroupId | 0o110 : 0))
}

/** Whether a folder's own mode and group are as setGroup leaves them: what is in it is taken to be, too (OnRootMismatch). */
export async function hasGroup(disk: Disk, path: string, group: number): Promise<boolean> {
  const { mode, gid } = await disk.stat(path)
  const wanted = setGroupId | 0o660 | 0o110
  return gid === group && (mode & wanted) === wanted
}
