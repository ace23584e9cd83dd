import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantity,
  quantityMilli,
  quantityOfMilli,
  quantityOfUnits,
  quantityUnits,
  subtractQuantities,
} from './quantity.ts'

/** What kube-apiserver 1.36.1 writes for what it was given. */
const written: readonly (readonly [text: string, stored: string])[] = [
  ['100m', '100m'],
  ['0.1', '100m'],
  ['1.5Gi', '1536Mi'],
  ['1024Ki', '1Mi'],
  ['1Gi', '1Gi'],
  ['2048Mi', '2Gi'],
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['1e3', '1e3'],
  ['1e2', '100'],
  ['12e6', '12e6'],
  ['1000', '1k'],
  ['0.5', '500m'],
  ['.5', '500m'],
  ['5.', '5.'],
  ['0', '0'],
  ['0Gi', '0'],
  ['1.500', '1.500'],
  ['01', '01'],
  ['0.1n', '1n'],
  ['0.5Ki', '512'],
  ['0.0001Ki', '102400u'],
  ['20Ei', '9223372036854775807'],
  ['-1Gi', '-1Gi'],
  ['1E', '1E'],
  ['1E2', '100'],
  ['123456789012345678901', '123456789012345678901'],
]

const bad: readonly (readonly [text: string, error: RegExp])[] = [
  ['', /must match the regular expression/],
  ['1 Gi', /must match the regular expression/],
  ['abc', /must match the regular expression/],
  ['1K', /unable to parse quantity's suffix/],
  ['1mi', /unable to parse quantity's suffix/],
  ['1e', /unable to parse quantity's suffix/],
  ['Ei', /unable to parse numeric part/],
  ['1e100000', /unable to parse numeric part/],
]

const amounts = fc.tuple(
  fc.bigInt({ min: -(2n ** 50n), max: 2n ** 50n }),
  fc.constantFrom('', 'm', 'u', 'k', 'M', 'Ki', 'Mi', 'e3'),
)
const quantities = amounts.map(([digits, suffix]) => quantity(`${digits}${suffix}`))

describe('a quantity', () => {
  it.each(written)('%s is written as %s', (text, stored) => {
    expect(formatQuantity(quantity(text))).toBe(stored)
  })

  it.each(bad)('%j is refused', (text, error) => {
    const parsed = parseQuantity(text)
    expect(parsed.ok ? 'accepted' : parsed.error).toMatch(error)
  })

  it('keeps its amount when it is written and read again', () => {
    fc.assert(
      fc.property(quantities, (a) => {
        expect(compareQuantities(quantity(canonicalQuantity(a)), a)).toBe(0)
      }),
    )
  })

  it('adds and subtracts without loss', () => {
    fc.assert(
      fc.property(quantities, quantities, (a, b) => {
        expect(subtractQuantities(addQuantities(a, b), b).nano).toBe(a.nano)
        expect(addQuantities(a, b).nano).toBe(addQuantities(b, a).nano)
      }),
    )
  })

  it('takes the format of the first summand that is not zero', () => {
    expect(formatQuantity(addQuantities(quantity('1Gi'), quantity('512M')))).toBe('1548576Ki')
    expect(formatQuantity(addQuantities(quantity('0'), quantity('1Gi')))).toBe('1Gi')
    expect(formatQuantity(addQuantities(quantity('1Gi'), quantity('1Gi')))).toBe('2Gi')
  })

  it('rounds up to whole units and milliunits', () => {
    expect(quantityUnits(quantity('100m'))).toBe(1n)
    expect(quantityUnits(quantity('1.5Gi'))).toBe(1610612736n)
    expect(quantityMilli(quantity('250m'))).toBe(250n)
    expect(quantityMilli(quantity('1u'))).toBe(1n)
    expect(formatQuantity(quantityOfMilli(1250))).toBe('1250m')
    expect(formatQuantity(quantityOfUnits(2 ** 30, 'BinarySI'))).toBe('1Gi')
  })
})
