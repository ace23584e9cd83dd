import type { Clock } from '../../ports/clock.ts'
import type { AppendFile, Disk, DiskErrorCode, DiskSpace, DiskUsage, WriteOptions } from '../../ports/disk.ts'
import type { Random } from '../../ports/random.ts'
import { type FolderWatches, watchedTree, watchFolder } from './disk-watch.ts'
import { appendBytes, diskError, type FileTree, fileTree, type Node, statOf, truncate } from './file-tree.ts'

export type DiskOperation = Exclude<keyof Disk, 'readChunks'> | 'read' | 'append' | 'sync' | 'close'

/** What may go wrong, to be changed while the disk is in use. */
export type DiskFaults = {
  /** Asked before each operation: a code makes it fail with that. */
  fail?: (operation: DiskOperation, path: string) => DiskErrorCode | undefined
  /** Size of the disk; absent: without end. */
  capacityBytes?: number
  /** How many inodes it has; absent: a million are free, however many there are. */
  capacityInodes?: number
  /** Operations take this many times as long; absent: 1. */
  slowness?: number
}

export type SimDiskParts = Readonly<{ clock: Clock; random: Random; faults?: DiskFaults }>

export interface SimDisk extends Disk {
  /**
   * The process ends: calls under way never return, files opened before stay dead, locks end. What was written is still there, except
   * that of an append under way any part may be. With `power` the machine loses power too: of all that was not synced, each file keeps
   * a random part of its end, perhaps with holes, and of the names changed since the last sync of a folder only the first few stay.
   */
  crash(kind: 'kill' | 'power'): void
  usedBytes(): number
  /** What listening on a unix socket leaves in the file system; replaces what another left. */
  makeSocket(path: string): Promise<void>
}

const operationMs = 0.05
const syncMs = 2
const bytesPerMs = 200_000
const sectorBytes = 512

/** A file system in memory that takes time, forgets what was not synced, and fails as told. */
export function simDisk({ clock, random, faults = {} }: SimDiskParts): SimDisk {
  const watches: FolderWatches = new Map()
  const tree = watchedTree(fileTree(clock.nowMs()), watches)
  const locks = new Map<string, symbol>()
  let life = 0

  const never = new Promise<never>(() => {})
  /** Every operation: takes its time, may fail, and never returns to a process that has ended meanwhile. */
  const perform = async <T>(
    operation: DiskOperation,
    path: string,
    bytes: number,
    run: () => T,
    startedIn: number = life,
  ): Promise<T> => {
    const baseMs = operation === 'sync' ? syncMs : operationMs
    const jitter = 0.5 + random.below(1000) / 1000
    await clock.sleep((baseMs * jitter + bytes / bytesPerMs) * (faults.slowness ?? 1))
    if (startedIn !== life) return never
    const code = faults.fail?.(operation, path)
    if (code !== undefined) throw diskError(code, path)
    return run()
  }
  const room = (): number =>
    faults.capacityBytes === undefined ? Number.POSITIVE_INFINITY : faults.capacityBytes - tree.usedBytes()
  /** As a real disk does: what fits is written, then it fails. */
  const write = (node: Node, path: string, bytes: Uint8Array): void => {
    const fits = Math.max(0, Math.min(bytes.length, room()))
    appendBytes(node, fits < bytes.length ? bytes.subarray(0, fits) : bytes)
    node.mtimeMs = clock.nowMs()
    if (fits < bytes.length) throw diskError('NoSpace', path)
  }
  const makeNew = (path: string, type: Node['type'], mode: number, target = ''): Node => {
    const { folder, name, node } = tree.place(path)
    if (node !== undefined) throw diskError('Exists', path)
    const made = tree.create(type, { mode, nowMs: clock.nowMs(), target })
    tree.setNames([{ folder, name, node: made }])
    return made
  }
  const makeSocket = (path: string): void => {
    removeTree(tree, path)
    makeNew(path, 'socket', 0o755)
  }
  const parts = { clock, random, tree, perform, write, makeNew, life: () => life }
  return {
    ...reading(parts),
    ...writing(parts),
    ...naming(parts),
    ...marking(parts),
    openAppend: (path, truncateToBytes) => openAppend(parts, path, truncateToBytes),
    ...measuring(parts, room, faults),
    ...locking(parts, locks),
    watch: (folder, changed) =>
      perform('watch', folder, 0, () => watchFolder(watches, clock, tree.follow(folder), changed)),
    makeSocket: (path) => perform('makeFifo', path, 0, () => makeSocket(path)),
    usedBytes: tree.usedBytes,
    crash(kind) {
      life += 1
      locks.clear()
      watches.clear()
      if (kind === 'kill') return
      tree.loseNames((pending) => random.below(pending + 1))
      for (const file of tree.files()) tear(file, random)
    },
  }
}

