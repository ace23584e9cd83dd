import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonSyntaxError, maxJsonDepth, parseJsonText, plainJson, scanJson } from './json-text.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('the exact reader', () => {
  test('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), fc.constantFrom('', ' ', '\n\t'), (text, space) => {
        const value: unknown = JSON.parse(text)
        expect(plainJson(parseJsonText(`${space}${text}${space}`))).toEqual(value)
        expect(plainJson(parseJsonText(JSON.stringify(value, null, 2)))).toEqual(value)
      }),
    )
  })

  test('refuses what JSON.parse refuses, and only that', () => {
    const fragments = fc.array(
      fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"', '1', '-', '.', 'e', '0', 'true', 'nul', ' '),
    )
    fc.assert(
      fc.property(fragments, (parts) => {
        const text = parts.join('')
        let isJson = true
        try {
          JSON.parse(text)
        } catch {
          isJson = false
        }
        if (isJson) parseJsonText(text)
        else expect(() => parseJsonText(text)).toThrow(JsonSyntaxError)
      }),
      { numRuns: 2000 },
    )
  })

  test('replaces halves of surrogate pairs, as Go does', () => {
    expect(parseJsonText('"a\\ud800b\\udc00\\ud83d\\ude00"')).toBe('a\ufffdb\ufffd\ud83d\ude00')
  })

  test('stops at a depth that no object has', () => {
    const nest = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(() => parseJsonText(nest(maxJsonDepth))).not.toThrow()
    expect(() => parseJsonText(nest(maxJsonDepth + 1))).toThrow('exceeded max depth')
  })
})

describe('the scan', () => {
  test.each([
    ['{"a":{"b":[1,"x:{\\"",true]}}', { keys: 2, depth: 3, plain: true }],
    ['{"a":1,"a":2}', { keys: 2, depth: 1, plain: true }],
    ['{"a":1.5}', { keys: 1, depth: 1, plain: false }],
    ['{"a":1e3}', { keys: 1, depth: 1, plain: false }],
    ['{"a":12345678901234567}', { keys: 1, depth: 1, plain: false }],
    ['["\\ud800"]', { keys: 0, depth: 1, plain: false }],
    ['["\\u00e9 1.5 1e9"]', { keys: 0, depth: 1, plain: true }],
  ])('of %s', (text, scan) => {
    expect(scanJson(bytes(text))).toEqual(scan)
  })

  test('takes for plain only numbers that JSON.parse keeps as they are', () => {
    const number = fc.oneof(
      fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    )
    fc.assert(
      fc.property(number.map(String), (text) => {
        if (scanJson(bytes(`[${text}]`)).plain) expect(String(JSON.parse(text))).toBe(text)
      }),
    )
  })
})
