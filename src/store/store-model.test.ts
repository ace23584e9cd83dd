import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { simRun } from '../host/contract/sim-run.ts'
import { simClock } from '../host/sim/clock.ts'
import { simDisk } from '../host/sim/disk.ts'
import { simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import { openStore, type Store } from './store.ts'
import { create, keysIn, remove, update } from './test-store.ts'

/** What an independent store remembers: after each revision, the whole state. */
type Model = Map<number, ReadonlyMap<string, string>>

describe('against a model of revision → state', () => {
  const action = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), key: fc.nat(12), data: fc.string() }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), key: fc.nat(12) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
  )
  const keyOf = (at: number): string => `/${at % 3}/${at}`

  it('every range, page and count at every retained revision is the same', () =>
    fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), fc.nat(3000), async (actions, snapshotBytes) => {
        const clock = simClock()
        const parts = { clock, disk: simDisk({ clock, random: simRandom(1) }), log: simLog(clock), directory: '/store' }
        const run = simRun(clock)
        const open = (): Promise<Store> => run(openStore({ ...parts, options: { snapshotBytes }, onFatal: () => {} }))
        let store = await open()
        const state = new Map<string, string>()
        const model: Model = new Map([[0, new Map()]])
        for (const act of actions) {
          if (act.do === 'flush') await run(store.flushed())
          else if (act.do === 'reopen') {
            await run(store.close())
            store = await open()
          } else {
            const key = keyOf(act.key)
            if (act.do === 'put') {
              void (state.has(key) ? update(store, key, act.data) : create(store, key, act.data))
              state.set(key, act.data)
            } else if (state.delete(key)) void remove(store, key)
            else continue
            model.set(model.size, new Map(state))
          }
        }
        await run(store.flushed())
        expect(store.revision()).toBe(model.size - 1)
        for (let revision = store.oldestRevision(); revision <= store.revision(); revision++) {
          checkState(store, revision, model.get(revision) ?? new Map())
        }
        await run(store.close())
      }),
      { numRuns: 60 },
    ))
})

function checkState(store: Store, revision: number, expected: ReadonlyMap<string, string>): void {
  for (const prefix of ['/', '/1/', '/2/1', '/9/']) {
    const keys = [...expected.keys()].filter((key) => key.startsWith(prefix)).sort()
    expect(keysIn(store, prefix, revision)).toEqual(keys.map((key) => `${key}=${expected.get(key)}`))
    const page = store.range({ prefix, revision, limit: 2, after: keys[0] ?? '' })
    const rest = keys.slice(1)
    expect(page.ok && page.value.entries.map((entry) => entry.key)).toEqual(rest.slice(0, 2))
    expect(page.ok && page.value.remaining).toBe(Math.max(0, rest.length - 2))
    if (revision === store.revision()) expect(store.count(prefix)).toBe(keys.length)
  }
}
