import { concat } from '../../api/bytes.ts'
import type { TarEntryType } from './tar-header.ts'

export type TarItem = Readonly<{
  path: string
  type?: TarEntryType
  mode?: number
  uid?: number
  gid?: number
  mtimeMs?: number
  linkPath?: string
  major?: number
  minor?: number
  /** Written as SCHILY.xattr records. */
  xattrs?: Readonly<Record<string, Uint8Array>>
  content?: Uint8Array | Readonly<{ sizeBytes: number; chunks: AsyncIterable<Uint8Array> }>
}>

const blockBytes = 512
const encoder = new TextEncoder()
const flags: Readonly<Record<TarEntryType, string>> = {
  file: '0',
  link: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
}

/** A POSIX tar (pax where ustar does not suffice). */
export async function* writeTar(items: Iterable<TarItem> | AsyncIterable<TarItem>): AsyncIterable<Uint8Array> {
  for await (const item of items) {
    const sizeBytes = sizeOf(item)
    const records = paxRecords(item, sizeBytes)
    if (records.length > 0) {
      yield header({ path: 'pax', mode: 0o644 }, 'x', records.length)
      yield records
      yield padding(records.length)
    }
    yield header(item, flags[item.type ?? 'file'], sizeBytes)
    if (item.content instanceof Uint8Array) yield item.content
    else if (item.content !== undefined) yield* item.content.chunks
    yield padding(sizeBytes)
  }
  yield new Uint8Array(2 * blockBytes)
}

function sizeOf({ content }: TarItem): number {
  if (content === undefined) return 0
  return content instanceof Uint8Array ? content.length : content.sizeBytes
}

function padding(sizeBytes: number): Uint8Array {
  return new Uint8Array((blockBytes - (sizeBytes % blockBytes)) % blockBytes)
}

function header(item: TarItem, flag: string, sizeBytes: number): Uint8Array {
  const block = new Uint8Array(blockBytes)
  const text = (value: string, at: number, length: number): void =>
    block.set(encoder.encode(value).subarray(0, length), at)
  const octal = (value: number, at: number, length: number): void =>
    text(`${(value < 8 ** (length - 1) ? value : 0).toString(8).padStart(length - 1, '0')}\0`, at, length)
  text(item.path, 0, 100)
  octal(item.mode ?? (item.type === 'directory' ? 0o755 : 0o644), 100, 8)
  octal(item.uid ?? 0, 108, 8)
  octal(item.gid ?? 0, 116, 8)
  octal(sizeBytes, 124, 12)
  octal(Math.floor((item.mtimeMs ?? 0) / 1000), 136, 12)
  text('        ', 148, 8)
  text(flag, 156, 1)
  text(item.linkPath ?? '', 157, 100)
  text('ustar\x0000', 257, 8)
  octal(item.major ?? 0, 329, 8)
  octal(item.minor ?? 0, 337, 8)
  const sum = block.reduce((total, byte) => total + byte, 0)
  text(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8)
  return block
}

function paxRecords({ path, linkPath = '', xattrs = {}, uid = 0, gid = 0 }: TarItem, sizeBytes: number): Uint8Array {
  const records: Uint8Array[] = []
  if (encoder.encode(path).length > 100) records.push(paxRecord('path', encoder.encode(path)))
  if (encoder.encode(linkPath).length > 100) records.push(paxRecord('linkpath', encoder.encode(linkPath)))
  if (sizeBytes >= 8 ** 11) records.push(paxRecord('size', encoder.encode(String(sizeBytes))))
  for (const [key, value] of [['uid', uid] as const, ['gid', gid] as const])
    if (value >= 8 ** 7) records.push(paxRecord(key, encoder.encode(String(value))))
  for (const [name, value] of Object.entries(xattrs)) records.push(paxRecord(`SCHILY.xattr.${name}`, value))
  return concat(records)
}

/** '<length> <key>=<value>\n', where the length counts its own digits. */
function paxRecord(key: string, value: Uint8Array): Uint8Array {
  const rest = encoder.encode(` ${key}=`).length + value.length + 1
  let length = rest + String(rest).length
  if (String(length).length > String(rest).length) length = rest + String(length).length
  return concat([encoder.encode(`${length} ${key}=`), value, encoder.encode('\n')])
}
