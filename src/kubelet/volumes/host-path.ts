import type { HostPathVolumeSource } from '../../api/kinds.generated.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { type Disk, DiskError, type FileType } from '../../ports/disk.ts'

const checks: Readonly<Record<string, Readonly<{ type: FileType; article: string }>>> = {
  Directory: { type: 'directory', article: 'a directory' },
  DirectoryOrCreate: { type: 'directory', article: 'a directory' },
  File: { type: 'file', article: 'a file' },
  FileOrCreate: { type: 'file', article: 'a file' },
  Socket: { type: 'socket', article: 'a socket file' },
  CharDevice: { type: 'character', article: 'a character device' },
  BlockDevice: { type: 'block', article: 'a block device' },
}

/** The path of the node, checked and made as its type says. The error is worded as the original's. */
export async function hostPath(disk: Disk, { path, type = '' }: HostPathVolumeSource): Promise<Result<string, string>> {
  const check = checks[type]
  if (check === undefined) return type === '' ? ok(path) : fail(`${type} is an invalid volume type`)
  const wrong = fail(`hostPath type check failed: ${path} is not ${check.article}`)
  try {
    const found = await typeOf(disk, path)
    if (found !== undefined) return found === check.type ? ok(path) : wrong
    if (type === 'DirectoryOrCreate') await disk.makeDirectory(path, 0o755)
    else if (type === 'FileOrCreate') await disk.writeFile(path, new Uint8Array(), { mode: 0o644 })
    else return wrong
    return ok(path)
  } catch (error) {
    if (error instanceof DiskError) return fail(error.message)
    throw error
  }
}

/** Of what a link leads to. */
async function typeOf(disk: Disk, path: string, links = 0): Promise<FileType | undefined> {
  try {
    const { type } = await disk.stat(path)
    if (type !== 'symlink' || links > 40) return type
    const target = await disk.readSymlink(path)
    const folder = path.slice(0, path.lastIndexOf('/'))
    return await typeOf(disk, target.startsWith('/') ? target : `${folder}/${target}`, links + 1)
  } catch (error) {
    if (error instanceof DiskError && error.code === 'NotFound') return undefined
    throw error
  }
}
