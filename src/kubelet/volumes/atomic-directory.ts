import type { Disk } from '../../ports/disk.ts'
import type { Payload, ProjectedFile } from './payload.ts'

const dataLink = '..data'
const nextLink = '..data_tmp'

/**
 * Makes a folder show the payload, so that a reader sees all of the old files or all of the new: they stand in a folder of their own that
 * the link ..data leads to, and is switched over by one rename. Returns whether anything changed. `version` names the new folder;
 * `prepare` is told of it before it is shown.
 */
export async function writeAtomically(
  disk: Disk,
  directory: string,
  payload: Payload,
  version: string,
  prepare: (versionDirectory: string) => Promise<void>,
): Promise<boolean> {
  const old = await disk.readSymlink(`${directory}/${dataLink}`).catch(() => undefined)
  if (old !== undefined && (await shows(disk, `${directory}/${old}`, payload))) {
    await linkVisible(disk, directory, payload)
    return false
  }
  const fresh = `${directory}/${version}`
  await disk.remove(fresh)
  await disk.makeDirectory(fresh, 0o755)
  for (const [path, file] of payload) await writeOne(disk, fresh, path, file)
  await prepare(fresh)
  await disk.remove(`${directory}/${nextLink}`)
  await disk.makeSymlink(`${directory}/${nextLink}`, version)
  await disk.rename(`${directory}/${nextLink}`, `${directory}/${dataLink}`)
  await linkVisible(disk, directory, payload)
  if (old !== undefined && old !== version) await disk.remove(`${directory}/${old}`)
  return true
}

async function writeOne(disk: Disk, root: string, path: string, { content, mode, uid }: ProjectedFile): Promise<void> {
  const slash = path.lastIndexOf('/')
  if (slash > 0) await disk.makeDirectory(`${root}/${path.slice(0, slash)}`, 0o755)
  const target = `${root}/${path}`
  await disk.writeFile(target, content, { mode })
  // The mode given while creating is cut by the umask.
  await disk.setMode(target, mode)
  if (uid !== undefined) await disk.setOwner(target, uid, (await disk.stat(target)).gid)
}

/** Whether the folder holds just these files. */
async function shows(disk: Disk, directory: string, payload: Payload): Promise<boolean> {
  const present = await filesBelow(disk, directory, '')
  if (present.length !== payload.size || present.some((path) => !payload.has(path))) return false
  for (const [path, { content, mode }] of payload) {
    const found = await disk.readFile(`${directory}/${path}`)
    if (found.length !== content.length || found.some((byte, at) => byte !== content[at])) return false
    // Group permissions may have been added for the pod's fsGroup.
    if (((await disk.stat(`${directory}/${path}`)).mode & mode) !== mode) return false
  }
  return true
}

async function filesBelow(disk: Disk, root: string, path: string): Promise<readonly string[]> {
  const names = await disk.list(path === '' ? root : `${root}/${path}`).catch(() => [])
  const files: string[] = []
  for (const name of names) {
    const below = path === '' ? name : `${path}/${name}`
    const { type } = await disk.stat(`${root}/${below}`)
    if (type === 'directory') files.push(...(await filesBelow(disk, root, below)))
    else files.push(below)
  }
  return files
}

/** The first part of every path is a link into ..data; links that lead nowhere any more go. */
async function linkVisible(disk: Disk, directory: string, payload: Payload): Promise<void> {
  const wanted = new Set([...payload.keys()].map((path) => path.split('/')[0] ?? path))
  const present = (await disk.list(directory)).filter((name) => !name.startsWith('..'))
  for (const name of present) if (!wanted.has(name)) await disk.remove(`${directory}/${name}`)
  for (const name of wanted)
    if (!present.includes(name)) await disk.makeSymlink(`${directory}/${name}`, `${dataLink}/${name}`)
}
