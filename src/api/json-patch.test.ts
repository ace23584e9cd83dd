import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyJsonPatch } from './json-patch.ts'
import { patchRefusal } from './patch-error.ts'

type Case = readonly [document: object, patch: unknown, result: unknown]

/** Results and messages of evanphx/json-patch 4.13. */
const cases: readonly Case[] = [
  [{ a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
  [{ a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
  [{ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
  [{ a: [1] }, [{ op: 'add', path: '/a/-1', value: 2 }], { a: [1, 2] }],
  [{ a: [1, 2] }, [{ op: 'remove', path: '/a/-1' }], { a: [1] }],
  [{ a: 1 }, [{ op: 'replace', path: '/b', value: 2 }], { a: 1, b: 2 }],
  [{ a: 1 }, [{ op: 'add', path: '/b' }], { a: 1, b: null }],
  [{ a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
  [
    { a: { b: 1 } },
    [
      { op: 'copy', from: '/a', path: '/c' },
      { op: 'add', path: '/c/b', value: 2 },
    ],
    { a: { b: 1 }, c: { b: 2 } },
  ],
  [{ 'a/b': { '~': 1 } }, [{ op: 'remove', path: '/a~1b/~0' }], { 'a/b': {} }],
  [{ a: null }, [{ op: 'test', path: '/b', value: null }], { a: null }],
  [{ a: { x: [1] } }, [{ op: 'test', path: '/a', value: { x: [1] } }], { a: { x: [1] } }],
  [{ a: 1 }, null, { a: 1 }],
  [{ a: 1 }, [{ op: 'replace', path: '', value: [1] }], [1]],
]

const refused: readonly Case[] = [
  [
    { a: 1 },
    [{ op: 'remove', path: '/x' }],
    "error in remove for path: '/x': Unable to remove nonexistent key: x: missing value",
  ],
  [
    { a: [1] },
    [{ op: 'remove', path: '/a/5' }],
    "error in remove for path: '/a/5': Unable to access invalid index: 5: invalid index referenced",
  ],
  [
    { a: [1] },
    [{ op: 'remove', path: '/a/x' }],
    'error in remove for path: \'/a/x\': strconv.Atoi: parsing "x": invalid syntax',
  ],
  [
    { a: [1] },
    [{ op: 'add', path: '/a/x', value: 1 }],
    "error in add for path: '/a/x': value was not a proper array index: 'x': strconv.Atoi: parsing \"x\": invalid syntax",
  ],
  [
    { a: 1 },
    [{ op: 'add', path: '/a/b/c', value: 1 }],
    'add operation does not apply: doc is missing path: "/a/b/c": missing value',
  ],
  [
    { a: [1] },
    [{ op: 'replace', path: '/a/7', value: 1 }],
    'replace operation does not apply: doc is missing key: /a/7: missing value',
  ],
  [{ a: 1 }, [{ op: 'test', path: '/a', value: 2 }], 'testing value /a failed: test failed'],
  [
    { a: 1 },
    [{ op: 'move', from: '/x', path: '/a' }],
    "error in move for path: 'x': Unable to remove nonexistent key: x: missing value",
  ],
  [{ a: 1 }, [{ op: 'foo', path: '/a' }], 'Unexpected kind: foo'],
  [{ a: 1 }, [{ path: '/a' }], 'Unexpected kind: unknown'],
  [{ a: 1 }, [{ op: 'add' }], 'add operation failed to decode path: missing value'],
  [{ a: 1 }, {}, 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'],
  [{ a: 1 }, [1], 'error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp'],
  [
    { a: 1 },
    [{ op: 1 }],
    'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string',
  ],
]

const paths = fc
  .array(fc.constantFrom('a', 'b', '0', '-'), { minLength: 1, maxLength: 3 })
  .map((parts) => `/${parts.join('/')}`)
const operations = fc.array(
  fc.record({
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy'),
    path: paths,
    from: paths,
    value: fc.oneof(fc.integer(), fc.constant({ a: [1] }), fc.constant([{ b: 1 }])),
  }),
  { maxLength: 6 },
)

describe('a JSON patch', () => {
  it.each(cases)('%j with %j', (document, patch, result) => {
    expect(applyJsonPatch(document, patch)).toEqual({ ok: true, value: result })
  })

  it.each(refused)('%j refuses %j', (document, patch, message) => {
    expect(applyJsonPatch(document, patch)).toMatchObject({ ok: false, error: { message } })
  })

  it('leaves the document and the patch as they were', () => {
    fc.assert(
      fc.property(operations, (patch) => {
        const document = { a: { b: [1, { a: 1 }] }, b: [[], {}] }
        const before = JSON.stringify([document, patch])
        applyJsonPatch(document, patch)
        expect(JSON.stringify([document, patch])).toBe(before)
      }),
    )
  })

  it('shares what it does not touch', () => {
    const document = { spec: { a: 1 }, status: { b: 1 } }
    const patched = applyJsonPatch(document, [{ op: 'replace', path: '/spec/a', value: 2 }])
    expect(patched.ok && (patched.value as typeof document).status).toBe(document.status)
  })

  it('is limited in operations and in what it may copy', () => {
    const many = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: 1 }))
    expect(applyJsonPatch({ a: 1 }, many)).toMatchObject({ ok: false, error: { reason: 'TooLarge' } })
    const big = { a: 'x'.repeat(1_000_000) }
    const copies = ['/b', '/c', '/d', '/e'].map((path) => ({ op: 'copy', from: '/a', path }))
    expect(applyJsonPatch(big, copies.slice(1))).toMatchObject({ ok: true })
    expect(applyJsonPatch(big, copies)).toMatchObject({ ok: false, error: { reason: 'Unprocessable' } })
  })

  it('takes __proto__ for a key like any other', () => {
    const patched = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: 1 } }])
    expect(patched.ok && JSON.stringify(patched.value)).toBe('{"__proto__":{"polluted":1}}')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('the refusal of a patch', () => {
  it('keeps the details of an unprocessable one to itself, as the original does', () => {
    expect(patchRefusal({ reason: 'Unprocessable', message: 'testing value /a failed' })).toMatchObject({
      reason: 'Passed',
      status: {
        code: 422,
        reason: 'Invalid',
        message: 'the server rejected our request due to an error in our request',
      },
    })
  })
})
