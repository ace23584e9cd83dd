import { describe, expect, it } from 'vitest'
import { linuxDatagrams } from '../linux/datagrams.ts'
import { simClock } from '../sim/clock.ts'
import { simDatagrams } from '../sim/datagrams.ts'
import { simRandom } from '../sim/random.ts'
import { datagramsContract } from './datagrams.ts'
import { simRun } from './sim-run.ts'

describe('the datagrams of Linux', () => {
  datagramsContract(() => ({ datagrams: linuxDatagrams(), run: (promise) => promise }))

  it('say that an address is not ours', async () => {
    const bound = await linuxDatagrams().bind({ address: '192.0.2.77', port: 0 }, () => {})
    expect(bound).toMatchObject({ ok: false, error: { code: 'AddressNotAvailable' } })
  })
})

describe('the simulated datagrams', () => {
  datagramsContract(() => {
    const clock = simClock()
    return { datagrams: simDatagrams({ clock, random: simRandom(1) }), run: simRun(clock) }
  })

  it('get lost as often as told, the same ones for the same seed', async () => {
    const arrivals = async (): Promise<readonly number[]> => {
      const clock = simClock()
      const run = simRun(clock)
      const datagrams = simDatagrams({ clock, random: simRandom(7), faults: { loseOneIn: 3 } })
      const seen: number[] = []
      const server = await run(datagrams.bind({ address: '10.0.0.1', port: 53 }, ([byte = 0]) => seen.push(byte)))
      const client = await run(datagrams.bind({ address: '0.0.0.0', port: 0 }, () => {}))
      if (!server.ok || !client.ok) throw new Error('cannot bind')
      for (let byte = 0; byte < 100; byte++)
        await run(client.value.send(Uint8Array.of(byte), { address: '10.0.0.1', port: 53 }))
      await clock.runUntil(clock.nowMs() + 1_000)
      return seen
    }
    const seen = await arrivals()
    expect(seen.length).toBeGreaterThan(40)
    expect(seen.length).toBeLessThan(90)
    expect(await arrivals()).toEqual(seen)
  })
})
