import { gzipSync } from 'node:zlib'
import { describe } from 'vitest'
import { linuxCodec } from '../linux/codec.ts'
import { simClock } from '../sim/clock.ts'
import { simCodec } from '../sim/codec.ts'
import { codecContract } from './codec.ts'
import { simRun } from './sim-run.ts'

const gzip = (content: Uint8Array): Uint8Array => new Uint8Array(gzipSync(content))

describe('the codec of Linux', () => codecContract(() => ({ codec: linuxCodec(), run: (promise) => promise, gzip })))

describe('the simulated codec', () =>
  codecContract(() => {
    const clock = simClock()
    return { codec: simCodec({ clock }), run: simRun(clock), gzip }
  }))
