import { expect, it } from 'vitest'
import { simClock } from '../../host/sim/clock.ts'
import { simCodec } from '../../host/sim/codec.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { simRandom } from '../../host/sim/random.ts'
import { makeImageStore } from './image-store.ts'

const content = new Uint8Array(5000).fill(7)

async function* whole(): AsyncIterable<Uint8Array> {
  yield content
}

/** What is left of a blob when the machine loses power as soon as it is written. */
async function afterPowerLoss(seed: number): Promise<readonly number[] | undefined> {
  const clock = simClock()
  const disk = simDisk({ clock, random: simRandom(seed) })
  const open = () =>
    makeImageStore({ disk, codec: simCodec({ clock }), directory: '/images', limits: { totalBytes: 1e6, entries: 10 } })
  let left: number[] | undefined
  void (async () => {
    const { digest } = await (await open()).writeBlob(whole())
    disk.crash('power')
    const chunks: number[] = []
    for await (const chunk of (await open()).readBlob(digest)) chunks.push(...chunk)
    left = chunks
  })().catch(() => (left = []))
  await clock.runUntilTrue(() => left !== undefined, clock.nowMs() + 60_000)
  return left
}

it('keeps a blob whole through a loss of power: the image that names it is kept, too', async () => {
  for (let seed = 1; seed <= 20; seed++) expect(await afterPowerLoss(seed)).toEqual([...content])
})
