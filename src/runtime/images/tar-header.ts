/** The archive is broken, or holds what we do not take. */
export class TarError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'TarError'
  }
}

export type TarEntryType = 'file' | 'directory' | 'symlink' | 'link' | 'character' | 'block' | 'fifo'

export type TarEntryHead = Readonly<{
  path: string
  type: TarEntryType
  sizeBytes: number
  mode: number
  uid: number
  gid: number
  mtimeMs: number
  /** Target of a link of either kind. */
  linkPath: string
  major: number
  minor: number
  xattrs: ReadonlyMap<string, Uint8Array>
}>

export type TarHeader = Readonly<{
  flag: string
  sizeBytes: number
  /** The entry, with what the extended headers before it say. */
  entry(extended: ReadonlyMap<string, Uint8Array>): TarEntryHead
}>

const types: Readonly<Record<string, TarEntryType>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
}
const decoder = new TextDecoder()

/** POSIX.1-1988 ustar and GNU headers. Throws TarError. */
export function parseTarHeader(block: Uint8Array): TarHeader {
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0)
  const written = string(block, 148, 8).trim()
  if (!/^[0-7]+$/.test(written) || Number.parseInt(written, 8) !== sum)
    throw new TarError('a header has a wrong checksum: this is no tar archive, or it is damaged')
  const flag = String.fromCharCode(block[156] ?? 0)
  const sizeBytes = number(block, 124, 12)
  return { flag, sizeBytes, entry: (extended) => entryOf(block, flag, sizeBytes, extended) }
}

function entryOf(
  block: Uint8Array,
  flag: string,
  sizeBytes: number,
  extended: ReadonlyMap<string, Uint8Array>,
): TarEntryHead {
  const text = (key: string): string | undefined => {
    const bytes = extended.get(key)
    return bytes === undefined ? undefined : decoder.decode(bytes)
  }
  const figure = (key: string, otherwise: number): number => {
    const value = text(key)
    if (value === undefined) return otherwise
    if (!/^-?\d{1,18}(\.\d+)?$/.test(value)) throw new TarError(`${key} is no number in an extended header`)
    return Number(value)
  }
  const path = text('path') ?? pathOf(block)
  const type = types[flag] ?? (flag === '0' ? 'file' : undefined)
  if (type === undefined || [...extended.keys()].some((key) => key.startsWith('GNU.sparse')))
    throw new TarError(`${JSON.stringify(path)} is of a kind that is not taken (${JSON.stringify(flag)})`)
  const hasContent = type === 'file'
  return {
    path,
    // Old archives mark directories by a slash alone.
    type: type === 'file' && path.endsWith('/') ? 'directory' : type,
    sizeBytes: hasContent ? figure('size', sizeBytes) : 0,
    mode: number(block, 100, 8) & 0o7777,
    uid: figure('uid', number(block, 108, 8)),
    gid: figure('gid', number(block, 116, 8)),
    mtimeMs: figure('mtime', number(block, 136, 12)) * 1000,
    linkPath: text('linkpath') ?? string(block, 157, 100),
    major: number(block, 329, 8),
    minor: number(block, 337, 8),
    xattrs: xattrsOf(extended),
  }
}

function pathOf(block: Uint8Array): string {
  const name = string(block, 0, 100)
  const prefix = string(block, 257, 6).startsWith('ustar') && block[262] === 0 ? string(block, 345, 155) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

function xattrsOf(extended: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  const prefix = 'SCHILY.xattr.'
  return new Map(
    [...extended].flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [])),
  )
}

function string(block: Uint8Array, at: number, length: number): string {
  const field = block.subarray(at, at + length)
  const end = field.indexOf(0)
  return decoder.decode(end < 0 ? field : field.subarray(0, end))
}

/** Octal digits, or (GNU) a big-endian binary number after a byte 0x80. */
function number(block: Uint8Array, at: number, length: number): number {
  if (((block[at] ?? 0) & 0x80) !== 0) {
    let value = (block[at] ?? 0) & 0x3f
    for (const byte of block.subarray(at + 1, at + length)) value = value * 256 + byte
    if (!Number.isSafeInteger(value)) throw new TarError('a number in a header is too large')
    return value
  }
  const digits = string(block, at, length).trim()
  if (!/^[0-7]*$/.test(digits)) throw new TarError('a number in a header is not octal')
  return digits === '' ? 0 : Number.parseInt(digits, 8)
}

/** Records of the form '<length> <key>=<value>\n'. Throws TarError. */
export function parsePaxRecords(bytes: Uint8Array): Map<string, Uint8Array> {
  const records = new Map<string, Uint8Array>()
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at)
    const length = Number(decoder.decode(bytes.subarray(at, space)))
    const record = bytes.subarray(at, at + length)
    const equals = record.indexOf(61)
    if (space < 0 || !Number.isInteger(length) || length < space - at + 3 || at + length > bytes.length || equals < 0)
      throw new TarError('an extended header is damaged')
    records.set(decoder.decode(record.subarray(space - at + 1, equals)), record.subarray(equals + 1, length - 1))
    at += length
  }
  return records
}
