import { expect, it } from 'vitest'
import { firstScenario } from '../sim/scenario.ts'
import { simulate } from './simulate.ts'

/** Far above what a run takes, for machines that are busy. */
const timeoutMs = 300_000

/** For tests; `npm run simulate -- --seeds 101-1000` tries more. Each seed's cluster ends as it was asked for, breaks no rule on the way, and has the same history again. */
export function seedsHold(first: number, last: number): void {
  for (let seed = first; seed <= last; seed++)
    it(`seed ${seed} converges, breaks no rule, and does the same twice`, () => seedHolds(seed), timeoutMs)
}

async function seedHolds(seed: number): Promise<void> {
  const once = await simulate(firstScenario, seed)
  const again = await simulate(firstScenario, seed)
  expect({ unconverged: once.unconverged, violations: once.violations }).toEqual({ unconverged: [], violations: [] })
  expect(once.events).toBeLessThan(10_000)
  expect(again.digest).toBe(once.digest)
}
