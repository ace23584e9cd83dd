import { DiskError, type DiskErrorCode, type FileStat, type FileType } from '../../ports/disk.ts'

export type Node = {
  readonly type: FileType
  readonly inode: number
  mode: number
  uid: number
  gid: number
  mtimeMs: number
  links: number
  /** Of a file. */
  content: Uint8Array
  sizeBytes: number
  /** Bytes from the front that survive a crash. */
  durableBytes: number
  /** Of a directory. */
  readonly entries: Map<string, Node>
  /** Of a symlink. */
  readonly target: string
  /** Of a device. */
  major: number
  minor: number
  readonly xattrs: Map<string, Uint8Array>
}

/** A change of names that is not durable yet: how to take it back. */
type Pending = Readonly<{ folder: Node; name: string; before: Node | undefined }>

export type Place = Readonly<{ folder: Node; name: string; node: Node | undefined }>

/** Folders, files and links in memory, and what of their names is durable. Knows no time. */
export interface FileTree {
  /** Follows links in all but the last part. */
  place(path: string): Place
  /** The node itself, without following a final link. */
  node(path: string): Node
  /** The node, following a final link. */
  follow(path: string): Node
  create(type: FileType, options: Readonly<{ mode: number; nowMs: number; target?: string }>): Node
  /** Points the name at the node, or at nothing. The changes made in one call survive a crash together or not at all. */
  setNames(changes: readonly Readonly<{ folder: Node; name: string; node: Node | undefined }>[]): void
  /** All names changed so far become durable, as a journal of the file system is written in order. */
  syncNames(): void
  /** Power loss: the names keep only the first `kept` of the changes that were not durable. */
  loseNames(kept: (pending: number) => number): void
  usedBytes(): number
  files(): Iterable<Node>
  /** The path itself and all below it, each node once; nothing where there is none. */
  under(path: string): Iterable<Node>
}

const deepestLinks = 40

export function diskError(code: DiskErrorCode, path: string): DiskError {
  return new DiskError(code, path, `${code}: ${path}`)
}

export function fileTree(nowMs: number): FileTree {
  let inodes = 1
  let journal: (readonly Pending[])[] = []
  const create: FileTree['create'] = (type, { mode, nowMs: mtimeMs, target = '' }) => ({
    type,
    inode: ++inodes,
    mode,
    uid: 0,
    gid: 0,
    mtimeMs,
    links: 0,
    content: new Uint8Array(0),
    sizeBytes: 0,
    durableBytes: 0,
    entries: new Map(),
    target,
    major: 0,
    minor: 0,
    xattrs: new Map(),
  })
  const root = create('directory', { mode: 0o755, nowMs })

  const place = (path: string): Place => placeIn(root, path)
  const files = function* (): Iterable<Node> {
    for (const node of nodesUnder(root)) if (node.type === 'file') yield node
  }
  const under: FileTree['under'] = (path) => {
    try {
      const { node } = placeIn(root, path)
      return node === undefined ? [] : nodesUnder(node)
    } catch {
      return []
    }
  }
  return {
    place,
    node: (path) => nodeIn(root, path),
    follow: (path) => followIn(root, path),
    create,
    files,
    under,
    setNames(changes) {
      journal.push(changes.map(({ folder, name }) => ({ folder, name, before: folder.entries.get(name) })))
      for (const change of changes) point(change.folder, change.name, change.node)
    },
    syncNames() {
      journal = []
    },
    loseNames(kept) {
      const keep = kept(journal.length)
      for (const changes of journal.slice(keep).reverse()) {
        for (const { folder, name, before } of [...changes].reverse()) point(folder, name, before)
      }
      journal = []
    },
    usedBytes() {
      let used = 0
      for (const file of files()) used += file.sizeBytes
      return used
    },
  }
}

function nodesUnder(top: Node): Iterable<Node> {
  const seen = new Set<Node>([top])
  // A set is iterated to what was added last.
  for (const node of seen) for (const entry of node.entries.values()) seen.add(entry)
  return seen
}

/** Follows links in all but the last part. */
function placeIn(root: Node, path: string, depth = 0): Place {
  if (depth > deepestLinks) throw diskError('Other', path)
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  const trail: Node[] = [root]
  for (const [at, part] of parts.entries()) {
    const folder = trail[trail.length - 1] ?? root
    if (part === '..') {
      if (trail.length > 1) trail.pop()
      continue
    }
    if (folder.type !== 'directory') throw diskError('NotADirectory', path)
    const node = folder.entries.get(part)
    if (at === parts.length - 1) return { folder, name: part, node }
    if (node === undefined) throw diskError('NotFound', path)
    if (node.type === 'symlink') {
      const base = node.target.startsWith('/') ? '' : `/${parts.slice(0, at).join('/')}`
      return placeIn(root, `${base}/${node.target}/${parts.slice(at + 1).join('/')}`, depth + 1)
    }
    trail.push(node)
  }
  const last = trail[trail.length - 1] ?? root
  return { folder: last, name: '.', node: last }
}

function nodeIn(root: Node, path: string): Node {
  const found = placeIn(root, path).node
  if (found === undefined) throw diskError('NotFound', path)
  return found
}

function followIn(root: Node, path: string, depth = 0): Node {
  const found = nodeIn(root, path)
  if (found.type !== 'symlink') return found
  if (depth > deepestLinks) throw diskError('Other', path)
  const folder = path.slice(0, path.lastIndexOf('/'))
  return followIn(root, found.target.startsWith('/') ? found.target : `${folder}/${found.target}`, depth + 1)
}

function point(folder: Node, name: string, to: Node | undefined): void {
  const before = folder.entries.get(name)
  if (before !== undefined) before.links -= 1
  if (to === undefined) {
    folder.entries.delete(name)
    return
  }
  folder.entries.set(name, to)
  to.links += 1
}

export function statOf(node: Node): FileStat {
  const { type, mode, uid, gid, mtimeMs, inode, links, major, minor } = node
  const sizeBytes = type === 'symlink' ? node.target.length : node.sizeBytes
  return { type, sizeBytes, mode, uid, gid, mtimeMs, inode, links, major, minor }
}

/** Appends in memory; the room is doubled, so that a growing log is not copied each time. */
export function appendBytes(node: Node, bytes: Uint8Array): void {
  const needed = node.sizeBytes + bytes.length
  if (needed > node.content.length) {
    const grown = new Uint8Array(Math.max(needed, node.content.length * 2))
    grown.set(node.content.subarray(0, node.sizeBytes))
    node.content = grown
  }
  node.content.set(bytes, node.sizeBytes)
  node.sizeBytes = needed
}

export function truncate(node: Node, sizeBytes: number): void {
  if (sizeBytes > node.sizeBytes) appendBytes(node, new Uint8Array(sizeBytes - node.sizeBytes))
  node.sizeBytes = sizeBytes
  node.durableBytes = Math.min(node.durableBytes, sizeBytes)
}
