import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import type { DiskUsage } from '../../ports/disk.ts'
import { diskErrorOf } from './disk-error.ts'

const bytesPerBlock = 512

/** As du counts: what is allocated, each inode once, on one file system. What vanishes meanwhile is passed over. */
export async function diskUsage(root: string): Promise<DiskUsage> {
  const seen = new Set<number>()
  let blocks = 0
  const waiting = [root]
  let device: number | undefined
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const found: Stats | undefined = await ifThere(file, (name) => lstat(name))
    if (found === undefined || seen.has(found.ino) || (device !== undefined && device !== found.dev)) continue
    device = found.dev
    seen.add(found.ino)
    blocks += found.blocks
    if (!found.isDirectory()) continue
    for (const name of (await ifThere(file, (folder) => readdir(folder))) ?? []) waiting.push(path.join(file, name))
  }
  return { bytes: blocks * bytesPerBlock, inodes: seen.size }
}

async function ifThere<T>(file: string, read: (file: string) => Promise<T>): Promise<T | undefined> {
  try {
    return await read(file)
  } catch (error) {
    const { code } = diskErrorOf(file, error)
    if (code === 'NotFound' || code === 'NotADirectory') return undefined
    throw error
  }
}
