import type { Disk } from '../../ports/disk.ts'
import type { UserFiles } from './container-user.ts'

/** A file as large as this is no list of users. */
const largestBytes = 1 << 20

/** /etc/passwd and /etc/group as the image's layers have them, the topmost first. Links are not followed: they could lead outside. */
export async function readUserFiles(disk: Disk, layerFolder: string, layers: readonly string[]): Promise<UserFiles> {
  const [passwd, group] = await Promise.all(
    ['passwd', 'group'].map((name) => readTopmost(disk, layerFolder, layers, name)),
  )
  return { passwd: passwd ?? '', group: group ?? '' }
}

async function readTopmost(
  disk: Disk,
  layerFolder: string,
  layers: readonly string[],
  name: string,
): Promise<string | undefined> {
  for (const layer of layers) {
    const folder = `${layerFolder}/${layer}/etc`
    if (!(await disk.exists(folder)) || (await disk.stat(folder)).type !== 'directory') continue
    const path = `${folder}/${name}`
    if (!(await disk.exists(path))) continue
    const { type, sizeBytes } = await disk.stat(path)
    // A whiteout: the file is gone from here down.
    if (type === 'character') return undefined
    if (type === 'file' && sizeBytes <= largestBytes) return new TextDecoder().decode(await disk.readFile(path))
  }
  return undefined
}
