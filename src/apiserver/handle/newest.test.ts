import { expect, it } from 'vitest'
import { kinds } from '../../api/kinds.ts'
import { ok } from '../../api/result.ts'
import type { Entry, Store } from '../../store/store.ts'
import { onNewest, outOfTime } from './newest.ts'

const entry = (revision: number): Entry => ({ revision }) as Entry

/** A store whose head somebody else moves on with every look. */
const restless = (): Pick<Store, 'head'> => {
  let revision = 0
  return { head: () => entry(++revision) }
}

it('decides anew on what the write that came first has left', async () => {
  const seen: (number | undefined)[] = []
  const parts = { store: restless(), clock: { nowMs: () => 0 } }
  const decided = await onNewest<string>(parts, { kind: kinds.pods, deadlineMs: 1 }, 'k', async (before) => {
    seen.push(before?.revision)
    return seen.length < 3 ? { ok: false, error: { reason: 'Overtaken' } } : ok('stored')
  })
  expect(decided).toEqual(ok('stored'))
  expect(seen).toEqual([1, 2, 3])
})

it('ends with the time of the request', async () => {
  let nowMs = 0
  const parts = { store: restless(), clock: { nowMs: () => (nowMs += 10) } }
  const decided = await onNewest<string>(parts, { kind: kinds.pods, deadlineMs: 50 }, 'k', async () => ({
    ok: false,
    error: { reason: 'Overtaken' },
  }))
  expect(decided).toEqual({ ok: false, error: outOfTime })
})
