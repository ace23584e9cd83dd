import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Change, type Desired, diffDesired, foldChanges, makeClaims } from './claims.ts'
import type { Entry } from './service-plan.ts'

const entries = fc
  .array(
    fc.record({
      lookup: fc.constantFrom('vips', 'ports', 'hairpin'),
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      value: fc.constantFrom('1', '2', '3'),
    }),
  )
  .map((list): readonly Entry[] => [...new Map(list.map((entry) => [`${entry.lookup} ${entry.key}`, entry])).values()])
const steps = fc.array(fc.record({ owner: fc.constantFrom('x', 'y', 'z'), entries }), { maxLength: 20 })

/** What a firewall would do with the changes; removing what is not there, or adding what is, fails. */
function apply(before: Desired, changes: readonly Change[]): Desired {
  const after = new Map([...before].map(([lookup, keys]) => [lookup, new Map(keys)]))
  for (const { lookup, key, before: old, after: now } of changes) {
    const keys = after.get(lookup) ?? new Map<string, string | undefined>()
    expect(keys.has(key)).toBe(old !== undefined)
    expect(keys.get(key)).toBe(old?.value)
    if (now === undefined) keys.delete(key)
    else keys.set(key, now.value)
    after.set(lookup, keys)
  }
  return new Map([...after].filter(([, keys]) => keys.size > 0))
}

const sorted = (desired: Desired): unknown => [...desired].map(([lookup, keys]) => [lookup, [...keys].sort()]).sort()

describe('claims on elements', () => {
  it('tell by their changes, step by step and folded, what they have come to', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const claims = makeClaims()
        let held: Desired = new Map()
        const all: Change[] = []
        for (const { owner, entries: wanted } of list) {
          const changes = claims.replace(owner, wanted)
          all.push(...changes)
          held = apply(held, changes)
          expect(sorted(held)).toEqual(sorted(claims.desired()))
        }
        expect(sorted(apply(new Map(), foldChanges(all)))).toEqual(sorted(claims.desired()))
      }),
    )
  })

  it('do not depend on the order in which owners came', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const last = new Map(list.map(({ owner, entries: wanted }) => [owner, wanted]))
        const [forwards, backwards] = [makeClaims(), makeClaims()]
        for (const [owner, wanted] of last) forwards.replace(owner, wanted)
        for (const [owner, wanted] of [...last].reverse()) backwards.replace(owner, wanted)
        expect(sorted(forwards.desired())).toEqual(sorted(backwards.desired()))
      }),
    )
  })

  it('differ from others by what makes the one into the other', () => {
    const desired = entries.map((list) => {
      const claims = makeClaims()
      claims.replace('x', list)
      return claims.desired()
    })
    fc.assert(
      fc.property(desired, desired, (before, after) => {
        expect(sorted(apply(before, diffDesired(before, after)))).toEqual(sorted(after))
        expect(diffDesired(after, after)).toEqual([])
      }),
    )
  })
})
