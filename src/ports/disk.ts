/** What a file system call failed with. Thrown as DiskError: most callers cannot go on; those that can look at code. */
export type DiskErrorCode =
  | 'NotFound'
  | 'Exists'
  | 'NotEmpty'
  | 'NoSpace'
  | 'NotADirectory'
  | 'IsADirectory'
  | 'PermissionDenied'
  | 'ReadOnly'
  | 'TooManyLinks'
  | 'Io'
  | 'Other'

export class DiskError extends Error {
  readonly code: DiskErrorCode
  readonly path: string
  constructor(code: DiskErrorCode, path: string, message: string) {
    super(message)
    this.name = 'DiskError'
    this.code = code
    this.path = path
  }
}

export type FileType = 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'block' | 'character'
export type FileStat = Readonly<{
  type: FileType
  sizeBytes: number
  mode: number
  uid: number
  gid: number
  mtimeMs: number
  inode: number
  /** Names that the file has. */
  links: number
  /** Of a device. */
  major: number
  minor: number
}>

/** Values by their names: 'security.capability'. */
export type Attributes = ReadonlyMap<string, Uint8Array>

/** A file that only grows: the write-ahead log. */
export interface AppendFile {
  /** Appends the chunks in order. Bytes may be lost, or torn at any point, by a crash before sync() resolves. */
  append(chunks: readonly Uint8Array[]): Promise<void>
  /** Makes all appended bytes durable, and the name of the file where this made it. */
  sync(): Promise<void>
  sizeBytes(): number
  close(): Promise<void>
}

export type WriteOptions = Readonly<{
  /** Permission bits, default 0o644. */
  mode?: number
  /** fsync the file and its directory before resolving. */
  durable?: boolean
}>

/** Free: for us. Inodes are the names that fit; file systems that have no such bound say 0. */
export type DiskSpace = Readonly<{
  freeBytes: number
  totalBytes: number
  freeInodes: number
  totalInodes: number
  /** Tells file systems apart. */
  device: number
  /** As people name it: '/dev/vda1', 'tmpfs'. */
  deviceName: string
}>

/** A file that has several names counts once. */
export type DiskUsage = Readonly<{ bytes: number; inodes: number }>

export type DiskWatch = Readonly<{ stop(): void }>

/** Files and folders. Paths are absolute. */
export interface Disk {
  readFile(path: string): Promise<Uint8Array>
  /** Chunks of a file from `offset` to its present end. */
  readChunks(path: string, offset?: number): AsyncIterable<Uint8Array>
  /** Replaces the file atomically: readers see the old or the new content, whole. */
  writeFile(path: string, content: Uint8Array, options?: WriteOptions): Promise<void>
  /** Creates a file (fails with Exists if there is one) and writes what comes, with bounded buffering. */
  writeChunks(path: string, chunks: AsyncIterable<Uint8Array>, options?: WriteOptions): Promise<void>
  /** Opens for appending, after cutting the file to truncateToBytes where given; creates it when missing. */
  openAppend(path: string, truncateToBytes?: number): Promise<AppendFile>
  /** Names in the folder, sorted. */
  list(path: string): Promise<readonly string[]>
  /**
   * Tells of names that come, go or change in the folder (not below it), once for one or more of them: look again then. Watches from the
   * moment it resolves. Ends unheard when the folder itself goes.
   */
  watch(folder: string, changed: () => void): Promise<DiskWatch>
  /** Without following a final symbolic link. */
  stat(path: string): Promise<FileStat>
  exists(path: string): Promise<boolean>
  /** Creates missing parents too; no error when it exists. */
  makeDirectory(path: string, mode?: number): Promise<void>
  makeSymlink(path: string, target: string): Promise<void>
  readSymlink(path: string): Promise<string>
  makeHardLink(path: string, existing: string): Promise<void>
  makeFifo(path: string, mode: number): Promise<void>
  makeDevice(path: string, type: 'block' | 'character', major: number, minor: number, mode: number): Promise<void>
  /** Atomic; replaces what is at `to`. durable: fsync the folder of `to` before resolving. */
  rename(from: string, to: string, options?: Readonly<{ durable?: boolean }>): Promise<void>
  /** A file, link or whole tree; no error when there is none. Never crosses into a mount. */
  remove(path: string): Promise<void>
  /** Of the path itself, never of what a link points to. */
  setOwner(path: string, uid: number, gid: number): Promise<void>
  setMode(path: string, mode: number): Promise<void>
  setMtimeMs(path: string, mtimeMs: number): Promise<void>
  /** To be called before a file gets further names: it may have to be written anew. */
  setXattr(path: string, name: string, value: Uint8Array): Promise<void>
  /** Extended attributes of these paths below the folder ('' is its own), links not followed; what has none is not there. */
  readXattrs(folder: string, paths: readonly string[]): Promise<ReadonlyMap<string, Attributes>>
  /** Room on the file system that holds path. */
  space(path: string): Promise<DiskSpace>
  /** What the path and all below it take up, without what is mounted there; nothing where there is none. A long walk for a large tree. */
  usage(path: string): Promise<DiskUsage>
  /**
   * Takes an exclusive lock that ends with this process, however it ends. 'Held' when another live process has it.
   */
  lock(
    path: string,
  ): Promise<Readonly<{ ok: true; release(): Promise<void> }> | Readonly<{ ok: false; holderPid?: number }>>
}
