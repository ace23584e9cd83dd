import { expect, it } from 'vitest'
import { kinds } from '../api/kinds.ts'
import type { WatchEvent } from './client.ts'
import { watchEvents, watchQueue } from './watch-stream.ts'

const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'n', resourceVersion: '5' } }
const added = { type: 'ADDED', object }
const bookmark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '7' } } }
const lines = (...events: readonly object[]): Uint8Array =>
  new TextEncoder().encode(events.map((event) => `${JSON.stringify(event)}\n`).join(''))

async function read(fill: (queue: ReturnType<typeof watchQueue>) => void): Promise<readonly WatchEvent<unknown>[]> {
  const queue = watchQueue(1000)
  fill(queue)
  queue.sink.end()
  const seen: WatchEvent<unknown>[] = []
  for await (const event of watchEvents(kinds.pods, queue.items, () => {})) seen.push(event)
  return seen
}

it('reads the same from values that are passed as from the lines that say them', async () => {
  const fromLines = await read(({ sink }) => sink.write(lines(added, bookmark)))
  const fromValues = await read(({ sink }) => sink.pass?.([added, bookmark], 100))
  expect(fromValues).toEqual(fromLines)
  expect(fromValues).toEqual([added, { type: 'BOOKMARK', resourceVersion: '7' }])
})

it('keeps the order of what is passed and what is written', async () => {
  const seen = await read(({ sink }) => {
    sink.write(lines(bookmark))
    sink.pass?.([added], 100)
    sink.write(lines(bookmark))
  })
  expect(seen.map(({ type }) => type)).toEqual(['BOOKMARK', 'ADDED', 'BOOKMARK'])
})

it('counts what is passed by the size of its lines, and lets go of a writer that never waits', () => {
  const { sink } = watchQueue(1000)
  expect(sink.pass?.([added], 900)).toBe(true)
  expect(sink.bufferedBytes()).toBe(900)
  expect(sink.pass?.([added], 900)).toBe(false)
  expect(sink.closed.aborted).toBe(false)
  sink.pass?.([added], 3000)
  expect(sink.closed.aborted).toBe(true)
  expect(sink.bufferedBytes()).toBe(0)
})
