import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatSelector,
  matchesLabels,
  parseLabelSelector,
  selectorFromLabels,
  selectorFromObject,
} from './label-selector.ts'

function parse(text: string) {
  const parsed = parseLabelSelector(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

const matching: readonly (readonly [text: string, labels: Record<string, string>, matches: boolean])[] = [
  ['', { a: 'b' }, true],
  ['a=b', { a: 'b' }, true],
  ['a==b', { a: 'c' }, false],
  ['a!=b', {}, true],
  ['a!=b', { a: 'b' }, false],
  ['a in (b,c)', { a: 'c' }, true],
  ['a in (b,c)', {}, false],
  ['a notin (b,c)', {}, true],
  ['a notin (b,c)', { a: 'b' }, false],
  ['a', { a: '' }, true],
  ['!a', { a: '' }, false],
  ['!a,b=', { b: '' }, true],
  ['a in (,x)', { a: '' }, true],
  ['a>5', { a: '6' }, true],
  ['a<5', { a: '6' }, false],
  ['a<5', { a: 'x' }, false],
  ['in in (in)', { in: 'in' }, true],
  ['toString', {}, false],
]

/** The messages of kube-apiserver 1.36.1. */
const refused: readonly (readonly [text: string, message: string])[] = [
  ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ['a=b c', "found 'c', expected: ',' or 'end of string'"],
  ['x in (a', "unable to parse requirement: found '', expected: ',' or ')'"],
  ['a===b', "unable to parse requirement: found '=', expected: identifier"],
  ['a,,b', "found ',', expected: identifier after ','"],
  ['!!a', "unable to parse requirement: found '!', expected: identifier"],
  ['a in a', "unable to parse requirement: found 'a' expected: '('"],
  ['=', "found '=', expected: !, identifier, or 'end of string'"],
  [
    'a>b',
    "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer",
  ],
  [
    '-x',
    "unable to parse requirement: <nil>: Invalid value: \"-x\": name part must consist of alphanumeric characters, '-', '_' or '.', " +
      "and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for " +
      "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
  ],
  [
    'a=-b-',
    'unable to parse requirement: values[0][a]: Invalid value: "-b-": a valid label must be an empty string or consist of ' +
      "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or " +
      "'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
  ],
]

describe('a label selector', () => {
  it.each(matching)('%j on %j: %j', (text, labels, matches) => {
    expect(matchesLabels(parse(text), labels)).toBe(matches)
  })

  it.each(refused)('%j is refused', (text, message) => {
    expect(parseLabelSelector(text)).toEqual({ ok: false, error: message })
  })

  it('is written sorted by key, with sorted values', () => {
    expect(formatSelector(parse('z,b notin (y,x),a=1,!c'))).toBe('a=1,b notin (x,y),!c,z')
  })

  it('means the same when it is written and read again', () => {
    const name = fc.constantFrom('a', 'b', 'app.kubernetes.io/name', 'in')
    const value = fc.constantFrom('', 'x', 'y', '7')
    const term = fc.oneof(
      name,
      name.map((key) => `!${key}`),
      fc.tuple(name, fc.constantFrom('=', '!='), value).map((parts) => parts.join('')),
      fc
        .tuple(name, fc.constantFrom('in', 'notin'), fc.array(value, { minLength: 1 }))
        .map(([key, operator, values]) => `${key} ${operator} (${values.join(',')})`),
    )
    const labels = fc.dictionary(name, value)
    fc.assert(
      fc.property(fc.array(term), labels, (terms, given) => {
        const selector = parse(terms.join(','))
        expect(matchesLabels(parse(formatSelector(selector)), given)).toBe(matchesLabels(selector, given))
      }),
    )
  })
})

describe('the selector of an object', () => {
  it('joins matchLabels and matchExpressions', () => {
    const selector = selectorFromObject({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['a', 'b'] },
        { key: 'gone', operator: 'DoesNotExist' },
      ],
    })
    expect(selector.ok && selector.value !== undefined && formatSelector(selector.value)).toBe(
      'app=web,!gone,tier in (a,b)',
    )
  })

  it('matches nothing when absent and everything when empty', () => {
    const absent = selectorFromObject(undefined)
    const empty = selectorFromObject({})
    expect(absent.ok && matchesLabels(absent.value, { a: 'b' })).toBe(false)
    expect(empty.ok && matchesLabels(empty.value, undefined)).toBe(true)
  })

  it('refuses an unknown operator', () => {
    const message = '"Near" is not a valid label selector operator'
    expect(selectorFromObject({ matchExpressions: [{ key: 'a', operator: 'Near' }] })).toEqual({
      ok: false,
      error: message,
    })
  })

  it('of plain labels demands every pair', () => {
    expect(formatSelector(selectorFromLabels({ b: '2', a: '1' }))).toBe('a=1,b=2')
    expect(matchesLabels(selectorFromLabels({ b: '2', a: '1' }), { a: '1' })).toBe(false)
  })
})
