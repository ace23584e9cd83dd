import type { Disk } from '../../ports/disk.ts'
import type { TarItem } from '../images/tar-writer.ts'
import type { IgnorePatterns } from './ignore-patterns.ts'
import { findFiles } from './source-files.ts'

/** A build's context as items of a tar: what the patterns leave in, as root's, links as links. What is neither file, folder nor link stays out. */
export async function* contextItems(disk: Disk, folder: string, ignored: IgnorePatterns): AsyncIterable<TarItem> {
  for (const { path, stat } of await findFiles(disk, folder, ignored)) {
    const { mode, mtimeMs, sizeBytes, type } = stat
    const file = `${folder}/${path}`
    if (type === 'directory') yield { path: `${path}/`, type, mode, mtimeMs }
    else if (type === 'symlink') yield { path, type, mode, mtimeMs, linkPath: await disk.readSymlink(file) }
    else if (type === 'file')
      yield { path, type, mode, mtimeMs, content: { sizeBytes, chunks: exactly(disk, file, sizeBytes) } }
  }
}

/** A file that grows meanwhile must not spoil the archive; one that shrinks cannot be helped. */
async function* exactly(disk: Disk, file: string, sizeBytes: number): AsyncIterable<Uint8Array> {
  let left = sizeBytes
  if (left === 0) return
  for await (const chunk of disk.readChunks(file)) {
    const part = chunk.subarray(0, left)
    left -= part.length
    yield part
    if (left === 0) return
  }
  throw new Error(`${file} has become shorter while it was read`)
}
