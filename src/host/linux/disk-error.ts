import { DiskError, type DiskErrorCode } from '../../ports/disk.ts'

const codes: ReadonlyMap<string, DiskErrorCode> = new Map([
  ['ENOENT', 'NotFound'],
  ['EEXIST', 'Exists'],
  ['ENOTEMPTY', 'NotEmpty'],
  ['ENOSPC', 'NoSpace'],
  ['EDQUOT', 'NoSpace'],
  ['ENOTDIR', 'NotADirectory'],
  ['EISDIR', 'IsADirectory'],
  ['EACCES', 'PermissionDenied'],
  ['EPERM', 'PermissionDenied'],
  ['EROFS', 'ReadOnly'],
  ['EMLINK', 'TooManyLinks'],
  ['EIO', 'Io'],
])

/** What Node threw, as the port names it. */
export function diskErrorOf(path: string, error: unknown): DiskError {
  if (error instanceof DiskError) return error
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException
  return new DiskError(codes.get(code) ?? 'Other', path, message)
}

/** Runs a file system call, giving its errors the port's form. */
export async function onDisk<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw diskErrorOf(path, error)
  }
}
