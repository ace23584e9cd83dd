import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileRegexp } from './regexp.ts'

function compiled(pattern: string) {
  const regexp = compileRegexp(pattern)
  if (!regexp.ok) throw new Error(regexp.error)
  return regexp.value
}

/** Patterns of the syntax that both engines share. */
const pattern = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b', '[ab]', '[^a]', '\\d', '\\w', '^', '$', '\\b'),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => a + b),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(?:${a}|${b})`),
    fc.tuple(tie('node'), fc.constantFrom('*', '+', '?', '{1,2}', '*?', '??')).map(([a, sign]) => `(?:${a}x)${sign}`),
  ),
})).node

describe('a regular expression', () => {
  it('finds what a backtracking engine finds, where the two mean the same', () => {
    fc.assert(
      fc.property(
        pattern,
        fc.string({ unit: fc.constantFrom('a', 'b', 'x', '1', ' '), maxLength: 8 }),
        (source, text) => {
          const found = new RegExp(source, 'u').exec(text)
          expect(compiled(source).matches(text)).toBe(found !== null)
          expect(compiled(source).find(text)).toBe(found?.[0] ?? '')
        },
      ),
      { numRuns: 300 },
    )
  })

  it('takes time linear in the text where backtracking would take ages', () => {
    expect(compiled('^(a+)+$').matches(`${'a'.repeat(2000)}b`)).toBe(false)
  })

  it.each([
    ['(?i)AbC', 'xaBc', 'aBc'],
    ['^(?i)(abort|warn)?$', 'WARN', 'WARN'],
    ['((?i)mon|TUE)day|end', 'mONDAY END', ''],
    ['((?i)mon|TUE)day|end', 'tueday', 'tueday'],
    ['a(?i:b)c', 'xaBc aBC', 'aBc'],
    ['[[:alpha:]]+', '12ab3', 'ab'],
    ['\\pL+', '1äö2', 'äö'],
    ['\\Qa.b\\E', 'aab a.b', 'a.b'],
    ['(?P<year>\\d{4})-(?<m>\\d\\d)', 'on 2026-11-28', '2026-11'],
    ['(?m)^b$', 'a\nb', 'b'],
    ['(?s)a.b', 'a\nb', 'a\nb'],
    ['a{2,3}?', 'aaaa', 'aa'],
    ['\\Ab|c\\z', 'abc', 'c'],
  ])('%s finds in %j what it should', (source, text, expected) => {
    expect(compiled(source).find(text)).toBe(expected)
  })

  it.each([
    ['(', 'missing closing ): `(`'],
    ['a)', 'unexpected ): `a)`'],
    ['[a', 'missing closing ]: `[a`'],
    ['*a', 'missing argument to repetition operator: `*`'],
    ['a**', 'invalid nested repetition operator: `**`'],
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['\\q', 'invalid escape sequence: `\\q`'],
    ['a\\', 'trailing backslash at end of expression: ``'],
    ['[z-a]', 'invalid character class range: `z-a`'],
    ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['[[:foo:]]', 'invalid character class range: `[:foo:]`'],
  ])('%s is refused in the words of the original', (source, message) => {
    expect(compileRegexp(source)).toEqual({ ok: false, error: `error parsing regexp: ${message}` })
  })

  it('finds all matches, an empty one not right after another', () => {
    expect(compiled('a*').findAll('baac', -1)).toEqual(['', 'aa', ''])
    expect(compiled('[0-9]+').findAll('1 22 333', 2)).toEqual(['1', '22'])
  })
})
