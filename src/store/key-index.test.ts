import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32 } from './crc32.ts'
import { afterKey, endOfPrefix, keyIndex, startOfPrefix } from './key-index.ts'

describe('the key index', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 5 })

  it('is a sorted set, whatever is put in and taken out', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), key), { maxLength: 200 }), key, (changes, point) => {
        const index = keyIndex()
        const model = new Set<string>()
        for (const [add, changed] of changes) {
          if (add === model.has(changed)) continue
          if (add) index.add(changed)
          else index.delete(changed)
          if (add) model.add(changed)
          else model.delete(changed)
        }
        const sorted = [...model].sort()
        const scanned: string[] = []
        index.scan(afterKey(point), (each) => scanned.push(each) > 0)
        expect(scanned).toEqual(sorted.filter((each) => each > point))
        expect(index.rank(startOfPrefix(point))).toBe(sorted.filter((each) => each < point).length)
        expect(index.rank(endOfPrefix(point)) - index.rank(startOfPrefix(point))).toBe(
          sorted.filter((each) => each.startsWith(point)).length,
        )
      }),
    ))
  it('stays sorted over many chunks, in rising, falling and mixed order', () => {
    const numbers = Array.from({ length: 20_000 }, (_, at) => at)
    const orders = [
      numbers,
      numbers.toReversed(),
      numbers.toSorted((a, b) => ((a * 7919) % 20_011) - ((b * 7919) % 20_011)),
    ]
    for (const order of orders) {
      const index = keyIndex()
      for (const number of order) index.add(String(number).padStart(6, '0'))
      for (const number of order) if (number % 3 !== 0) index.delete(String(number).padStart(6, '0'))
      const found: string[] = []
      index.scan(startOfPrefix(''), (each) => found.push(each) > 0)
      expect(found).toEqual(
        numbers.filter((number) => number % 3 === 0).map((number) => String(number).padStart(6, '0')),
      )
      expect(index.size).toBe(found.length)
    }
  })
})

describe('the checksum', () => {
  it('is the CRC-32 that gzip and everybody else uses, however the bytes are divided', () => {
    const bytes = new TextEncoder().encode('123456789')
    expect(crc32(bytes)).toBe(0xcbf43926)
    expect(crc32(bytes.subarray(4), crc32(bytes.subarray(0, 4)))).toBe(0xcbf43926)
    const long = Uint8Array.from({ length: 1000 }, (_, at) => at * 31)
    expect(crc32(long, crc32(long, 0, 0, 333), 333)).toBe(crc32(long))
  })
})
