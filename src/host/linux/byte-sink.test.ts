import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { roomIn } from './byte-sink.ts'

/** A stream that is full. */
function full(): PassThrough {
  const stream = new PassThrough({ highWaterMark: 1 })
  expect(stream.write(new Uint8Array(10))).toBe(false)
  return stream
}

it('waits for room with one listener, however many wait', async () => {
  const stream = full()
  const listeners = stream.listenerCount('drain')
  const waits = Array.from({ length: 50 }, () => roomIn(stream))
  expect(stream.listenerCount('drain')).toBe(listeners + 1)
  stream.resume()
  await Promise.all(waits)
  expect(stream.listenerCount('drain')).toBe(listeners)
  expect(stream.listenerCount('close')).toBe(0)
})

it('waits anew when the stream is full again, and no longer when it closes', async () => {
  const stream = full()
  const first = roomIn(stream)
  stream.read()
  await first
  stream.write(new Uint8Array(10))
  const second = roomIn(stream)
  expect(second).not.toBe(first)
  stream.destroy()
  await second
})
