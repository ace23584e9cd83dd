import { describe, expect, it } from 'vitest'
import { firstScenario } from '../sim/scenario.ts'
import { simulate } from './simulate.ts'

describe('the first scenario', () => {
  it('runs', async () => {
    const t0 = performance.now()
    const a = await simulate({ ...firstScenario }, 1)
    console.log(
      performance.now() - t0,
      a.digest,
      a.events,
      a.tookVirtualMs,
      a.unconverged.slice(0, 20),
      a.violations.slice(0, 10),
      a.log.length,
      JSON.stringify(a.log.slice(-10)),
    )
    const b = await simulate({ ...firstScenario }, 1)
    expect(b.digest).toBe(a.digest)
  }, 200_000)
})
