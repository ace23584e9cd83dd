import { expect, it } from 'vitest'
import { simClock } from '../../host/sim/clock.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { pipe } from '../../host/sim/pipe.ts'
import { simRandom } from '../../host/sim/random.ts'
import type { Disk } from '../../ports/disk.ts'
import { sendLog } from './log-reader.ts'

const line = (text: string): string => `2026-01-01T00:00:01.000000000Z stdout F ${text}\n`

it.each([
  [1, 'two\n'],
  [2, 'one\ntwo\n'],
  [9, 'one\ntwo\nthree\n'],
])('the last %d lines are no more than that when the container writes on meanwhile', async (tailLines, shown) => {
  const clock = simClock()
  const disk = simDisk({ clock, random: simRandom(1) })
  const path = '/0.log'
  let looks = 0
  const growing: Disk = {
    ...disk,
    async *readChunks(file, from) {
      looks += 1
      // The first look finds where the last lines begin.
      if (looks === 2) await disk.writeFile(path, new TextEncoder().encode(line('one') + line('two') + line('three')))
      yield* disk.readChunks(file, from)
    },
  }
  const { sink, chunks } = pipe()
  const read = async (): Promise<string> => {
    await disk.writeFile(path, new TextEncoder().encode(line('one') + line('two')))
    const options = { follow: false, previous: false, timestamps: false, tailLines, stream: 'All' as const }
    const unbounded = { limitBytes: undefined, sinceMs: undefined }
    await sendLog(growing, clock, { path, options: { ...options, ...unbounded }, running: () => true }, sink)
    let text = ''
    for await (const chunk of chunks) text += new TextDecoder().decode(chunk)
    return text
  }
  let result: string | undefined
  void read().then((text) => {
    result = text
  })
  await clock.runUntilTrue(() => result !== undefined, clock.nowMs() + 60_000)
  expect(result).toBe(shown)
})
