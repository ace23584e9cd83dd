import type { Disk } from '../../ports/disk.ts'
import { type TaskPool, taskPool } from '../task-pool.ts'
import { type LayerTree, layerTree } from './layer-tree.ts'
import { TarError } from './tar-header.ts'
import { readTar, type TarEntry } from './tar-reader.ts'

export type UnpackLimits = Readonly<{ totalBytes: number; entries: number }>
export type Unpacked = Readonly<{ sizeBytes: number; entries: number }>

const opaqueMarker = '.wh..wh..opq'
const whiteoutPrefix = '.wh.'
/** Content up to this size is held in memory, so that small files are written beside each other. */
const smallFileBytes = 1 << 20
const filesAtOnce = 16

/** null, zero, full, random, urandom; tty, console, ptmx: devices that give nobody anything. Others are refused. */
const harmlessDevices: Readonly<Record<number, readonly number[]>> = { 1: [3, 5, 7, 8, 9], 5: [0, 1, 2] }

/** archive: names that mean something in a layer are names like others. */
export type UnpackKind = 'layer' | 'archive'

type Unpacking = Readonly<{
  disk: Disk
  kind: UnpackKind
  root: string
  tree: LayerTree
  pool: TaskPool
  directories: Map<string, TarEntry>
  whiteouts: Set<string>
}>

/**
 * Unpacks a layer into the empty folder `root` as overlayfs wants it: whiteouts become character devices 0/0, opaque directories get
 * the attribute trusted.overlay.opaque (OCI image specification, "Layers"). Throws TarError for an archive that is broken, too big, or
 * reaches outside; what was written by then is left for the caller to remove.
 */
export async function unpackLayer(
  disk: Disk,
  root: string,
  chunks: AsyncIterable<Uint8Array>,
  limits: UnpackLimits,
  kind: UnpackKind = 'layer',
): Promise<Unpacked> {
  const unpacking: Unpacking = {
    disk,
    kind,
    root,
    tree: layerTree(),
    pool: taskPool(filesAtOnce),
    directories: new Map(),
    whiteouts: new Set(),
  }
  let entries = 0
  let sizeBytes = 0
  for await (const entry of readTar(chunks)) {
    entries += 1
    sizeBytes += entry.sizeBytes
    if (entries > limits.entries) throw new TarError(`the layer has more than ${limits.entries} entries`)
    if (sizeBytes > limits.totalBytes) throw new TarError(`the layer is larger than ${limits.totalBytes} bytes`)
    await unpackEntry(unpacking, entry)
  }
  await unpacking.pool.drain()
  for (const path of unpacking.whiteouts) await whiteOut(unpacking, path)
  // Writing into a directory changes its time, so theirs come last.
  for (const [path, { mtimeMs }] of unpacking.directories) await disk.setMtimeMs(`${root}/${path}`, mtimeMs)
  return { sizeBytes, entries }
}

async function unpackEntry(unpacking: Unpacking, entry: TarEntry): Promise<void> {
  const { disk, kind, root, tree } = unpacking
  const { path, missing } = tree.place(entry.path)
  await makeMissing(unpacking, missing)
  const name = kind === 'layer' ? path.slice(path.lastIndexOf('/') + 1) : ''
  if (name === opaqueMarker) return makeOpaque(disk, `${root}/${path.slice(0, Math.max(0, path.lastIndexOf('/')))}`)
  if (name.startsWith('.wh..wh.')) return
  if (name.startsWith(whiteoutPrefix)) {
    const hidden = name.slice(whiteoutPrefix.length)
    if (hidden === '' || hidden === '.' || hidden === '..')
      throw new TarError(`${JSON.stringify(entry.path)} hides no name`)
    unpacking.whiteouts.add(path.slice(0, path.length - name.length) + hidden)
    return
  }
  await makeRoom(unpacking, path, entry)
  await makeEntry(unpacking, path, entry)
}

async function makeMissing({ disk, root, tree }: Unpacking, missing: readonly string[]): Promise<void> {
  for (const parent of missing) {
    await disk.makeDirectory(`${root}/${parent}`)
    await disk.setMode(`${root}/${parent}`, 0o755)
    tree.add(parent, { type: 'directory' })
  }
}

