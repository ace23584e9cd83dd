import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countIndexes, formatIndexes, parseIndexes, readIndexes } from './job-indexes.ts'

describe('completion indexes as text', () => {
  it('are the same after writing and reading', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 60 })), (indexes) => {
        const text = formatIndexes(new Set(indexes))
        const parsed = parseIndexes(text, 61)
        expect(parsed.ok && countIndexes(parsed.value)).toBe(indexes.length)
        expect(new Set(readIndexes(text, 61))).toEqual(new Set(indexes))
      }),
    )
  })

  it('end at the number of completions', () => {
    expect([...readIndexes('0,2-9', 4)]).toEqual([0, 2, 3])
  })
})
