import { expect, it } from 'vitest'
import type { Deflate } from '../../ports/deflate.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (content: Uint8Array): string => new TextDecoder().decode(content)

export type DeflateUnderTest = Readonly<{
  deflate: Deflate
  /** Reads what the one under test writes, and writes what it reads. */
  other: Deflate
}>

export function deflateContract(make: () => DeflateUnderTest): void {
  const dictionary = bytes('content-length host method path version')

  it('gives back piece by piece what was put in piece by piece', async () => {
    const { deflate } = make()
    const writer = deflate.compressor(dictionary)
    const reader = deflate.decompressor(dictionary, 1 << 20)
    for (const piece of ['method path', 'x'.repeat(100_000), 'method path', '']) {
      expect(text(await reader.run(await writer.run(bytes(piece))))).toBe(piece)
    }
    writer.close()
    reader.close()
  })

  it('speaks the same format as every other zlib', async () => {
    const { deflate, other } = make()
    const there = [deflate.compressor(dictionary), other.decompressor(dictionary, 1000)] as const
    const back = [other.compressor(dictionary), deflate.decompressor(dictionary, 1000)] as const
    for (const [writer, reader] of [there, back]) {
      expect(text(await reader.run(await writer.run(bytes('host'))))).toBe('host')
      expect(text(await reader.run(await writer.run(bytes('host host'))))).toBe('host host')
      writer.close()
      reader.close()
    }
  })

  it('answers calls in order, also when they are not waited for', async () => {
    const { deflate } = make()
    const writer = deflate.compressor(dictionary)
    const reader = deflate.decompressor(dictionary, 1000)
    const written = await Promise.all(['one', 'two', 'three'].map((word) => writer.run(bytes(word))))
    const read = await Promise.all(written.map((piece) => reader.run(piece)))
    expect(read.map(text)).toEqual(['one', 'two', 'three'])
    writer.close()
    reader.close()
  })

  it('refuses bytes that are no zlib stream', async () => {
    const { deflate } = make()
    const reader = deflate.decompressor(dictionary, 1000)
    await expect(reader.run(bytes('not compressed at all'))).rejects.toMatchObject({ code: 'Corrupt' })
    reader.close()
  })

  it('refuses a bomb', async () => {
    const { deflate } = make()
    const writer = deflate.compressor(dictionary)
    const reader = deflate.decompressor(dictionary, 1000)
    const bomb = await writer.run(new Uint8Array(100_000))
    await expect(reader.run(bomb)).rejects.toMatchObject({ code: 'Corrupt' })
    writer.close()
    reader.close()
  })
}
