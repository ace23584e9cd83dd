import { type ChildProcess, spawn } from 'node:child_process'
import type { Attributes } from '../../ports/disk.ts'

const blockBytes = 512
const prefix = 'SCHILY.xattr.'

/**
 * Node has no call for this, and getfattr is not on every machine; tar is: it writes them into the headers of an archive, of which only
 * those are looked at.
 */
export async function readAttributes(
  folder: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, Attributes>> {
  if (paths.length === 0) return new Map()
  const written = ['--format=pax', '--xattrs', '--xattrs-include=*', '--hard-dereference']
  const named = ['--no-recursion', '--no-unquote', '--null', '-T', '-']
  const tar = spawn('tar', ['-c', '-f', '-', ...written, ...named], {
    stdio: 'pipe',
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    // Not by -C, whose argument tar takes escapes out of.
    cwd: folder,
  })
  let errors = ''
  tar.stderr.on('data', (chunk: Buffer) => {
    if (errors.length < 4096) errors += chunk.toString()
  })
  const ended = endOf(tar)
  tar.stdin.on('error', () => {})
  tar.stdin.end(paths.map((path) => `./${path}\0`).join(''))
  const found = await attributesIn(tar.stdout)
  const status = await ended
  if (status !== 0) throw Object.assign(new Error(`tar ${folder}: ${errors.trim()}`), { code: codeOf(errors) })
  return found
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
}

function codeOf(errors: string): string | undefined {
  return errors.includes('No such file or directory') ? 'ENOENT' : undefined
}

async function attributesIn(chunks: AsyncIterable<Buffer>): Promise<ReadonlyMap<string, Attributes>> {
  const found = new Map<string, Attributes>()
  const read = exactly(chunks)
  let records = new Map<string, Buffer>()
  for (;;) {
    const header = await read(blockBytes)
    if (header === undefined || header[0] === 0) break
    const flag = String.fromCharCode(header[156] ?? 0)
    const sizeBytes = sizeOf(header, flag === 'x' ? undefined : records.get('size'))
    const padded = Math.ceil(sizeBytes / blockBytes) * blockBytes
    if (flag === 'x') {
      records = paxRecords(((await read(padded)) ?? Buffer.alloc(0)).subarray(0, sizeBytes))
      continue
    }
    const own = [...records].filter(([key]) => key.startsWith(prefix))
    if (own.length > 0)
      found.set(
        pathOf(header, records),
        new Map(own.map(([key, value]) => [key.slice(prefix.length), new Uint8Array(value)])),
      )
    records = new Map()
    await read(padded, true)
  }
  for await (const _ of chunks) {
    // The padding of the last record; tar must not find its pipe closed.
  }
  return found
}

function pathOf(header: Buffer, records: ReadonlyMap<string, Buffer>): string {
  const text = (from: number, length: number): string =>
    header
      .subarray(from, from + length)
      .toString()
      .replace(/\0.*$/s, '')
  const folder = text(345, 155)
  const path = records.get('path')?.toString() ?? (folder === '' ? text(0, 100) : `${folder}/${text(0, 100)}`)
  return path.replace(/^\.\/?/, '').replace(/\/$/, '')
}

function sizeOf(header: Buffer, extended: Buffer | undefined): number {
  if (extended !== undefined) return Number(extended.toString())
  const flag = header[156] ?? 0
  // Only files and extended headers have content; a link may tell its target's size.
  return flag === 0x30 || flag === 0 || flag === 0x78 ? Number.parseInt(header.subarray(124, 135).toString(), 8) : 0
}

/** '<length> <key>=<value>\n' */
function paxRecords(bytes: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>()
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at)
    const length = Number(bytes.subarray(at, space).toString())
    const equals = bytes.indexOf(61, space)
    if (!(length > 0)) break
    records.set(bytes.subarray(space + 1, equals).toString(), bytes.subarray(equals + 1, at + length - 1))
    at += length
  }
  return records
}

/** Reads so many bytes, or passes over them; undefined at the end. */
function exactly(chunks: AsyncIterable<Buffer>): (count: number, isSkipped?: boolean) => Promise<Buffer | undefined> {
  const iterator = chunks[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  return async (count, isSkipped = false) => {
    const parts: Buffer[] = []
    for (let left = count; left > 0; ) {
      if (held.length === 0) {
        const next = await iterator.next()
        if (next.done === true) return undefined
        held = next.value
      }
      const part = held.subarray(0, left)
      held = held.subarray(part.length)
      left -= part.length
      if (!isSkipped) parts.push(part)
    }
    return Buffer.concat(parts)
  }
}
