import type { Disk } from '../../ports/disk.ts'
import { BuildError } from './build-error.ts'
import { entryOf, type LayerEntries, type LayerEntry } from './layer-entry.ts'
import { lookBelow, resolveWithin, statOf } from './rooted-path.ts'

export type Owner = Readonly<{ uid: number; gid: number }>

/**
 * A layer in the making, above a root that is only looked at: nothing is written there. Every folder above an entry becomes an entry
 * itself, with the mode and owner that it has, as the layers of docker have it.
 */
export interface LayerDraft {
  readonly entries: LayerEntries
  /** Where a path leads in the root with the draft above it. */
  resolve(path: string): Promise<string>
  find(path: string): Promise<LayerEntry | undefined>
  /** Makes the folders of a path that are missing; resolves with where it leads. */
  makeFolders(path: string, mode: number, owner: Owner): Promise<string>
  /** A resolved path. A folder keeps what is in it, anything else is replaced. */
  put(path: string, entry: LayerEntry): Promise<void>
}

export function layerDraft(disk: Disk, root: string): LayerDraft {
  const entries = new Map<string, LayerEntry>()
  const lookAtRoot = lookBelow(disk, root)
  const find = async (path: string): Promise<LayerEntry | undefined> => {
    const own = entries.get(path)
    if (own !== undefined) return own
    const stat = await statOf(disk, `${root}/${path}`)
    return stat === undefined ? undefined : entryOf(disk, `${root}/${path}`, stat)
  }
  const resolve = (path: string): Promise<string> =>
    resolveWithin(async (at) => entries.get(at) ?? (await lookAtRoot(at)), path, true)
  /** Of a resolved path: the folders above it, as they are. */
  const keepAbove = async (path: string): Promise<void> => {
    const parts = path.split('/').slice(0, -1)
    for (const [at] of parts.entries()) {
      const folder = parts.slice(0, at + 1).join('/')
      if (entries.has(folder)) continue
      const found = await find(folder)
      if (found?.type !== 'directory') throw new BuildError(`/${folder} is not a directory`)
      entries.set(folder, found)
    }
  }
  return {
    entries,
    resolve,
    find,
    async makeFolders(path, mode, { uid, gid }) {
      const resolved = await resolve(path)
      if (resolved === '') return ''
      const parts = resolved.split('/')
      for (const [at] of parts.entries()) {
        const folder = parts.slice(0, at + 1).join('/')
        const found = await find(folder)
        if (found !== undefined && found.type !== 'directory') throw new BuildError(`/${folder} is not a directory`)
        if (found !== undefined) continue
        await keepAbove(folder)
        entries.set(folder, { type: 'directory', mode, uid, gid, mtimeMs: Number.POSITIVE_INFINITY })
      }
      return resolved
    },
    async put(path, entry) {
      await keepAbove(path)
      entries.set(path, entry)
    },
  }
}
