import { describe, expect, it } from 'vitest'
import { simRun } from '../host/contract/sim-run.ts'
import { simClock } from '../host/sim/clock.ts'
import { simDisk } from '../host/sim/disk.ts'
import { simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import { openStore, type Store } from './store.ts'

function bench() {
  const clock = simClock()
  const disk = simDisk({ clock, random: simRandom(5) })
  const run = simRun(clock)
  const open = (snapshotBytes = 1e9): Promise<Store> => {
    const parts = { disk, clock, log: simLog(clock), directory: '/store', options: { snapshotBytes } }
    return run(openStore({ ...parts, onFatal: () => {} }))
  }
  const change = async (path: string, edit: (bytes: Uint8Array) => Uint8Array): Promise<void> => {
    await run(disk.writeFile(path, edit(await run(disk.readFile(path)))))
  }
  return { disk, run, open, change }
}

type Bench = ReturnType<typeof bench>

/** Ten commits, each in a group of its own; returns where each record ends in the first segment. */
async function fill({ run, open, disk }: Bench, snapshotBytes?: number): Promise<readonly number[]> {
  const store = await open(snapshotBytes)
  const ends: number[] = []
  for (let at = 0; at < 10; at++) {
    const stamp = (revision: number) => ({
      apiVersion: 'v1',
      kind: 'T',
      metadata: { resourceVersion: String(revision) },
    })
    const result = store.commit({ type: 'create', key: `/k${at}`, stamp })
    if (result.ok) await run(result.value.durable)
    ends.push((await run(disk.stat('/store/wal-0000000000000001').catch(() => ({ sizeBytes: 0 })))).sizeBytes)
  }
  await run(store.close())
  return ends
}

const flip =
  (offset: number) =>
  (bytes: Uint8Array): Uint8Array => {
    bytes[offset] = (bytes[offset] ?? 0) ^ 0x10
    return bytes
  }
const wal = '/store/wal-0000000000000001'

describe('a damaged log', () => {
  it('is cut where its last record is torn', async () => {
    const under = bench()
    const ends = await fill(under)
    await under.change(wal, (bytes) => bytes.slice(0, (ends[9] ?? 0) - 3))
    const store = await under.open()
    expect(store.revision()).toBe(9)
    expect(await under.run(under.disk.stat(wal))).toMatchObject({ sizeBytes: ends[8] })
  })
  it('is cut where its last record is garbage', async () => {
    const under = bench()
    const ends = await fill(under)
    await under.change(wal, flip((ends[9] ?? 0) - 3))
    expect((await under.open()).revision()).toBe(9)
  })
  it('is refused where records follow that were made after the damaged one was acknowledged', async () => {
    const under = bench()
    const ends = await fill(under)
    await under.change(wal, flip((ends[4] ?? 0) + 60))
    await expect(under.open()).rejects.toThrow(
      `${wal} is damaged at byte ${ends[4]}: checksum. The store cannot open; restore it from a copy.`,
    )
  })
  it('is refused where the length of such a record is damaged', async () => {
    const under = bench()
    const ends = await fill(under)
    await under.change(wal, flip((ends[4] ?? 0) + 1))
    await expect(under.open()).rejects.toThrow(`${wal} is damaged at byte ${ends[4]}`)
  })
  it('is refused where a segment other than the last ends early', async () => {
    const under = bench()
    const ends = await fill(under)
    await under.run(under.disk.writeFile('/store/wal-0000000000000011', await under.run(under.disk.readFile(wal))))
    await under.change('/store/wal-0000000000000011', (bytes) => bytes.slice(0, 16))
    await under.change(wal, (bytes) => bytes.slice(0, ends[8]))
    await expect(under.open()).rejects.toThrow('the log goes on with revision 11 after 9: part of it is missing')
  })
  it('is refused in a format version of the future', async () => {
    const under = bench()
    await fill(under)
    await under.change(wal, (bytes) => bytes.fill(2, 12, 13))
    await expect(under.open()).rejects.toThrow(`${wal} is in format version 2; this program reads version 1 only`)
  })
  it('is refused where it is no file of ours', async () => {
    const under = bench()
    await fill(under)
    await under.change(wal, (bytes) => bytes.fill(0x41, 0, 8))
    await expect(under.open()).rejects.toThrow(`${wal} is damaged at byte 0: the file does not begin as`)
  })
})

describe('a damaged snapshot', () => {
  const newest = async ({ disk, run }: Bench): Promise<string> =>
    `/store/${(await run(disk.list('/store'))).find((name) => name.startsWith('snapshot-'))}`

  it('is refused at every byte', async () => {
    const under = bench()
    await fill(under, 1)
    const path = await newest(under)
    const whole = await under.run(under.disk.readFile(path))
    for (let at = 0; at < whole.length; at += 7) {
      // Unused bytes of the record head are covered by the checksum as well.
      await under.change(path, flip(at))
      await expect(under.open(), `byte ${at}`).rejects.toThrow(path)
      await under.run(under.disk.writeFile(path, whole))
    }
    await under.open()
  })
  it('is refused where its end, or the log after it, is missing', async () => {
    const under = bench()
    await fill(under, 1)
    const path = await newest(under)
    const whole = await under.run(under.disk.readFile(path))
    await under.change(path, (bytes) => bytes.slice(0, bytes.length - 56))
    await expect(under.open()).rejects.toThrow('its end is missing')
    await under.run(under.disk.writeFile(path, whole))
    for (const name of await under.run(under.disk.list('/store'))) {
      if (name.startsWith('wal-')) await under.run(under.disk.remove(`/store/${name}`))
    }
    await expect(under.open()).rejects.toThrow('the log from revision')
  })
})
