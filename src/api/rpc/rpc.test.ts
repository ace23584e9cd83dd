import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeRpc } from './decode.ts'
import { encodeRpc } from './encode.ts'
import { enumOf, list, map, message, optional } from './message.ts'

const inner = message('Inner', { name: [1, 'string'], size: [3, 'int64'] })
const all = message('All', {
  text: [1, 'string'],
  flag: [2, 'bool'],
  data: [3, 'bytes'],
  small: [4, 'int32'],
  big: [5, 'int64'],
  ratio: [6, 'double'],
  state: [7, enumOf('CREATED', 'RUNNING', 'EXITED')],
  inner: [8, inner],
  names: [9, list('string')],
  ports: [10, list('int32')],
  inners: [11, list(inner)],
  labels: [12, map('string')],
  parts: [13, map(inner)],
  maybe: [16, optional('int32')],
  count: [2047, 'uint64'],
})

const empty = {
  ...{ text: '', flag: false, data: new Uint8Array(0), small: 0, big: 0, ratio: 0, state: 'CREATED', inner: undefined },
  ...{ names: [], ports: [], inners: [], labels: {}, parts: {}, maybe: undefined, count: 0 },
}
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const innerValue = fc.record({ name: fc.string({ unit: 'binary' }), size: fc.maxSafeInteger() })
const allValue = fc.record({
  text: fc.string({ unit: 'grapheme' }),
  flag: fc.boolean(),
  data: fc.uint8Array(),
  small: fc.integer(),
  big: fc.maxSafeInteger(),
  ratio: fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0)),
  state: fc.constantFrom('CREATED' as const, 'RUNNING' as const, 'EXITED' as const),
  inner: fc.option(innerValue, { nil: undefined }),
  names: fc.array(fc.string()),
  ports: fc.array(fc.integer()),
  inners: fc.array(innerValue),
  labels: fc.dictionary(fc.string(), fc.string()),
  parts: fc.dictionary(fc.string(), innerValue),
  maybe: fc.option(fc.integer(), { nil: undefined }),
  count: fc.nat(),
})

describe('messages of gRPC services', () => {
  it('writes nothing for what an absent field stands for, and reads nothing as all of it', () => {
    expect(hex(encodeRpc(all, { ...empty, state: 'CREATED' }))).toBe('')
    expect(decodeRpc(all, new Uint8Array(0))).toEqual({ ok: true, value: empty })
  })

  // As protoc --encode writes them.
  const written: readonly [string, Parameters<typeof encodeRpc<typeof all>>[1], string][] = [
    ['a text', { text: 'hé' }, '0a0368c3a9'],
    ['a negative number in ten bytes', { small: -1 }, '20ffffffffffffffffff01'],
    ['numbers packed', { ports: [80, 8080] }, '52035090' + '3f'],
    ['an empty message', { inner: {} }, '4200'],
    ['an optional zero', { maybe: 0 }, '800100'],
    ['an entry of a map', { labels: { a: 'b' } }, '62060a0161120162'],
    ['an enum by its place', { state: 'EXITED' }, '3802'],
    ['a high number of a field', { count: 300 }, 'f87fac02'],
  ]
  it.each(written)('writes %s', (_, value, expected) => expect(hex(encodeRpc(all, value))).toBe(expected))

  it('reads what it wrote', () => {
    fc.assert(
      fc.property(allValue, (value) => {
        const read = decodeRpc(all, encodeRpc(all, value))
        expect(read.ok && read.value).toEqual(value)
      }),
    )
  })

  it('passes over fields it does not know, and takes unpacked numbers', () => {
    const bytes = Buffer.from('50500a0161' + 'a00601' + '50bb03', 'hex')
    expect(decodeRpc(all, bytes)).toEqual({ ok: true, value: { ...empty, text: 'a', ports: [80, 443] } })
  })

  it('refuses bytes that are no such message, and never throws', () => {
    expect(decodeRpc(all, Buffer.from('0a05', 'hex'))).toEqual({ ok: false, error: 'unexpected EOF' })
    expect(decodeRpc(all, Buffer.from('0801', 'hex'))).toEqual({
      ok: false,
      error: 'proto: wrong wireType = 0 for field text',
    })
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void decodeRpc(all, bytes)))
  })

  it('takes a key like __proto__ for a key', () => {
    const read = decodeRpc(all, encodeRpc(all, { labels: JSON.parse('{"__proto__":"x"}') }))
    expect(read.ok && Object.keys(read.value.labels)).toEqual(['__proto__'])
  })
})
