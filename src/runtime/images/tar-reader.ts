import { type ByteReader, byteReader } from './byte-reader.ts'
import { parsePaxRecords, parseTarHeader, type TarEntryHead, TarError, type TarHeader } from './tar-header.ts'

export type TarEntry = TarEntryHead &
  Readonly<{
    /** Read it before asking for the next entry; what is left unread is skipped. */
    content: AsyncIterable<Uint8Array>
  }>

const blockBytes = 512
/** Long names, and the extended headers that carry them with attributes, are read whole. */
const longestExtensionBytes = 1 << 20

/** Entries of a tar archive: ustar, pax and GNU long names. Throws TarError when the archive is broken. */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncIterable<TarEntry> {
  const reader = byteReader(chunks)
  let pax = new Map<string, Uint8Array>()
  let global = new Map<string, Uint8Array>()
  for (;;) {
    const header = await nextHeader(reader)
    if (header === undefined) return
    if (header.flag === 'x' || header.flag === 'L' || header.flag === 'K') {
      pax = new Map([...pax, ...(await readExtension(reader, header))])
    } else if (header.flag === 'g') {
      global = new Map([...global, ...(await readExtension(reader, header))])
    } else {
      const entry = header.entry(new Map([...global, ...pax]))
      pax = new Map()
      const body = entryBody(reader, entry)
      yield { ...entry, content: body.content }
      await body.skip()
    }
  }
}

async function nextHeader(reader: ByteReader): Promise<TarHeader | undefined> {
  const block = await reader.read(blockBytes)
  if (block === undefined) return undefined
  if (block.length < blockBytes) throw new TarError('unexpected end of the archive')
  // The end is marked by two blocks of zeroes; one is enough for us.
  return block.every((byte) => byte === 0) ? undefined : parseTarHeader(block)
}

async function readExtension(reader: ByteReader, header: TarHeader): Promise<Map<string, Uint8Array>> {
  if (header.sizeBytes > longestExtensionBytes) throw new TarError('an extended header is too long')
  const padded = header.sizeBytes + paddingOf(header.sizeBytes)
  const block = padded === 0 ? new Uint8Array(0) : await reader.read(padded)
  if (block === undefined || block.length < padded) throw new TarError('unexpected end of the archive')
  const bytes = block.subarray(0, header.sizeBytes)
  if (header.flag === 'x' || header.flag === 'g') return parsePaxRecords(bytes)
  const end = bytes.indexOf(0)
  return new Map([[header.flag === 'L' ? 'path' : 'linkpath', end < 0 ? bytes : bytes.subarray(0, end)]])
}

function paddingOf(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes
}

function entryBody(reader: ByteReader, { sizeBytes }: TarEntryHead) {
  let left = sizeBytes
  async function* read(): AsyncIterable<Uint8Array> {
    for await (const chunk of reader.take(left)) {
      left -= chunk.length
      yield chunk
    }
    if (left > 0) throw new TarError('unexpected end of the archive')
  }
  const skip = async (): Promise<void> => {
    for await (const _ of read()) {
      // Nobody wanted it.
    }
    for await (const _ of reader.take(paddingOf(sizeBytes))) {
      // Padding.
    }
  }
  return { content: read(), skip }
}
