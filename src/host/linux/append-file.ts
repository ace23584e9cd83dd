import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import path from 'node:path'
import type { AppendFile } from '../../ports/disk.ts'
import { onDisk } from './disk-error.ts'

/** Up to this, chunks are joined and written in one piece: cheaper than a vector of small ones. */
const joinedBytes = 1024 * 1024

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Opens, creating the file where it is missing. Each write is durable when it returns (O_DSYNC): half the trips to the disk that a
 * write and then fdatasync take. So the first sync is the only one with work to do: what an earlier process left, and the name.
 */
export async function openAppendFile(file: string, truncateToBytes?: number): Promise<AppendFile> {
  const { handle, created } = await openOrCreate(file)
  let sizeBytes = (await handle.stat()).size
  let isSettled = false
  if (truncateToBytes !== undefined && truncateToBytes !== sizeBytes) {
    await handle.truncate(truncateToBytes)
    sizeBytes = truncateToBytes
  }
  return {
    append: (chunks) =>
      onDisk(file, async () => {
        for (const piece of pieces(chunks)) {
          await writeFully(handle, piece, sizeBytes)
          sizeBytes += piece.length
        }
      }),
    sync: () =>
      onDisk(file, async () => {
        if (isSettled) return
        await handle.datasync()
        if (created) await syncFolder(path.dirname(file))
        isSettled = true
      }),
    sizeBytes: () => sizeBytes,
    close: () => onDisk(file, () => handle.close()),
  }
}

async function openOrCreate(file: string): Promise<Readonly<{ handle: FileHandle; created: boolean }>> {
  try {
    return { handle: await open(file, constants.O_RDWR | constants.O_DSYNC), created: false }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const create = constants.O_RDWR | constants.O_DSYNC | constants.O_CREAT | constants.O_TRUNC
    return { handle: await open(file, create, 0o600), created: true }
  }
}

function* pieces(chunks: readonly Uint8Array[]): Iterable<Uint8Array> {
  let from = 0
  while (from < chunks.length) {
    let to = from
    let bytes = 0
    while (to < chunks.length && (to === from || bytes + (chunks[to]?.length ?? 0) <= joinedBytes)) {
      bytes += chunks[to]?.length ?? 0
      to += 1
    }
    const first = chunks[from]
    yield to === from + 1 && first !== undefined ? first : Buffer.concat(chunks.slice(from, to), bytes)
    from = to
  }
}

async function writeFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}
