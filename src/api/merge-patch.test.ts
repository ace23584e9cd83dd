import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { equalJson } from './json-value.ts'
import { applyMergePatch } from './merge-patch.ts'

type Json = Readonly<Record<string, unknown>>
/** RFC 7386, appendix A (where both are objects), and what evanphx/json-patch makes of nulls within lists. */
const cases: readonly (readonly [current: Json, patch: Json, result: Json])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  [{}, { a: [{ b: null }, null] }, { a: [{}, null] }],
  [{ a: {} }, { a: [{ b: null }] }, { a: [{ b: null }] }],
]

/** Lists of scalars: what nulls within lists become depends on what was there before (see the last two cases). */
const values = fc.letrec((tie) => ({
  value: fc.oneof(fc.constantFrom(1, 'x', null), fc.array(fc.constantFrom(1, 'x'), { maxLength: 2 }), tie('object')),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
})).object as fc.Arbitrary<Json>

function merged(current: Json, patch: Json): Json {
  const result = applyMergePatch(current, patch)
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

describe('a merge patch', () => {
  it.each(cases)('%j with %j', (current, patch, result) => {
    expect(merged(current, patch)).toEqual(result)
  })

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(values, values, (current, patch) => {
        const once = merged(current, patch)
        expect(equalJson(merged(once, patch), once)).toBe(true)
      }),
    )
  })

  it('leaves its arguments as they were', () => {
    fc.assert(
      fc.property(values, values, (current, patch) => {
        const before = JSON.stringify([current, patch])
        merged(current, patch)
        expect(JSON.stringify([current, patch])).toBe(before)
      }),
    )
  })

  it('that is no object is refused', () => {
    expect(applyMergePatch({}, null)).toEqual({
      ok: false,
      error: { reason: 'BadRequest', message: 'Invalid JSON Patch' },
    })
    const message = 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'
    expect(applyMergePatch({}, [])).toEqual({ ok: false, error: { reason: 'BadRequest', message } })
  })
})
