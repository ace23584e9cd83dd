import { describe, expect, it } from 'vitest'
import { simRun } from '../host/contract/sim-run.ts'
import { type SimClock, simClock } from '../host/sim/clock.ts'
import { type DiskFaults, type SimDisk, simDisk } from '../host/sim/disk.ts'
import { simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import { openStore, type Store, type StoreEvent, type StoreOptions } from './store.ts'
import { create, keysIn, remove, stamp, update } from './test-store.ts'

type Bench = Readonly<{
  clock: SimClock
  disk: SimDisk
  faults: DiskFaults
  log: ReturnType<typeof simLog>
  fatal: Error[]
  run<T>(doing: Promise<T>): Promise<T>
  open(options?: Partial<StoreOptions>): Promise<Store>
}>

function bench(seed = 1): Bench {
  const clock = simClock()
  const faults: DiskFaults = {}
  const disk = simDisk({ clock, random: simRandom(seed), faults })
  const log = simLog(clock)
  const fatal: Error[] = []
  const run = simRun(clock)
  const open: Bench['open'] = (options = {}) =>
    run(openStore({ disk, clock, log, directory: '/store', options, onFatal: (error) => void fatal.push(error) }))
  return { clock, disk, faults, log, fatal, run, open }
}

describe('a commit', () => {
  it('takes the next revision, and shows up only when it is durable', async () => {
    const { open, run } = bench()
    const store = await open()
    const durable = create(store, '/a', 'one')
    expect(store.get('/a')).toBeUndefined()
    expect(store.revision()).toBe(0)
    expect(store.head('/a')?.revision).toBe(1)
    await run(durable)
    expect(store.revision()).toBe(1)
    expect(store.get('/a')).toMatchObject({ key: '/a', revision: 1, createRevision: 1 })
    expect(new TextDecoder().decode(store.get('/a')?.json)).toBe(JSON.stringify(stamp('one')(1)))
    expect(store.get('/a')?.object).toEqual(stamp('one')(1))
  })
  it('is refused where the head is not what the writer read', async () => {
    const { open, run } = bench()
    const store = await open()
    void create(store, '/a')
    expect(store.commit({ type: 'create', key: '/a', stamp: stamp('x') })).toEqual({
      ok: false,
      error: { reason: 'Exists', key: '/a' },
    })
    void update(store, '/a', 'two')
    for (const type of ['update', 'delete'] as const) {
      expect(store.commit({ type, key: '/a', revision: 1, stamp: stamp('x') })).toMatchObject({
        error: { reason: 'Conflict' },
      })
      expect(store.commit({ type, key: '/b', revision: 1, stamp: stamp('x') })).toMatchObject({
        error: { reason: 'NotFound' },
      })
    }
    void remove(store, '/a')
    void create(store, '/a', 'again')
    await run(store.flushed())
    expect(store.revision()).toBe(4)
    expect(store.get('/a')).toMatchObject({ revision: 4, createRevision: 4 })
  })
  it('shares one sync with all that came while the one before was running', async () => {
    const { open, run, faults } = bench()
    const store = await open()
    let syncs = 0
    faults.fail = (operation) => {
      if (operation === 'sync') syncs += 1
      return undefined
    }
    const first = create(store, '/first')
    await run(Promise.resolve())
    for (let at = 0; at < 100; at++) void create(store, `/k${at}`)
    await run(first)
    await run(store.flushed())
    expect(store.count('/')).toBe(101)
    expect(syncs).toBe(2)
  })
})

describe('a range', () => {
  it('is paged, says what remains, and can be read as of any retained revision', async () => {
    const { open, run } = bench()
    const store = await open()
    for (const key of ['/p/a', '/p/b', '/p/c', '/q/a', '/p/d']) void create(store, key)
    await run(store.flushed())
    const first = store.range({ prefix: '/p/', limit: 2 })
    expect(first).toMatchObject({ value: { revision: 5, remaining: 2, entries: [{ key: '/p/a' }, { key: '/p/b' }] } })
    void remove(store, '/p/c')
    void update(store, '/p/d', 'new')
    void create(store, '/p/bb')
    await run(store.flushed())
    expect(store.range({ prefix: '/p/', limit: 1, after: '/p/b', revision: 5 })).toMatchObject({
      value: { revision: 5, remaining: 1, entries: [{ key: '/p/c' }] },
    })
    expect(keysIn(store, '/p/', 5)).toEqual(['/p/a=/p/a', '/p/b=/p/b', '/p/c=/p/c', '/p/d=/p/d'])
    expect(keysIn(store, '/p/')).toEqual(['/p/a=/p/a', '/p/b=/p/b', '/p/bb=/p/bb', '/p/d=new'])
    expect(store.range({ prefix: '', revision: 9 })).toEqual({
      ok: false,
      error: { reason: 'Future', oldest: 0, newest: 8 },
    })
  })
  it('is refused for what has been forgotten', async () => {
    const { open, run } = bench()
    const store = await open({ historyEvents: 10 })
    for (let at = 0; at < 30; at++) void create(store, `/k${at}`)
    await run(store.flushed())
    expect(store.oldestRevision()).toBe(20)
    expect(keysIn(store, '/', 20)).toHaveLength(20)
    expect(store.range({ prefix: '/', revision: 19 })).toMatchObject({ error: { reason: 'Compacted', oldest: 20 } })
    expect(store.watch('/', 19, () => {})).toMatchObject({ error: { reason: 'Compacted' } })
  })
})

describe('history', () => {
  it('is forgotten when it is old', async () => {
    const { open, run, clock } = bench()
    const store = await open({ historyMs: 60_000 })
    await run(create(store, '/a'))
    await clock.runUntil(clock.nowMs() + 30_000)
    await run(create(store, '/b'))
    expect(store.oldestRevision()).toBe(0)
    await clock.runUntil(clock.nowMs() + 50_000)
    expect(store.oldestRevision()).toBe(1)
    await clock.runUntil(clock.nowMs() + 50_000)
    expect(store.oldestRevision()).toBe(2)
    expect(store.count('/')).toBe(2)
  })
  it('is bounded in bytes', async () => {
    const { open, run } = bench()
    const store = await open({ historyBytes: 100_000 })
    for (let at = 0; at < 30; at++) void create(store, `/k${at}`, 'x'.repeat(10_000))
    await run(store.flushed())
    expect(store.revision() - store.oldestRevision()).toBe(9)
  })
})

describe('a watch', () => {
  it('replays what is retained, then goes on live, each event once and in order', async () => {
    const { open, run } = bench()
    const store = await open()
    void create(store, '/p/a')
    void create(store, '/q/a')
    void update(store, '/p/a', 'two')
    await run(store.flushed())
    const seen: StoreEvent[] = []
    const watch = store.watch('/p/', 1, (events) => seen.push(...events))
    expect(seen.map((event) => event.revision)).toEqual([3])
    void remove(store, '/p/a')
    void create(store, '/p/b')
    await run(store.flushed())
    expect(seen.map(({ type, revision, entry, previous }) => [type, revision, entry.key, previous?.revision])).toEqual([
      ['put', 3, '/p/a', 1],
      ['delete', 4, '/p/a', 3],
      ['put', 5, '/p/b', undefined],
    ])
    if (watch.ok) watch.value.cancel()
    await run(create(store, '/p/c'))
    expect(seen).toHaveLength(3)
  })
  it('hears of single keys, folders and everything alike, and tells nobody else', async () => {
    const { open, run } = bench()
    const store = await open()
    const heard = new Map<string, string[]>()
    for (const prefix of ['', '/', '/p/', '/p/a', '/p/ab', '/p/a/', '/q/']) {
      heard.set(prefix, [])
      store.watch(prefix, 0, (events) => heard.get(prefix)?.push(...events.map((event) => event.entry.key)))
    }
    for (const key of ['/p/a', '/p/ab', '/p/a/b', 'x']) void create(store, key)
    await run(store.flushed())
    expect(Object.fromEntries(heard)).toEqual({
      '': ['/p/a', '/p/ab', '/p/a/b', 'x'],
      '/': ['/p/a', '/p/ab', '/p/a/b'],
      '/p/': ['/p/a', '/p/ab', '/p/a/b'],
      '/p/a': ['/p/a', '/p/ab', '/p/a/b'],
      '/p/ab': ['/p/ab'],
      '/p/a/': ['/p/a/b'],
      '/q/': [],
    })
  })
  it('begun within a callback sees the event being told once', async () => {
    const { open, run } = bench()
    const store = await open()
    const inner: number[] = []
    store.watch('/', 0, ([event]) => {
      if (event?.revision === 1) store.watch('/', 0, (events) => inner.push(...events.map((each) => each.revision)))
    })
    void create(store, '/a')
    void create(store, '/b')
    await run(store.flushed())
    await run(create(store, '/c'))
    expect(inner).toEqual([1, 2, 3])
  })
  it('costs nothing for the ten thousand others that watch something else', async () => {
    const { open, run } = bench()
    const store = await open()
    let others = 0
    for (let at = 0; at < 10_000; at++)
      store.watch(`/p/ns-${at}/`, 0, () => {
        others += 1
      })
    let mine = 0
    store.watch('/p/mine/', 0, (events) => {
      mine += events.length
    })
    for (let at = 0; at < 2000; at++) void create(store, `/p/mine/${at}`)
    const started = performance.now()
    await run(store.flushed())
    expect([mine, others]).toEqual([2000, 0])
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('a key with a time to live', () => {
  it('is deleted with an event when it is due, also after a restart, unless written again without one', async () => {
    const { open, run, clock, disk } = bench()
    const store = await open()
    await run(create(store, '/e/a', 'a', 3600))
    await run(create(store, '/e/b', 'b', 3600))
    await run(create(store, '/e/c', 'c', 1800))
    await run(update(store, '/e/b', 'kept'))
    await clock.runUntil(clock.nowMs() + 1_900_000)
    expect(keysIn(store, '/e/')).toEqual(['/e/a=a', '/e/b=kept'])
    disk.crash('kill')
    const again = await open({ snapshotBytes: 1 })
    const deleted: StoreEvent[] = []
    again.watch('/e/', again.revision(), (events) => deleted.push(...events))
    await run(create(again, '/other'))
    await clock.runUntil(clock.nowMs() + 1_800_000)
    expect(deleted).toMatchObject([{ type: 'delete', entry: { key: '/e/a' }, previous: { key: '/e/a' } }])
    expect(deleted[0]?.entry.object.metadata.resourceVersion).toBe(String(deleted[0]?.revision))
    expect(keysIn(again, '/e/')).toEqual(['/e/b=kept'])
  })
})

describe('a full disk', () => {
  it('refuses commits, keeps reading, and takes commits again when there is room', async () => {
    const { open, run, faults, disk, fatal, log } = bench()
    const store = await open()
    await run(create(store, '/a', 'one'))
    faults.capacityBytes = disk.usedBytes() + 200
    const refused = create(store, '/big', 'x'.repeat(1000))
    const builtOnIt = update(store, '/big', 'y')
    await expect(run(refused)).rejects.toMatchObject({ code: 'NoSpace' })
    await expect(run(builtOnIt)).rejects.toMatchObject({ code: 'NoSpace' })
    expect(store.get('/a')?.revision).toBe(1)
    expect(store.head('/big')).toBeUndefined()
    expect(store.revision()).toBe(1)
    expect(fatal).toEqual([])
    expect(log.lines.map((line) => line.message)).toEqual(['the disk is full: commits were refused'])
    faults.capacityBytes = disk.usedBytes() + 10_000
    await run(create(store, '/b', 'two'))
    expect(store.revision()).toBe(2)
    await run(store.close())
    const again = await open()
    expect(keysIn(again, '/')).toEqual(['/a=one', '/b=two'])
  })
})

describe('a disk that fails', () => {
  for (const operation of ['append', 'sync'] as const) {
    it(`ends the store at a failed ${operation}: nothing more is acknowledged, what was is still read`, async () => {
      const { open, run, faults, fatal, disk } = bench()
      const store = await open()
      await run(create(store, '/a'))
      faults.fail = (at) => (at === operation ? 'Io' : undefined)
      await expect(run(create(store, '/b'))).rejects.toMatchObject({ code: 'Io' })
      expect(fatal).toHaveLength(1)
      expect(() => create(store, '/c')).toThrow()
      expect(keysIn(store, '/')).toEqual(['/a=/a'])
      delete faults.fail
      disk.crash('kill')
      expect(keysIn(await open(), '/')).toContain('/a=/a')
    })
  }
})

describe('opening', () => {
  it('is refused while another has the store open', async () => {
    const { open } = bench()
    await open()
    await expect(open()).rejects.toThrow('/store is in use by another process')
  })
  it('brings back state, history and revisions, from log and snapshots alike', async () => {
    for (const snapshotBytes of [1, 2000, 1_000_000]) {
      const { open, run } = bench()
      const store = await open({ snapshotBytes })
      for (let at = 0; at < 40; at++) {
        await run(create(store, `/k${at}`))
        if (at % 3 === 0) await run(remove(store, `/k${at}`))
      }
      const [before, revision] = [keysIn(store, '/'), store.revision()]
      await run(store.close())
      const again = await open()
      expect(keysIn(again, '/')).toEqual(before)
      expect(again.revision()).toBe(revision)
      expect(again.get('/k1')).toEqual(store.get('/k1'))
      if (snapshotBytes === 1_000_000) expect(keysIn(again, '/', 1)).toEqual(['/k0=/k0'])
      await run(create(again, '/after'))
      expect(again.revision()).toBe(revision + 1)
    }
  })
  it('keeps only the newest snapshot and the log after it', async () => {
    const { open, run, disk } = bench()
    const store = await open({ snapshotBytes: 20_000 })
    for (let at = 0; at < 200; at++) await run(at === 0 ? create(store, '/a') : update(store, '/a', 'x'.repeat(1000)))
    await run(store.close())
    expect((await run(disk.list('/store'))).map((name) => name.split('-')[0])).toEqual(['snapshot', 'wal'])
    expect(disk.usedBytes()).toBeLessThan(45_000)
  })
})
