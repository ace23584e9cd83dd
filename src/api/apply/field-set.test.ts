import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmptySet,
  pathsOf,
  pathText,
  readFieldSet,
  setOf,
  union,
} from './field-set.ts'

const elements = fc.constantFrom(
  'f:a',
  'f:b',
  'k:{"name":"x"}',
  'k:{"name":"y","port":80}',
  'v:"z"',
  'v:10',
  'v:9',
  'i:0',
)
const paths = fc.array(elements, { minLength: 1, maxLength: 3 })
const sets = fc.array(paths, { maxLength: 6 }).map((all) => setOf(...all))

function texts(set: FieldSet): ReadonlySet<string> {
  return new Set(pathsOf(set).map(pathText))
}

describe('a field set', () => {
  it('is a set of paths under union, intersection and difference', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const [left, right] = [texts(a), texts(b)]
        expect(texts(union(a, b))).toEqual(new Set([...left, ...right]))
        expect(texts(intersection(a, b))).toEqual(new Set([...left].filter((path) => right.has(path))))
        expect(texts(difference(a, b))).toEqual(new Set([...left].filter((path) => !right.has(path))))
      }),
    )
  })

  it('has one form, whichever way it came about', () => {
    fc.assert(
      fc.property(sets, sets, sets, (a, b, c) => {
        const text = JSON.stringify
        expect(text(union(a, b))).toBe(text(union(b, a)))
        expect(text(union(union(a, b), c))).toBe(text(union(a, union(b, c))))
        expect(text(union(difference(a, b), intersection(a, b)))).toBe(text(a))
        expect(text(difference(a, union(b, c)))).toBe(text(difference(difference(a, b), c)))
      }),
    )
  })

  it('is itself where nothing is added or taken away', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        expect(union(a, intersection(a, b))).toBe(a)
        const rest = difference(a, b)
        expect(difference(rest, b)).toBe(rest)
      }),
    )
  })

  it('is read back from its own JSON', () => {
    fc.assert(
      fc.property(sets, (a) => {
        const read = readFieldSet(JSON.parse(JSON.stringify(a)))
        expect(read.ok && JSON.stringify(read.value)).toBe(JSON.stringify(a))
      }),
    )
  })

  it('is put in order when a client sends it otherwise', () => {
    const read = readFieldSet({ 'v:10': {}, 'v:9': {}, 'f:b': { 'f:y': {}, '.': {} }, 'f:a': {}, 'x:?': {} })
    expect(read.ok && JSON.stringify(read.value)).toBe('{"f:a":{},"f:b":{".":{},"f:y":{}},"v:9":{},"v:10":{}}')
  })

  it('names its paths as conflicts do', () => {
    const set = setOf(['f:spec', 'f:containers', 'k:{"name":"c"}', 'f:image'], ['f:spec', 'f:x', 'v:"a"'], ['i:3'])
    expect(pathsOf(set).map(pathText)).toEqual(['[3]', '.spec.containers[name="c"].image', '.spec.x[="a"]'])
  })

  it.each([['x'], ['fspec'], ['k:{'], ['v:'], ['i:a']])('with the element %j cannot be read', (element) => {
    expect(readFieldSet({ [element]: {} }).ok).toBe(false)
  })

  it('is empty when there are no fields', () => {
    expect(isEmptySet(emptySet)).toBe(true)
    expect(readFieldSet(undefined)).toEqual({ ok: true, value: {} })
  })
})
