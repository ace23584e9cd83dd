import { firstScenario } from '../sim/scenario.ts'
import { type Outcome, simulate } from './simulate.ts'

/** `npm run simulate -- --seeds 1-1000`: each seed twice; a line for each that fails, and a summary. */
async function main(args: readonly string[]): Promise<void> {
  const range = /^(\d+)(?:-(\d+))?$/.exec(args[args.indexOf('--seeds') + 1] ?? '')
  if (!args.includes('--seeds') || range === null) throw new Error('usage: npm run simulate -- --seeds FIRST-LAST')
  const first = Number(range[1])
  const last = Number(range[2] ?? first)
  const startMs = performance.now()
  let [events, failed] = [0, 0]
  for (let seed = first; seed <= last; seed++) {
    const { faults, seen } = await examine(seed)
    events += seen
    if (faults.length === 0) continue
    failed += 1
    console.log(`seed ${seed}: ${faults.join('; ')}`)
  }
  const seeds = last - first + 1
  const eachMs = (performance.now() - startMs) / seeds / 2
  console.log(
    `${seeds} seeds, ${failed} failed; ${Math.round(events / seeds)} events and ${Math.round(eachMs)} ms a run`,
  )
  process.exitCode = failed === 0 ? 0 : 1
}

async function examine(seed: number): Promise<Readonly<{ faults: readonly string[]; seen: number }>> {
  try {
    const once = await simulate(firstScenario, seed)
    const again = await simulate(firstScenario, seed)
    return { faults: faultsOf(once, again), seen: once.events }
  } catch (error) {
    return { faults: [String(error)], seen: 0 }
  }
}

function faultsOf(once: Outcome, again: Outcome): readonly string[] {
  const differs = once.digest === again.digest ? [] : [`digests ${once.digest} and ${again.digest}`]
  return [...once.unconverged, ...once.violations, ...differs]
}

await main(process.argv.slice(2))
