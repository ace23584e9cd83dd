import { expect, it } from 'vitest'
import { type Codec, CodecError } from '../../ports/codec.ts'
import { rawZstd } from './raw-zstd.ts'

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

/** As vitest compares them, large arrays take seconds. */
function expectBytes(found: Uint8Array, wanted: Uint8Array): void {
  expect(Buffer.compare(found, wanted)).toBe(0)
}

/** The numbers from 1 to 300, a line each, as the reference implementation compresses them. */
const numbers = new TextEncoder().encode(Array.from({ length: 300 }, (_, at) => `${at + 1}\n`).join(''))
const numbersInZstd = Uint8Array.from(
  atob(
    'KLUv/QBoNQ4ASkQEBwmw6yRJiHBSmHVtAGsAawDLHXdv3nCfbXbZZI8tdti1aYN9tdVVUz211FG3Zg310UYXTfTQQgddmjTQN9tcM80zyxxzZ84wn2xyySSPLHLIlSmDfLHFFVM8scQRN2YM8XXr1alPlx69nR36cePFiQ8XHrycHPht1/Qsx50BxIN4iZM4EL/hNryG0/AZLsNjeIdzOAw/4Sa8hJPwES7CQ3iFUzgIv+AWvIJT8AkuwSN4gzM4BL9yK69yKp9yKY/ylrMcyo/cyIucyIdcyIO85CQH8gNuwAs4AR/gAjyAFziBA/C77a6b7rmNzugQ/dqtvdqpfdqlPdrbznZoP3ZjL3ZiH3ZhD/aykx3YD7pBL+gEfaAL9IBe6IQO0O+4Ha/jdHyOy/E43uM8DsfPuBkv42R8jIvxMF7jNA7Gr7gVr+JUfIpL8Sje4iwOxY+4ES/iRHyISwPEd92u13W6PtflelzvdV6H62fdrJd1sj7WxXpYr3VaB+tX3apXdao+1aV6VG91VofqR92oF3WiPtSFelAvdVIH6jfdptd0mj7TZXpM73ROh+kn3aSXdJI+0kV6SK90SgfpF92iV3SKPtElekQPAA==',
  ),
  (char) => char.charCodeAt(0),
)

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
    expectBytes(await run(collect(codec.gunzip(inPieces(gzip(content), 1000)))), content)
    const two = new Uint8Array([...gzip(new Uint8Array([1, 2])), ...gzip(new Uint8Array([3]))])
    expect(await run(collect(codec.gunzip(inPieces(two, 7))))).toEqual(new Uint8Array([1, 2, 3]))
  })

  it('compresses, equal content to equal bytes', async () => {
    const { codec, run } = make()
    const once = await run(collect(codec.gzip(inPieces(content, 1000))))
    expectBytes(await run(collect(codec.gunzip(inPieces(once, 999)))), content)
    expectBytes(await run(collect(codec.gzip(inPieces(content, 1000)))), once)
    expect(once.length).toBeLessThan(content.length)
  })

  it('says that compressed bytes are damaged or cut off', async () => {
    const { codec, run, gzip } = make()
    const whole = gzip(content)
    for (const broken of [whole.subarray(0, whole.length / 2), new Uint8Array([1, 2, 3, 4])]) {
      const outcome = run(collect(codec.gunzip(inPieces(broken, 1000))))
      await expect(outcome).rejects.toThrow(CodecError)
    }
  })

  it('decompresses Zstandard, by pieces, also several frames one after another', async () => {
    const { codec, run } = make()
    expect(await run(collect(codec.unzstd(inPieces(numbersInZstd, 13))))).toEqual(numbers)
    const two = new Uint8Array([...rawZstd(content), ...numbersInZstd])
    expectBytes(await run(collect(codec.unzstd(inPieces(two, 1000)))), Buffer.concat([content, numbers]))
  })

  it('says that Zstandard is damaged or cut off', async () => {
    const { codec, run } = make()
    for (const broken of [numbersInZstd.subarray(0, 200), new Uint8Array([1, 2, 3, 4])]) {
      await expect(run(collect(codec.unzstd(inPieces(broken, 50))))).rejects.toThrow(CodecError)
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
