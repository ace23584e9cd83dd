import { expect, it } from 'vitest'
import { type Codec, CodecError } from '../../ports/codec.ts'

export type CodecUnderTest = Readonly<{
  codec: Codec
  run: <T>(promise: Promise<T>) => Promise<T>
  /** gzip by other means. */
  gzip: (content: Uint8Array) => Uint8Array
}>

async function* inPieces(content: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size)
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return new Uint8Array(Buffer.concat(parts))
}

export function codecContract(make: () => CodecUnderTest): void {
  const content = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7919) >>> 5)

  it('digests a stream by pieces', () => {
    const hash = make().codec.sha256()
    hash.update(new TextEncoder().encode('a'))
    hash.update(new TextEncoder().encode('bc'))
    expect(hash.hex()).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  it('decompresses, also several members one after another', async () => {
    const { codec, run, gzip } = make()
    expect(await run(collect(codec.gunzip(inPieces(gzip(content), 1000))))).toEqual(content)
    const two = new Uint8Array([...gzip(new Uint8Array([1, 2])), ...gzip(new Uint8Array([3]))])
    expect(await run(collect(codec.gunzip(inPieces(two, 7))))).toEqual(new Uint8Array([1, 2, 3]))
  })

  it('says that compressed bytes are damaged or cut off', async () => {
    const { codec, run, gzip } = make()
    const whole = gzip(content)
    for (const broken of [whole.subarray(0, whole.length / 2), new Uint8Array([1, 2, 3, 4])]) {
      const outcome = run(collect(codec.gunzip(inPieces(broken, 1000))))
      await expect(outcome).rejects.toThrow(CodecError)
    }
  })

  it('passes on an error of the source as it is', async () => {
    const { codec, run, gzip } = make()
    async function* failing(): AsyncIterable<Uint8Array> {
      yield gzip(content).subarray(0, 100)
      throw new RangeError('source')
    }
    await expect(run(collect(codec.gunzip(failing())))).rejects.toThrow(RangeError)
  })
}
