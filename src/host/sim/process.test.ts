import { describe, expect, it } from 'vitest'
import { simClock } from './clock.ts'
import { simDisk } from './disk.ts'
import { simProcess } from './process.ts'
import { simRandom } from './random.ts'

const parts = () => {
  const clock = simClock()
  return { clock, disk: simDisk({ clock, random: simRandom(1) }) }
}
const bytes = new TextEncoder().encode('x')

describe('a process that is killed', () => {
  it('does nothing more: its timers do not fire, its calls do not return, and what it still calls has no effect', async () => {
    const { clock, disk } = parts()
    const process = simProcess()
    const [ownClock, ownDisk] = [process.clock(clock), process.port(disk)]
    const done: string[] = []
    ownClock.after(10, () => done.push('timer'))
    void ownDisk.writeFile('/under-way', bytes).then(() => done.push('call'))
    process.kill()
    void ownDisk.writeFile('/too-late', bytes).then(() => done.push('later call'))
    await clock.runUntil(clock.nowMs() + 1000)
    let exists: boolean | undefined
    void disk.exists('/too-late').then((there) => (exists = there))
    await clock.runUntil(clock.nowMs() + 1000)
    expect({ done, exists }).toEqual({ done: [], exists: false })
  })

  it('breaks off what others asked of it, and refuses what they ask then', async () => {
    const process = simProcess()
    const served = process.serve(() => new Promise(() => {}))
    const request = {
      method: 'GET',
      target: '/',
      headers: {},
      peer: { address: '' },
      closed: new AbortController().signal,
    }
    const body = { bytes: async () => ({ ok: true as const, value: bytes }), async *chunks() {} }
    const underWay = served({ ...request, body })
    process.kill()
    expect(await underWay).toMatchObject({ type: 'whole', status: 504 })
    expect(await served({ ...request, body })).toMatchObject({ type: 'whole', status: 504 })
  })

  it('until then sees the machine as it is', async () => {
    const { clock, disk } = parts()
    const own = simProcess().port(disk)
    let text = ''
    void (async () => {
      const file = await own.openAppend('/log')
      await file.append([bytes])
      await file.sync()
      for await (const chunk of own.readChunks('/log')) text += new TextDecoder().decode(chunk)
    })()
    await clock.runUntil(clock.nowMs() + 1000)
    expect(text).toBe('x')
  })
})
