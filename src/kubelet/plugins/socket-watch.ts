import { type Disk, DiskError, type DiskWatch } from '../../ports/disk.ts'
import type { Log } from '../../ports/log.ts'

export type SocketWatchDeps = Readonly<{ disk: Disk; log: Log }>

/** Sockets by their path, with what tells one that was made anew from the one before it. */
export type Sockets = ReadonlyMap<string, string>

/**
 * Tells which unix sockets are in the folder and below it, at once and whenever that may have changed. Names that begin with a dot are
 * passed over, as by the original's plugin watcher.
 */
export async function watchSockets(
  { disk, log }: SocketWatchDeps,
  folder: string,
  found: (sockets: Sockets) => void,
): Promise<DiskWatch> {
  const watches = new Map<string, DiskWatch>()
  let stopped = false
  let looking = false
  let dirty = false

  const keepWatch = async (at: string): Promise<void> => {
    if (watches.has(at)) return
    const watch = await disk.watch(at, look)
    if (stopped) watch.stop()
    else watches.set(at, watch)
  }
  const collect = async (at: string, sockets: Map<string, string>, folders: Set<string>): Promise<void> => {
    folders.add(at)
    // Before it is read: what comes meanwhile is told.
    await keepWatch(at)
    for (const name of await disk.list(at)) {
      if (name.startsWith('.')) continue
      const path = `${at}/${name}`
      try {
        const { type, inode, mtimeMs } = await disk.stat(path)
        if (type === 'socket') sockets.set(path, `${inode} ${mtimeMs}`)
        if (type === 'directory') await collect(path, sockets, folders)
      } catch (error) {
        if (!isGone(error)) throw error
      }
    }
  }
  const scan = async (): Promise<void> => {
    const sockets = new Map<string, string>()
    const folders = new Set<string>()
    await collect(folder, sockets, folders)
    for (const [at, watch] of watches) {
      if (folders.has(at)) continue
      watch.stop()
      watches.delete(at)
    }
    if (!stopped) found(sockets)
  }
  const look = (): void => {
    dirty = true
    if (!looking && !stopped) void lookAll()
  }
  const lookAll = async (): Promise<void> => {
    looking = true
    try {
      while (dirty && !stopped) {
        dirty = false
        await scan()
      }
    } catch (error) {
      log.warn('a folder of sockets could not be read', { folder, error: String(error) })
    }
    looking = false
  }
  await disk.makeDirectory(folder, 0o750)
  await scan()
  return {
    stop() {
      stopped = true
      for (const watch of watches.values()) watch.stop()
    },
  }
}

function isGone(error: unknown): boolean {
  return error instanceof DiskError && error.code === 'NotFound'
}
