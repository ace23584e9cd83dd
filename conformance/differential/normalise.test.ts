import { describe, expect, it } from 'vitest'
import { differences } from './difference.ts'
import type { Answered } from './exchange.ts'
import { generatedCases } from './generated.ts'
import { normaliser } from './normalise.ts'
import { fill } from './template.ts'

function answer(value: unknown, headers: Readonly<Record<string, string>> = {}): Answered {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...headers },
    body: new TextEncoder().encode(text),
  }
}

const uidA = '11111111-1111-4111-8111-111111111111'
const uidB = '22222222-2222-4222-9222-222222222222'

/** Pairs of answers that say the same, and the smallest change after which they do not. */
const pairs: readonly (readonly [what: string, one: unknown, same: unknown, other: unknown])[] = [
  ['uids', { a: uidA, b: uidA, c: uidB }, { a: uidB, b: uidB, c: uidA }, { a: uidA, b: uidB, c: uidA }],
  ['versions', { resourceVersion: '7' }, { resourceVersion: '9' }, { resourceVersion: 'x' }],
  ['times', { t: '2026-01-01T00:00:00Z' }, { t: '2025-05-05T05:05:05Z' }, { t: '2025-05-05T05:05:05.5Z' }],
  ['ages', { cells: ['a', '1s'] }, { cells: ['a', '3s'] }, { cells: ['a', 'old'] }],
  ['node ports', { nodePort: 30001 }, { nodePort: 31000 }, { nodePort: 80 }],
  ['addresses', { clusterIP: '10.96.0.5' }, { clusterIP: '10.96.9.9' }, { clusterIP: '10.1.0.5' }],
  [
    'made-up names',
    { generateName: 'a-', name: 'a-bcdfg' },
    { generateName: 'a-', name: 'a-zzxx2' },
    { generateName: 'a-', name: 'a-b' },
  ],
  [
    'lists',
    { items: [], metadata: { resourceVersion: '1' } },
    { items: [], metadata: { resourceVersion: '2' } },
    { items: [1], metadata: {} },
  ],
]

describe('a normalised answer', () => {
  it.each(pairs)('tells %s by their place', (_what, one, same, other) => {
    const plain = normaliser().plain(answer(one))
    expect(normaliser().plain(answer(same))).toEqual(plain)
    expect(normaliser().plain(answer(other))).not.toEqual(plain)
  })

  it('knows a value again in a later answer', () => {
    const { plain } = normaliser()
    const [first, second] = [plain(answer({ a: uidA })), plain(answer({ a: uidB, b: uidA }))]
    expect(first.body).toEqual({ a: '<uid-1>' })
    expect(second.body).toEqual({ a: '<uid-2>', b: '<uid-1>' })
  })

  it('keeps the headers that matter and no others', () => {
    expect(normaliser().plain(answer({}, { warning: 'w', date: 'today' })).headers).toEqual({
      'content-type': 'application/json',
      warning: 'w',
    })
  })

  it('compares YAML as values', () => {
    const yaml = { 'content-type': 'application/yaml' }
    expect(normaliser().plain(answer('a: "b"\n', yaml))).toEqual(normaliser().plain(answer("'a': b\n", yaml)))
  })
})

describe('a difference', () => {
  it('is told by its path', () => {
    expect(differences({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }], c: 4 })).toEqual([
      'a[1].b: original 2 | coracle 3',
      'c: original (absent) | coracle 4',
    ])
    expect(differences({ a: [1] }, { a: [1] })).toEqual([])
  })
})

describe('a case', () => {
  it('uses earlier answers', () => {
    const known = { namespace: 'n', answers: [{ metadata: { name: 'x' } }] }
    expect(fill({ a: '{{ns}}/{{0.metadata.name}}', b: '{{#0.metadata}}' }, known)).toEqual({
      a: 'n/x',
      b: { name: 'x' },
    })
  })

  it('is drawn the same from the same seed', () => {
    expect(generatedCases(3, 20)).toEqual(generatedCases(3, 20))
    expect(generatedCases(3, 20)).not.toEqual(generatedCases(4, 20))
  })
})
