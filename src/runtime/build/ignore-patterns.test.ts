import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isIgnored, parseIgnorePatterns, readIgnoreFile } from './ignore-patterns.ts'

function ignored(patterns: readonly string[], path: string): boolean {
  const parsed = parseIgnorePatterns(patterns)
  if (!parsed.ok) throw new Error(parsed.error)
  return isIgnored(parsed.value, path)
}

const cases: readonly (readonly [patterns: readonly string[], ignored: readonly string[], taken: readonly string[]])[] =
  [
    [['*.md'], ['README.md', 'a.md/b'], ['docs/README.md', 'a.mdx']],
    [['**/*.md'], ['README.md', 'docs/a/b.md'], ['a.txt']],
    [['docs'], ['docs', 'docs/a', 'docs/a/b'], ['docs2', 'a/docs']],
    [['**/docs'], ['docs/a', 'a/docs/b', 'a/b/docs'], ['docs2', 'a/mydocs']],
    [['docs/**'], ['docs/a', 'docs/a/b'], ['docs']],
    [['a/*/c'], ['a/b/c', 'a/b/c/d'], ['a/c', 'a/b/b/c']],
    [['a?c'], ['abc'], ['ac', 'a/c']],
    [['[a-c]x'], ['bx'], ['dx']],
    [['[^a-c]x'], ['dx'], ['bx']],
    [
      ['*', '!keep'],
      ['a', 'b/c'],
      ['keep', 'keep/x'],
    ],
    [['*', '!keep', 'keep/secret'], ['keep/secret', 'keep/secret/x'], ['keep/x']],
    [
      ['a', '!a/b', 'a/b/c'],
      ['a/x', 'a/b/c'],
      ['a/b', 'a/b/d'],
    ],
    [['!a', 'a'], ['a'], ['b']],
    [
      ['**', '!src/**/*.go'],
      ['README', 'src/a.c'],
      ['src/a.go', 'src/b/c.go'],
    ],
    [['a.b'], ['a.b'], ['axb']],
    [['a\\*b'], ['a*b'], ['axb']],
  ]

describe('ignore patterns', () => {
  it.each(cases)('%j', (patterns, out, taken) => {
    expect(out.filter((path) => !ignored(patterns, path))).toEqual([])
    expect(taken.filter((path) => ignored(patterns, path))).toEqual([])
  })

  it('are read from a file line by line: comments, spaces and slashes do not count', () => {
    const text = '\uFEFF# comment\n\n  /a/b/  \n!/c\n./d/../e\n #no comment\n'
    expect(readIgnoreFile(text)).toEqual(['a/b', '!c', 'e', '#no comment'])
  })

  it.each([['!'], ['[a']])('%s is refused', (pattern) => expect(parseIgnorePatterns([pattern]).ok).toBe(false))

  const part = fc.stringMatching(/^[a-z]{1,3}$/)
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  const pattern = fc
    .array(fc.oneof(part, fc.constantFrom('*', '**', '?', 'a*')), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join('/'))

  it('leave out what is below what they leave out, as long as nothing is excepted', () => {
    fc.assert(
      fc.property(fc.array(pattern), path, part, (patterns, above, name) => {
        return !ignored(patterns, above) || ignored(patterns, `${above}/${name}`)
      }),
    )
  })

  it('have their last word: a path is in after all that named it by an exception, and out by itself', () => {
    fc.assert(
      fc.property(fc.array(pattern), path, (patterns, named) => {
        return !ignored([...patterns, `!${named}`], named) && ignored([...patterns, `!${named}`, named], named)
      }),
    )
  })

  it('say the same twice as once', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), pattern)), path, (list, named) => {
        const patterns = list.map(([isException, text]) => (isException ? `!${text}` : text))
        return (
          ignored(patterns, named) ===
          ignored(
            patterns.flatMap((each) => [each, each]),
            named,
          )
        )
      }),
    )
  })
})
