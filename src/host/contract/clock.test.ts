import { describe } from 'vitest'
import { linuxClock } from '../linux/clock.ts'
import { simClock } from '../sim/clock.ts'
import { clockContract } from './clock.ts'
import { simRun } from './sim-run.ts'

describe('the clock of Linux', () => clockContract(() => ({ clock: linuxClock(), run: (promise) => promise })))

describe('the simulated clock', () =>
  clockContract(() => {
    const clock = simClock()
    return { clock, run: simRun(clock) }
  }))
