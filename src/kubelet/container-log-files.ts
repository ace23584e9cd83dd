import { type Disk, DiskError, type FileStat } from '../ports/disk.ts'

/** What rotation has put aside of a log, oldest first: beside it, under its name and the time. */
export async function rotatedLogs(disk: Disk, logPath: string): Promise<readonly string[]> {
  const slash = logPath.lastIndexOf('/')
  const [folder, name] = [logPath.slice(0, slash), logPath.slice(slash + 1)]
  const names = await disk.list(folder).catch(emptyIfMissing)
  return names.filter((one) => one.startsWith(`${name}.`)).map((one) => `${folder}/${one}`)
}

/** `path`: where the file that is being read is now; `next`: the one that goes on after it, if there is one already. */
export type LogPlace = Readonly<{ path: string | undefined; next: number | undefined }>

/** Finds the file with this inode: a rotation renames it while it is read, and its writer goes on in it until it has opened another. */
export async function placeOfLog(disk: Disk, logPath: string, inode: number): Promise<LogPlace> {
  if ((await statOf(disk, logPath))?.inode === inode) return { path: logPath, next: undefined }
  const files = [...(await rotatedLogs(disk, logPath)), logPath]
  const inodes = await Promise.all(files.map(async (file) => (await statOf(disk, file))?.inode))
  const at = inodes.indexOf(inode)
  // Read too slowly: it has been removed meanwhile, and reading goes on with the oldest that is left.
  return { path: files[at], next: inodes.slice(at + 1).find((one) => one !== undefined) }
}

/** Undefined where there is no such file. */
export function statOf(disk: Disk, path: string): Promise<FileStat | undefined> {
  return disk.stat(path).catch((error: unknown) => {
    if (error instanceof DiskError && error.code === 'NotFound') return undefined
    throw error
  })
}

function emptyIfMissing(error: unknown): readonly string[] {
  if (error instanceof DiskError && error.code === 'NotFound') return []
  throw error
}
