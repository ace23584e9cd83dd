import { describe, expect, it } from 'vitest'
import { simRun } from '../host/contract/sim-run.ts'
import { type SimClock, simClock } from '../host/sim/clock.ts'
import { type DiskFaults, type SimDisk, simDisk } from '../host/sim/disk.ts'
import { simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import type { Random } from '../ports/random.ts'
import { openStore, type Store, type Write } from './store.ts'

/** What the outside world knows: the state after each commit that was made, and how far it was told so. */
type World = {
  states: Map<number, ReadonlyMap<string, number>>
  acknowledged: number
  seen: number
  fatal: number
}

type Scene = Readonly<{ clock: SimClock; disk: SimDisk; faults: DiskFaults; random: Random; world: World }>

const livesPerSeed = 6

function commitSomething(store: Store, { random, world }: Scene, mayReport: () => boolean): Promise<void> {
  const key = `/k/${random.below(15)}`
  const head = store.head(key)
  const value = random.below(1_000_000)
  const kind = head === undefined ? 'create' : random.below(3) === 0 ? 'delete' : 'update'
  const stamp = (revision: number) => ({
    apiVersion: 'v1',
    kind: 'T',
    metadata: { resourceVersion: String(revision) },
    value,
    filler: 'x'.repeat(value % 1500),
  })
  const write: Write =
    kind === 'create' ? { type: kind, key, stamp } : { type: kind, key, revision: head?.revision ?? 0, stamp }
  const result = store.commit(write)
  if (!result.ok) throw new Error(result.error.reason)
  const { revision } = result.value.entry
  const state = new Map(world.states.get(revision - 1))
  if (kind === 'delete') state.delete(key)
  else state.set(key, value)
  world.states.set(revision, state)
  return result.value.durable.then(
    () => {
      if (mayReport()) world.acknowledged = Math.max(world.acknowledged, revision)
    },
    () => {
      for (const lost of [...world.states.keys()]) if (lost > store.revision()) world.states.delete(lost)
    },
  )
}

function countFatal(world: World): void {
  world.fatal += 1
}

/** One life of the process: opens, checks what it finds, works, and ends at some moment, in the middle of whatever there is. */
async function live(scene: Scene): Promise<void> {
  const { clock, disk, faults, random, world } = scene
  let alive = true
  const options = { snapshotBytes: 2000 + random.below(20_000), historyEvents: 20 + random.below(200) }
  const parts = { disk, clock, log: simLog(clock), directory: '/store', options }
  const opening = openStore({ ...parts, onFatal: () => countFatal(world) })
  const work = opening.then(async (store) => {
    if (!alive) return
    checkRecovered(store, world)
    store.watch('/', store.revision(), (events) => {
      if (alive) world.seen = events[events.length - 1]?.revision ?? world.seen
    })
    const writer = async (): Promise<void> => {
      while (alive) {
        const durable = commitSomething(store, scene, () => alive)
        if (random.below(2) === 0) await durable
        else await clock.sleep(random.below(4))
      }
    }
    for (let at = 0; at < 4; at++) void writer()
  })
  work.catch(() => {})
  if (random.below(3) === 0) {
    clock.after(random.below(60), () => {
      faults.capacityBytes = disk.usedBytes() + random.below(4000)
    })
  }
  await clock.runUntil(clock.nowMs() + random.below(150))
  alive = false
  disk.crash(random.below(2) === 0 ? 'kill' : 'power')
  delete faults.capacityBytes
  // Rejects where opening or checking failed; never settles where the crash cut it off.
  await Promise.race([work, Promise.resolve()])
}

function checkRecovered(store: Store, world: World): void {
  const revision = store.revision()
  expect(revision).toBeGreaterThanOrEqual(world.acknowledged)
  expect(revision).toBeGreaterThanOrEqual(world.seen)
  for (let at = Math.max(store.oldestRevision(), 0); at <= revision; at++) {
    const answer = store.range({ prefix: '', revision: at })
    if (!answer.ok) throw new Error(answer.error.reason)
    const found = answer.value.entries.map((entry) => [entry.key, entry.object.value])
    const expected = [...(world.states.get(at) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
    expect(found).toEqual(expected)
  }
  for (const lost of [...world.states.keys()]) if (lost > revision) world.states.delete(lost)
  world.acknowledged = Math.max(world.acknowledged, revision)
}

async function runSeed(seed: number): Promise<World> {
  const clock = simClock()
  const random = simRandom(seed)
  const faults: DiskFaults = {}
  const disk = simDisk({ clock, random, faults })
  const world: World = { states: new Map([[0, new Map()]]), acknowledged: 0, seen: 0, fatal: 0 }
  const scene = { clock, disk, faults, random, world }
  for (let life = 0; life < livesPerSeed; life++) await live(scene)
  const log = simLog(clock)
  const run = simRun(clock)
  const store = await run(openStore({ disk, clock, log, directory: '/store', onFatal: () => {} }))
  checkRecovered(store, world)
  await run(store.close())
  return world
}

describe('a store whose process is killed, or whose machine loses power, again and again', () => {
  it('loses nothing it acknowledged or showed, and shows no commit by half', async () => {
    let commits = 0
    for (let seed = 1; seed <= 60; seed++) {
      const world = await runSeed(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`)
      })
      expect(world.fatal, `seed ${seed}`).toBe(0)
      commits += world.acknowledged
    }
    expect(commits).toBeGreaterThan(10_000)
  })
  it('does the same again for the same seed', async () => {
    const [first, second] = [await runSeed(7), await runSeed(7)]
    expect([...first.states]).toEqual([...second.states])
    expect(first.acknowledged).toBe(second.acknowledged)
  })
})
