import { describe, expect, it } from 'vitest'
import { unifiedDiff } from './unified-diff.ts'

const lines = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => String(from + at))

describe('a unified diff', () => {
  it('is empty for the same text', () => {
    expect(unifiedDiff('a\nb', 'a\nb')).toBe('')
  })
  it('shows three lines around a change, and changes far apart in hunks of their own', () => {
    const before = lines(1, 30).join('\n')
    const after = before.replace('\n5\n', '\nfive\n').replace('\n25\n', '\n')
    expect(unifiedDiff(before, after)).toBe(
      '@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n@@ -22,7 +22,6 @@\n 22\n 23\n 24\n-25\n 26\n 27\n 28\n',
    )
  })
  it('joins changes that are near', () => {
    const before = lines(1, 12).join('\n')
    const after = before.replace('\n3\n', '\nx\n').replace('\n9\n', '\ny\n')
    expect(unifiedDiff(before, after).match(/@@ -/g)).toHaveLength(1)
  })
  it('begins where the text begins', () => {
    expect(unifiedDiff('a', 'b\na')).toBe('@@ -1 +1,2 @@\n+b\n a\n')
  })
})
