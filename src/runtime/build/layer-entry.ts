import type { Attributes, Disk, FileStat } from '../../ports/disk.ts'
import type { TarItem } from '../images/tar-writer.ts'

/** One entry of a layer that is being made. */
export type LayerEntry = Readonly<{
  type: 'file' | 'directory' | 'symlink' | 'fifo'
  mode: number
  uid: number
  gid: number
  mtimeMs: number
  /** Of a symlink. */
  target?: string
  /** Of a file: where it is on the disk, or what is in it. */
  content?: Readonly<{ path: string; sizeBytes: number }> | Uint8Array
  /** Entries with the same one are names of one file. */
  inode?: string
  xattrs?: Attributes
}>

/** By path, without a slash at either end. */
export type LayerEntries = ReadonlyMap<string, LayerEntry>

/** A file, folder, link or fifo as it is on the disk; undefined for a device or socket, which no layer brings. */
export async function entryOf(disk: Disk, path: string, stat: FileStat): Promise<LayerEntry | undefined> {
  const { type, mode, uid, gid, mtimeMs, sizeBytes, links, inode } = stat
  const head = { mode, uid, gid, mtimeMs }
  switch (type) {
    case 'directory':
    case 'fifo':
      return { type, ...head }
    case 'symlink':
      return { type, ...head, target: await disk.readSymlink(path) }
    case 'file':
      return { type, ...head, content: { path, sizeBytes }, ...(links > 1 ? { inode: String(inode) } : {}) }
    default:
      return undefined
  }
}

/** Paths in the order of a layer: by code units, so that folders come before what is in them. */
export function sortedPaths(entries: LayerEntries): readonly string[] {
  return [...entries.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

/** Times are whole seconds, none later than the build's own. */
export function layerTimeMs(mtimeMs: number, epochMs: number): number {
  return Math.min(Math.floor(mtimeMs / 1000) * 1000, epochMs)
}

/** The entries as a layer's archive has them: equal entries give equal items. */
export function* layerItems(disk: Disk, entries: LayerEntries, epochMs: number): Iterable<TarItem> {
  const firstNames = new Map<string, string>()
  for (const path of sortedPaths(entries)) {
    const entry = entries.get(path)
    if (entry === undefined) continue
    const { type, mode, uid, gid, mtimeMs, target, content, inode } = entry
    const head = { mode, uid, gid, mtimeMs: layerTimeMs(mtimeMs, epochMs) }
    const firstName = inode === undefined ? undefined : firstNames.get(inode)
    if (firstName !== undefined) {
      yield { ...head, path, type: 'link', linkPath: firstName }
      continue
    }
    if (inode !== undefined) firstNames.set(inode, path)
    yield {
      ...head,
      type,
      path: type === 'directory' ? `${path}/` : path,
      ...(target === undefined ? {} : { linkPath: target }),
      ...(entry.xattrs === undefined ? {} : { xattrs: Object.fromEntries(entry.xattrs) }),
      ...(content === undefined ? {} : { content: contentOf(disk, content) }),
    }
  }
}

function contentOf(disk: Disk, content: NonNullable<LayerEntry['content']>): NonNullable<TarItem['content']> {
  if (content instanceof Uint8Array) return content
  return { sizeBytes: content.sizeBytes, chunks: content.sizeBytes === 0 ? none() : disk.readChunks(content.path) }
}

async function* none(): AsyncIterable<Uint8Array> {}