const usualInodes = 1_000_000

function measuring({ tree, perform }: Parts, room: () => number, faults: DiskFaults): Pick<Disk, 'space' | 'usage'> {
  const space = (path: string): DiskSpace => {
    tree.follow(path)
    const totalInodes = faults.capacityInodes ?? usualInodes
    return {
      freeBytes: Math.max(0, Math.min(room(), Number.MAX_SAFE_INTEGER)),
      totalBytes: faults.capacityBytes ?? Number.MAX_SAFE_INTEGER,
      // Counted only where it matters: it walks over the whole disk.
      freeInodes: faults.capacityInodes === undefined ? totalInodes : Math.max(0, totalInodes - count('/')),
      totalInodes,
      device: 1,
      deviceName: '/dev/sda',
    }
  }
  const count = (path: string): number => [...tree.under(path)].length
  const usage = (path: string): DiskUsage => {
    const nodes = [...tree.under(path)]
    return { bytes: nodes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), inodes: nodes.length }
  }
  return {
    space: (path) => perform('space', path, 0, () => space(path)),
    usage: (path) => perform('usage', path, 0, () => usage(path)),
  }
}

function locking({ perform }: Parts, locks: Map<string, symbol>): Pick<Disk, 'lock'> {
  const take = (path: string): Awaited<ReturnType<Disk['lock']>> => {
    const holder = Symbol(path)
    if (locks.has(path)) return { ok: false }
    locks.set(path, holder)
    const release = (): void => void (locks.get(path) === holder && locks.delete(path))
    return { ok: true, release: () => perform('close', path, 0, release) }
  }
  return { lock: (path) => perform('lock', path, 0, () => take(path)) }
}

type Parts = Readonly<{
  clock: Clock
  random: Random
  tree: FileTree
  perform: <T>(operation: DiskOperation, path: string, bytes: number, run: () => T, startedIn?: number) => Promise<T>
  write: (node: Node, path: string, bytes: Uint8Array) => void
  makeNew: (path: string, type: Node['type'], mode: number, target?: string) => Node
  life: () => number
}>

/** Keeps a part of what was not durable; sectors of it may never have been written and read as zeros. */
function tear(file: Node, random: Random): void {
  const volatileBytes = file.sizeBytes - file.durableBytes
  if (volatileBytes > 0) {
    truncate(file, file.durableBytes + random.below(volatileBytes + 1))
    for (let at = file.durableBytes; at < file.sizeBytes; ) {
      const end = Math.min(file.sizeBytes, (Math.floor(at / sectorBytes) + 1) * sectorBytes)
      if (random.below(8) === 0) file.content.fill(0, at, end)
      at = end
    }
  }
  file.durableBytes = file.sizeBytes
}

