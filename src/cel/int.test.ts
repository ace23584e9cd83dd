import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addInts, divideInts, intOf, maxInt, minInt, moduloInts, multiplyInts, subtractInts } from './int.ts'
import { CelError, type Int } from './value.ts'

const int = fc.oneof(
  fc.bigInt({ min: minInt, max: maxInt }),
  fc.bigInt({ min: -100n, max: 100n }),
  fc.constantFrom(minInt, maxInt, 2n ** 53n, -(2n ** 53n), 2n ** 53n - 1n),
)

function agrees(run: (a: Int, b: Int) => Int | CelError, exact: (a: bigint, b: bigint) => bigint): void {
  fc.assert(
    fc.property(int, int, (a, b) => {
      const result = run(intOf(a), intOf(b))
      const wanted = exact(a, b)
      if (wanted < minInt || wanted > maxInt) expect(result).toBeInstanceOf(CelError)
      else expect(result).toBe(intOf(wanted))
    }),
  )
}

describe('ints of 64 bits', () => {
  it('add, subtract and multiply exactly, or overflow', () => {
    agrees(addInts, (a, b) => a + b)
    agrees(subtractInts, (a, b) => a - b)
    agrees(multiplyInts, (a, b) => a * b)
  })

  it('divide towards zero', () => {
    const nonZero = int.filter((value) => value !== 0n)
    fc.assert(
      fc.property(int, nonZero, (a, b) => {
        const overflows = a === minInt && b === -1n
        if (overflows) expect(divideInts(intOf(a), intOf(b))).toBeInstanceOf(CelError)
        else expect(divideInts(intOf(a), intOf(b))).toBe(intOf(a / b))
        if (!overflows) expect(moduloInts(intOf(a), intOf(b))).toBe(intOf(a % b))
      }),
    )
  })
})
