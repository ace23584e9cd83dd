import { expect, it } from 'vitest'
import type { Random } from '../../ports/random.ts'

export function randomContract(make: () => Random): void {
  it('stays within the bound and reaches every value below it', () => {
    const random = make()
    const seen = new Set(Array.from({ length: 500 }, () => random.below(5)))
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4])
  })

  it('gives as many bytes as asked for, not the same twice', () => {
    const random = make()
    const [a, b] = [random.bytes(32), random.bytes(32)]
    expect(a.length).toBe(32)
    expect(a).not.toEqual(b)
  })

  it('never gives bytes again, drawn in small portions or large ones', () => {
    const random = make()
    const drawn = [...Array.from({ length: 1000 }, () => 16), 5000, 4096, 16].map((count) => random.bytes(count))
    expect(drawn.map(({ length }) => length).slice(-3)).toEqual([5000, 4096, 16])
    expect(new Set(drawn.map((bytes) => bytes.slice(0, 16).join())).size).toBe(drawn.length)
  })
}