async function openAppend(parts: Parts, path: string, truncateToBytes?: number): Promise<AppendFile> {
  const { tree, perform, random } = parts
  const startedIn = parts.life()
  const file = await perform('openAppend', path, 0, () => {
    const { node } = tree.place(path)
    const opened = node === undefined ? parts.makeNew(path, 'file', 0o600) : tree.follow(path)
    if (opened.type !== 'file') throw diskError('IsADirectory', path)
    if (truncateToBytes !== undefined) truncate(opened, truncateToBytes)
    return opened
  })
  const run = <T>(operation: DiskOperation, bytes: number, action: () => T): Promise<T> =>
    perform(operation, path, bytes, action, startedIn)
  return {
    sizeBytes: () => file.sizeBytes,
    async append(chunks) {
      // In two steps, so that a crash in between finds a part of it.
      const bytes = joined(chunks)
      const half = random.below(bytes.length + 1)
      await run('append', half, () => parts.write(file, path, bytes.subarray(0, half)))
      await run('append', bytes.length - half, () => parts.write(file, path, bytes.subarray(half)))
    },
    sync: () =>
      run('sync', 0, () => {
        file.durableBytes = file.sizeBytes
        tree.syncNames()
      }),
    close: () => run('close', 0, () => {}),
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

const chunkBytes = 256 * 1024

function reading({
  tree,
  perform,
}: Parts): Pick<Disk, 'readFile' | 'readChunks' | 'list' | 'stat' | 'exists' | 'readSymlink'> {
  const fileAt = (path: string): Node => {
    const node = tree.follow(path)
    if (node.type === 'directory') throw diskError('IsADirectory', path)
    return node
  }
  return {
    readFile: (path) => perform('readFile', path, 0, () => fileAt(path).content.slice(0, fileAt(path).sizeBytes)),
    async *readChunks(path, offset = 0) {
      const file = await perform('read', path, 0, () => fileAt(path))
      for (let at = offset; at < file.sizeBytes; at += chunkBytes) {
        const end = Math.min(at + chunkBytes, file.sizeBytes)
        yield await perform('read', path, end - at, () => file.content.slice(at, end))
      }
    },
    list: (path) =>
      perform('list', path, 0, () => {
        const node = tree.follow(path)
        if (node.type !== 'directory') throw diskError('NotADirectory', path)
        return [...node.entries.keys()].sort((a, b) => (a < b ? -1 : 1))
      }),
    stat: (path) => perform('stat', path, 0, () => statOf(tree.node(path))),
    exists: (path) =>
      perform('exists', path, 0, () => {
        try {
          return tree.place(path).node !== undefined
        } catch {
          return false
        }
      }),
    readSymlink: (path) =>
      perform('readSymlink', path, 0, () => {
        const node = tree.node(path)
        if (node.type !== 'symlink') throw diskError('Other', path)
        return node.target
      }),
  }
}

function writing(parts: Parts): Pick<Disk, 'writeFile' | 'writeChunks'> {
  const { tree, perform, write, clock } = parts
  const settle = (node: Node, options: WriteOptions): void => {
    if (options.durable !== true) return
    node.durableBytes = node.sizeBytes
    tree.syncNames()
  }
  return {
    writeFile: (path, content, options = {}) =>
      perform('writeFile', path, content.length, () => {
        const { folder, name, node: before } = tree.place(path)
        if (before?.type === 'directory') throw diskError('IsADirectory', path)
        const node = tree.create('file', { mode: options.mode ?? 0o644, nowMs: clock.nowMs() })
        write(node, path, content)
        tree.setNames([{ folder, name, node }])
        settle(node, options)
      }),
    async writeChunks(path, chunks, options = {}) {
      const startedIn = parts.life()
      const node = await perform('writeChunks', path, 0, () => parts.makeNew(path, 'file', options.mode ?? 0o644))
      for await (const chunk of chunks) {
        await perform('append', path, chunk.length, () => write(node, path, chunk), startedIn)
      }
      await perform(options.durable === true ? 'sync' : 'close', path, 0, () => settle(node, options), startedIn)
    },
  }
}

function naming(
  parts: Parts,
): Pick<Disk, 'makeDirectory' | 'makeSymlink' | 'makeHardLink' | 'makeFifo' | 'makeDevice' | 'rename' | 'remove'> {
  const { tree, perform, makeNew } = parts
  const makeFolders = (path: string, mode: number): void => {
    const names = path.split('/').filter((name) => name !== '')
    for (let depth = 1; depth <= names.length; depth++) {
      const folder = `/${names.slice(0, depth).join('/')}`
      const { node } = tree.place(folder)
      if (node === undefined) makeNew(folder, 'directory', mode)
      else if (tree.follow(folder).type !== 'directory') throw diskError('Exists', path)
    }
  }
  return {
    makeDirectory: (path, mode = 0o777) => perform('makeDirectory', path, 0, () => makeFolders(path, mode)),
    makeSymlink: (path, target) => perform('makeSymlink', path, 0, () => void makeNew(path, 'symlink', 0o777, target)),
    makeHardLink: (path, existing) =>
      perform('makeHardLink', path, 0, () => {
        const node = tree.node(existing)
        const { folder, name, node: before } = tree.place(path)
        if (before !== undefined) throw diskError('Exists', path)
        if (node.type === 'directory') throw diskError('PermissionDenied', existing)
        tree.setNames([{ folder, name, node }])
      }),
    makeFifo: (path, mode) => perform('makeFifo', path, 0, () => void makeNew(path, 'fifo', mode)),
    makeDevice: (path, type, major, minor, mode) =>
      perform('makeDevice', path, 0, () => void Object.assign(makeNew(path, type, mode), { major, minor })),
    rename: (from, to, options) =>
      perform('rename', from, 0, () => {
        rename(tree, from, to)
        if (options?.durable === true) tree.syncNames()
      }),
    remove: (path) => perform('remove', path, 0, () => removeTree(tree, path)),
  }
}

function rename(tree: FileTree, from: string, to: string): void {
  const source = tree.place(from)
  const target = tree.place(to)
  if (source.node === undefined) throw diskError('NotFound', from)
  if (source.node === target.node) return
  if (target.node?.type === 'directory') {
    if (source.node.type !== 'directory') throw diskError('IsADirectory', to)
    if (target.node.entries.size > 0) throw diskError('NotEmpty', to)
  } else if (target.node !== undefined && source.node.type === 'directory') throw diskError('NotADirectory', to)
  tree.setNames([
    { folder: source.folder, name: source.name, node: undefined },
    { folder: target.folder, name: target.name, node: source.node },
  ])
}

function removeTree(tree: FileTree, path: string): void {
  try {
    const { folder, name, node } = tree.place(path)
    if (node !== undefined) tree.setNames([{ folder, name, node: undefined }])
  } catch (error) {
    const { code } = error as { code?: DiskErrorCode }
    if (code !== 'NotFound' && code !== 'NotADirectory') throw error
  }
}

function marking({
  tree,
  perform,
}: Parts): Pick<Disk, 'setOwner' | 'setMode' | 'setMtimeMs' | 'setXattr' | 'readXattrs'> {
  return {
    setOwner: (path, uid, gid) => perform('setOwner', path, 0, () => void Object.assign(tree.node(path), { uid, gid })),
    setMode: (path, mode) =>
      perform('setMode', path, 0, () => {
        const node = tree.node(path)
        if (node.type !== 'symlink') node.mode = mode
      }),
    setMtimeMs: (path, mtimeMs) =>
      perform('setMtimeMs', path, 0, () => void Object.assign(tree.node(path), { mtimeMs })),
    setXattr: (path, name, value) =>
      perform('setXattr', path, 0, () => void tree.node(path).xattrs.set(name, value.slice())),
    readXattrs: (folder, paths) =>
      perform('readXattrs', folder, 0, () => {
        const found = paths.map((path) => [path, tree.node(path === '' ? folder : `${folder}/${path}`).xattrs] as const)
        return new Map(found.filter(([, xattrs]) => xattrs.size > 0).map(([path, xattrs]) => [path, new Map(xattrs)]))
      }),
  }
}
