import { describe, expect, it } from 'vitest'
import { linuxProcesses } from '../linux/processes.ts'
import { simClock } from '../sim/clock.ts'
import { simProcesses } from '../sim/processes.ts'
import { processesContract } from './processes.ts'
import { simRun } from './sim-run.ts'

describe('the processes of Linux', () => {
  processesContract(() => ({ processes: linuxProcesses(), run: (promise) => promise }))

  it('inherit nothing but a path', async () => {
    const outcome = await linuxProcesses().run(
      { argv: ['env'], env: { EXTRA: 'x' }, workingDirectory: '/' },
      { timeoutMs: 5_000, outputLimitBytes: 10_000 },
    )
    const text = outcome.ok ? new TextDecoder().decode(outcome.value.stdout) : ''
    const names = text.split('\n').map((line) => line.split('=')[0] ?? '')
    expect(names.filter((name) => name !== '').sort()).toEqual(['EXTRA', 'LC_ALL', 'PATH'])
  })
})

describe('the simulated processes', () =>
  processesContract(() => {
    const clock = simClock()
    return { processes: simProcesses({ clock }), run: simRun(clock) }
  }))
