import { describe, expect, it } from 'vitest'
import { simRandom } from '../host/sim/random.ts'
import { firstScenario, type Scenario } from '../sim/scenario.ts'
import { simulate } from './simulate.ts'

/** Enough to see what fails: a small cluster in fair weather. */
const small: Scenario = {
  ...firstScenario,
  nodes: 3,
  deployments: [{ name: 'web', replicas: 4, cpuMillis: 100 }],
  incidents: [],
  calmFromMs: 5_000,
  removeDeadNodesAtMs: 5_000,
  deadlineMs: 60_000,
}

/** Fractions of a second of the machine's own time and luck, which no seed can give again. */
function ambientChance(seed: number) {
  const random = simRandom(seed)
  return {
    ...random,
    below: (bound: number) => (bound === 1000 ? Math.floor(Math.random() * bound) : random.below(bound)),
  }
}

describe('a simulation', () => {
  it('converges and has the same history for the same seed, another for another', async () => {
    const [once, again, other] = [await simulate(small, 1), await simulate(small, 1), await simulate(small, 2)]
    expect(once).toMatchObject({ unconverged: [], violations: [] })
    expect(again.digest).toBe(once.digest)
    expect(other.digest).not.toBe(once.digest)
  })

  it('shows chance that comes from outside: the digests differ', async () => {
    const once = await simulate(small, 1, { random: ambientChance(1) })
    const again = await simulate(small, 1, { random: ambientChance(1) })
    expect(again.digest).not.toBe(once.digest)
  })

  it('shows a part that has stopped: the cluster does not converge', async () => {
    const { unconverged } = await simulate(small, 1, { onControlPlane: ({ informers }) => informers.stop() })
    expect(unconverged).toContain('deployment web: 0 of 4 available, 0 there')
  })
})
