import { assert } from '../../api/assert.ts'
import type { Attributes, Disk, FileStat } from '../../ports/disk.ts'
import { entryOf, type LayerEntries, type LayerEntry } from './layer-entry.ts'
import { statOf } from './rooted-path.ts'

const opaque = 'trusted.overlay.opaque'
const copiedUp = 'trusted.overlay.origin'

export type LayerDiff = Readonly<{
  entries: LayerEntries
  /** Devices and sockets: no layer brings them. */
  skipped: readonly string[]
}>

type Found = Readonly<{ path: string; stat: FileStat }>

/**
 * What an overlay's upper folder holds as entries of a layer (OCI image specification, "Layers"): what is gone becomes a whiteout, an
 * opaque folder a marker. Folders that were copied up for what is no longer in them are left out; `lower` has the folders of the layers
 * beneath, the topmost first.
 */
export async function diffLayer(disk: Disk, upper: string, lower: readonly string[]): Promise<LayerDiff> {
  const found = await findAll(disk, upper)
  const xattrs = await disk.readXattrs(
    upper,
    found.map(({ path }) => path),
  )
  const entries = new Map<string, LayerEntry>()
  const holders = new Set<string>()
  const keep = (path: string, entry: LayerEntry): void => {
    entries.set(path, entry)
    holders.add(path.slice(0, Math.max(0, path.lastIndexOf('/'))))
  }
  const skipped: string[] = []
  // From the deepest: a folder is looked at when what is in it is known.
  for (const { path, stat } of [...found].reverse()) {
    const own = xattrs.get(path) ?? new Map()
    assert(!own.has('trusted.overlay.redirect'), 'overlays of builds redirect nothing')
    const entry = await entryOf(disk, `${upper}/${path}`, stat)
    if (isWhiteout(stat)) keep(markerFor(path, `.wh.${nameOf(path)}`), marker(stat.mtimeMs))
    else if (entry === undefined) skipped.push(path)
    else if (entry.type !== 'directory') keep(path, withAttributes(entry, own))
    else if (holders.has(path) || !(await isUntouched(disk, lower, path, stat, own))) {
      keep(path, withAttributes(entry, own))
      if (own.has(opaque)) keep(`${path}/.wh..wh..opq`, marker(stat.mtimeMs))
    }
  }
  return { entries, skipped: skipped.reverse() }
}

async function findAll(disk: Disk, root: string): Promise<readonly Found[]> {
  const found: Found[] = []
  const walk = async (folder: string): Promise<void> => {
    const names = await disk.list(folder === '' ? root : `${root}/${folder}`)
    const paths = names.map((name) => (folder === '' ? name : `${folder}/${name}`))
    const stats = await Promise.all(paths.map((path) => disk.stat(`${root}/${path}`)))
    for (const [at, stat] of stats.entries()) {
      const path = paths[at] ?? ''
      found.push({ path, stat })
      if (stat.type === 'directory') await walk(path)
    }
  }
  await walk('')
  return found
}

function isWhiteout({ type, major, minor }: FileStat): boolean {
  return type === 'character' && major === 0 && minor === 0
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function markerFor(path: string, name: string): string {
  return path.slice(0, path.length - nameOf(path).length) + name
}

function marker(mtimeMs: number): LayerEntry {
  return { type: 'file', mode: 0, uid: 0, gid: 0, mtimeMs, content: new Uint8Array(0) }
}

/** What overlayfs keeps for itself is nobody else's. */
function withAttributes(entry: LayerEntry, xattrs: Attributes): LayerEntry {
  const kept = [...xattrs].filter(([name]) => name === 'security.capability' || name.startsWith('user.')).sort()
  return kept.length === 0 ? entry : { ...entry, xattrs: new Map(kept) }
}

/** A folder that is only there because something in it was: as it is below, with nothing of its own. */
async function isUntouched(
  disk: Disk,
  lower: readonly string[],
  path: string,
  stat: FileStat,
  xattrs: Attributes,
): Promise<boolean> {
  if (!xattrs.has(copiedUp) || xattrs.has(opaque)) return false
  const below = await topmost(disk, lower, path)
  return below?.type === 'directory' && below.mode === stat.mode && below.uid === stat.uid && below.gid === stat.gid
}

/** By real folders alone: a link on the way is another layer's business. */
async function topmost(disk: Disk, lower: readonly string[], path: string): Promise<FileStat | undefined> {
  const parts = path.split('/')
  for (const layer of lower) {
    let stat: FileStat | undefined
    for (const [at] of parts.entries()) {
      stat = await statOf(disk, `${layer}/${parts.slice(0, at + 1).join('/')}`)
      if (stat?.type !== 'directory') break
    }
    if (stat !== undefined) return stat
  }
  return undefined
}