function makeOpaque(disk: Disk, directory: string): Promise<void> {
  return disk.setXattr(directory, 'trusted.overlay.opaque', new Uint8Array([0x79]))
}

/** Whiteouts hide what lower layers have, never what their own layer brings: so they come last, wherever the archive has them. */
async function whiteOut({ disk, root, tree }: Unpacking, path: string): Promise<void> {
  const own = tree.find(path)
  if (own === undefined) await disk.makeDevice(`${root}/${path}`, 'character', 0, 0, 0o600)
  else if (own.type === 'directory') await makeOpaque(disk, `${root}/${path}`)
}

/** A later entry replaces an earlier one of the same path; a directory keeps what is in it. */
async function makeRoom(
  { disk, root, tree, pool, directories }: Unpacking,
  path: string,
  entry: TarEntry,
): Promise<void> {
  const existing = tree.find(path)
  if (existing === undefined || (existing.type === 'directory' && entry.type === 'directory')) return
  if (path === '') throw new TarError('the root of the layer is no directory')
  await pool.drain()
  await disk.remove(`${root}/${path}`)
  tree.remove(path)
  for (const known of [...directories.keys()])
    if (known === path || known.startsWith(`${path}/`)) directories.delete(known)
}

async function makeEntry(unpacking: Unpacking, path: string, entry: TarEntry): Promise<void> {
  const { disk, root, tree, pool, directories } = unpacking
  const file = `${root}/${path}`
  switch (entry.type) {
    case 'file':
      tree.add(path, { type: 'other' })
      return writeFile(unpacking, file, entry)
    case 'directory':
      if (tree.find(path) === undefined) await disk.makeDirectory(file)
      tree.add(path, { type: 'directory' })
      directories.set(path, entry)
      return finish(disk, file, entry)
    case 'symlink':
      await disk.makeSymlink(file, entry.linkPath)
      tree.add(path, { type: 'symlink', target: entry.linkPath })
      return finish(disk, file, entry)
    case 'link': {
      const target = tree.place(entry.linkPath).path
      const found = tree.find(target)
      if (found === undefined || found.type === 'directory')
        throw new TarError(
          `${JSON.stringify(entry.path)} is a link to ${JSON.stringify(entry.linkPath)}, which is not there`,
        )
      await pool.drain()
      await disk.makeHardLink(file, `${root}/${target}`)
      return tree.add(path, found)
    }
    case 'fifo':
      await disk.makeFifo(file, entry.mode)
      tree.add(path, { type: 'other' })
      return finish(disk, file, entry)
    case 'block':
    case 'character':
      if (entry.type === 'block' || harmlessDevices[entry.major]?.includes(entry.minor) !== true)
        throw new TarError(
          `${JSON.stringify(entry.path)} is a device (${entry.major}:${entry.minor}) that images may not bring`,
        )
      await disk.makeDevice(file, entry.type, entry.major, entry.minor, entry.mode)
      tree.add(path, { type: 'other' })
      return finish(disk, file, entry)
  }
}

async function writeFile({ disk, pool }: Unpacking, file: string, entry: TarEntry): Promise<void> {
  if (entry.sizeBytes > smallFileBytes) {
    await disk.writeChunks(file, entry.content)
    return finish(disk, file, entry)
  }
  const parts: Uint8Array[] = []
  for await (const chunk of entry.content) parts.push(chunk)
  await pool.add(async () => {
    await disk.writeChunks(file, chunksOf(parts))
    await finish(disk, file, entry)
  })
}

async function* chunksOf(parts: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* parts
}

/** The owner first: changing it clears set-user-id and capabilities. Attributes of overlayfs itself are not an image's to set. */
async function finish(disk: Disk, file: string, { type, mode, uid, gid, mtimeMs, xattrs }: TarEntry): Promise<void> {
  await disk.setOwner(file, uid, gid)
  if (type !== 'symlink') await disk.setMode(file, mode)
  for (const [name, value] of xattrs)
    if (name === 'security.capability' || name.startsWith('user.')) await disk.setXattr(file, name, value)
  if (type !== 'directory') await disk.setMtimeMs(file, mtimeMs)
}
