import { expect, it } from 'vitest'
import { simClock } from '../host/sim/clock.ts'
import { type SimDisk, simDisk } from '../host/sim/disk.ts'
import { simKeys } from '../host/sim/keys.ts'
import { simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import { openStore, type Store } from '../store/store.ts'
import { makeTrace } from './trace.ts'

async function twoLives(between: (disk: SimDisk) => Promise<void>): Promise<readonly string[] | undefined> {
  const clock = simClock()
  const random = simRandom(1)
  const disk = simDisk({ clock, random })
  const trace = makeTrace(simKeys(random), () => {})
  const open = (): Promise<Store> => openStore({ disk, clock, log: simLog(clock), directory: '/store', onFatal() {} })
  let lost: readonly string[] | undefined
  void (async () => {
    const store = await open()
    trace.follow(store)
    for (const name of ['a', 'b']) {
      const stamp = (revision: number) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, resourceVersion: String(revision) },
      })
      const committed = store.commit({ type: 'create', key: `/${name}`, stamp })
      if (committed.ok) await committed.value.durable
    }
    disk.crash('power')
    await between(disk)
    lost = trace.follow(await open())
  })()
  await clock.runUntilTrue(() => lost !== undefined, clock.nowMs() + 60_000)
  return lost
}

it('finds everything again in a store that has survived', async () => {
  expect(await twoLives(async () => {})).toEqual([])
})

it('says so when what was visible is not there any more', async () => {
  expect(await twoLives((disk) => disk.remove('/store'))).not.toEqual([])
})
