import { describe, expect, test } from 'vitest'
import { parseYamlText } from './yaml-text.ts'

function read(text: string): unknown {
  const parsed = parseYamlText(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value.value
}

describe('YAML is read as Kubernetes reads it', () => {
  test.each([
    ['yes', true],
    ['off', false],
    ['y', true],
    ['~', null],
    ['010', 8],
    ['0o10', 8],
    ['0x1F', 31],
    ['1_000', 1000],
    ['1e3', 1000],
    ['12:30', '12:30'],
    ['80:8080', '80:8080'],
    ['2020-01-01', '2020-01-01'],
    ['2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z'],
    ['"010"', '010'],
    ['!!str 1', '1'],
    ['!!binary YQ==', 'a'],
    ['>-\n  a\n  b', 'a b'],
  ])('%s is %j', (text, value) => {
    expect(read(`k: ${text}\n`)).toEqual({ k: value })
  })

  test('keys are texts, sorted', () => {
    expect(JSON.stringify(read('b: 1\ntrue: 2\n1.5: 3\na: 4'))).toBe('{"1.5":3,"a":4,"b":1,"true":2}')
  })

  test.each([
    ['brackets', '['.repeat(2000)],
    ['maps', `${'{"a":'.repeat(2000)}1`],
    ['sequences in each other', '- '.repeat(2000)],
    ['indents', Array.from({ length: 1000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
  ])('%s are read only so deep', (_, text) => {
    expect(parseYamlText(text)).toEqual({ ok: false, error: 'yaml: exceeded max depth of 500' })
  })

  test('merges and aliases are unfolded', () => {
    expect(read('a: &x {p: 1}\nb: {<<: *x, q: 2}\nc: *x')).toEqual({ a: { p: 1 }, b: { p: 1, q: 2 }, c: { p: 1 } })
  })

  test('aliases that grow without measure are refused', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let n = 1; n < 9; n += 1)
      lines.push(
        `a${n}: &a${n} [${Array(10)
          .fill(`*a${n - 1}`)
          .join(', ')}]`,
      )
    expect(parseYamlText(lines.join('\n')).ok).toBe(false)
  })

  test('only the first document counts', () => {
    expect(read('a: 1\n---\nb: 2\n')).toEqual({ a: 1 })
  })

  test.each([
    ['k: .inf', 'json: unsupported value: +Inf'],
    ['k: *a', "yaml: unknown anchor 'a' referenced"],
    ['a:\n  k: [a\n', "yaml: line 2: did not find expected ',' or ']'"],
    ['k: @x', 'yaml: line 1: found character that cannot start any token'],
    ['k: "a\n', 'yaml: line 2: found unexpected end of stream'],
    ['k: - a', 'yaml: line 1: block sequence entries are not allowed in this context'],
    ['a:\n\tb: 1', 'yaml: line 2: found character that cannot start any token'],
  ])('%j is refused: %s', (text, error) => {
    expect(parseYamlText(text)).toEqual({ ok: false, error })
  })
})
