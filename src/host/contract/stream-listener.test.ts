import { describe } from 'vitest'
import { linuxStreamListener } from '../linux/stream-listener.ts'
import { linuxStreams } from '../linux/streams.ts'
import { simClock } from '../sim/clock.ts'
import { simStreamListener } from '../sim/stream-listener.ts'
import { simStreams } from '../sim/streams.ts'
import { simRun } from './sim-run.ts'
import { streamListenerContract } from './stream-listener.ts'

describe('the stream listener of Linux', () =>
  streamListenerContract(() => ({
    listener: linuxStreamListener(),
    streams: linuxStreams(),
    run: (promise) => promise,
  })))

describe('the simulated stream listener', () =>
  streamListenerContract(() => {
    const clock = simClock()
    const streams = simStreams({ clock })
    return { listener: simStreamListener(streams), streams, run: simRun(clock) }
  }))
