import { randomBytes } from 'node:crypto'
import { createReadStream, watch } from 'node:fs'
import * as fs from 'node:fs/promises'
import path from 'node:path'
import type { Disk, DiskSpace, DiskWatch, FileStat, FileType, WriteOptions } from '../../ports/disk.ts'
import { openAppendFile, syncFolder } from './append-file.ts'
import { diskErrorOf, onDisk } from './disk-error.ts'
import { diskUsage } from './disk-usage.ts'
import { readAttributes } from './file-attributes.ts'
import { takeLock } from './file-lock.ts'
import { mountSource } from './mount-table.ts'
import { removePath } from './remove-path.ts'
import { makeDeviceNode, makeFifoNode, setExtendedAttribute } from './special-file.ts'

const defaultMode = 0o644
const readChunkBytes = 256 * 1024

/** The file system of this machine. */
export function linuxDisk(): Disk {
  return {
    readFile: (file) => onDisk(file, async () => plain(await fs.readFile(file))),
    readChunks,
    writeFile: (file, content, options) => onDisk(file, () => replaceFile(file, content, options)),
    writeChunks: (file, chunks, options) => onDisk(file, () => writeChunks(file, chunks, options)),
    openAppend: (file, truncateToBytes) => onDisk(file, () => openAppendFile(file, truncateToBytes)),
    list: (folder) => onDisk(folder, async () => (await fs.readdir(folder)).sort(byCodeUnit)),
    watch: (folder, changed) => onDisk(folder, async () => watchFolder(folder, changed)),
    stat: (file) => onDisk(file, () => stat(file)),
    exists: (file) => onDisk(file, () => exists(file)),
    makeDirectory: (folder, mode) =>
      onDisk(
        folder,
        async () => void (await fs.mkdir(folder, { recursive: true, ...(mode === undefined ? {} : { mode }) })),
      ),
    makeSymlink: (file, target) => onDisk(file, () => fs.symlink(target, file)),
    readSymlink: (file) => onDisk(file, () => fs.readlink(file)),
    makeHardLink: (file, existing) => onDisk(file, () => fs.link(existing, file)),
    makeFifo: (file, mode) => onDisk(file, () => makeFifoNode(file, mode)),
    makeDevice: (file, type, major, minor, mode) => onDisk(file, () => makeDeviceNode(file, type, major, minor, mode)),
    rename: (from, to, options) =>
      onDisk(from, async () => {
        await fs.rename(from, to)
        if (options?.durable === true) await syncFolder(path.dirname(to))
      }),
    remove: (file) => onDisk(file, () => removePath(file)),
    setOwner: (file, uid, gid) => onDisk(file, () => fs.lchown(file, uid, gid)),
    setMode: (file, mode) => onDisk(file, () => setMode(file, mode)),
    setMtimeMs: (file, mtimeMs) => onDisk(file, () => fs.lutimes(file, mtimeMs / 1000, mtimeMs / 1000)),
    readXattrs: (folder, paths) => onDisk(folder, () => readAttributes(folder, paths)),
    setXattr: (file, name, value) => onDisk(file, () => setExtendedAttribute(file, name, value)),
    space: (file) => onDisk(file, () => space(file)),
    usage: (file) => onDisk(file, () => diskUsage(file)),
    lock: (file) => onDisk(file, () => takeLock(file)),
  }
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Not a Buffer, whose slice() shares memory where Uint8Array's copies. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

async function* readChunks(file: string, offset = 0): AsyncIterable<Uint8Array> {
  const stream = createReadStream(file, { start: offset, highWaterMark: readChunkBytes })
  try {
    for await (const chunk of stream) yield plain(chunk as Buffer)
  } catch (error) {
    throw diskErrorOf(file, error)
  } finally {
    stream.destroy()
  }
}

async function replaceFile(file: string, content: Uint8Array, options: WriteOptions = {}): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await writeNew(draft, [content], options)
    await fs.rename(draft, file)
  } catch (error) {
    await fs.rm(draft, { force: true })
    throw error
  }
  if (options.durable === true) await syncFolder(path.dirname(file))
}

async function writeChunks(file: string, chunks: AsyncIterable<Uint8Array>, options: WriteOptions = {}): Promise<void> {
  await writeNew(file, chunks, options)
  if (options.durable === true) await syncFolder(path.dirname(file))
}

async function writeNew(
  file: string,
  chunks: AsyncIterable<Uint8Array> | readonly Uint8Array[],
  { mode = defaultMode, durable = false }: WriteOptions,
): Promise<void> {
  const handle = await fs.open(file, 'wx', mode)
  try {
    // The mode given to open is cut by the umask.
    await handle.chmod(mode)
    for await (const chunk of chunks) await handle.appendFile(chunk)
    if (durable) await handle.sync()
  } finally {
    await handle.close()
  }
}

/** By inotify. */
function watchFolder(folder: string, changed: () => void): DiskWatch {
  const watcher = watch(folder, { persistent: false }, changed)
  watcher.on('error', () => watcher.close())
  return { stop: () => watcher.close() }
}

async function stat(file: string): Promise<FileStat> {
  const found = await fs.lstat(file)
  const { size: sizeBytes, uid, gid, mtimeMs, ino: inode, nlink: links, rdev } = found
  // Numbers of devices as glibc packs them; none has more than 20 bits here.
  const [major, minor] = [(rdev >> 8) & 0xfff, (rdev & 0xff) | ((rdev >> 12) & 0xfff00)]
  return { type: typeOf(found), sizeBytes, mode: found.mode & 0o7777, uid, gid, mtimeMs, inode, links, major, minor }
}

function typeOf(found: Awaited<ReturnType<typeof fs.lstat>>): FileType {
  if (found.isFile()) return 'file'
  if (found.isDirectory()) return 'directory'
  if (found.isSymbolicLink()) return 'symlink'
  if (found.isFIFO()) return 'fifo'
  if (found.isSocket()) return 'socket'
  return found.isBlockDevice() ? 'block' : 'character'
}

async function exists(file: string): Promise<boolean> {
  try {
    await fs.lstat(file)
    return true
  } catch (error) {
    const { code } = diskErrorOf(file, error)
    if (code === 'NotFound' || code === 'NotADirectory') return false
    throw error
  }
}

/** chmod follows links; Linux has no modes of links, so theirs is left as it is. */
async function setMode(file: string, mode: number): Promise<void> {
  if (!(await fs.lstat(file)).isSymbolicLink()) await fs.chmod(file, mode)
}

async function space(file: string): Promise<DiskSpace> {
  const [{ bavail, blocks, bsize, ffree, files }, { dev }] = await Promise.all([fs.statfs(file), fs.stat(file)])
  return {
    freeBytes: bavail * bsize,
    totalBytes: blocks * bsize,
    freeInodes: ffree,
    totalInodes: files,
    device: dev,
    deviceName: await mountSource(dev),
  }
}
