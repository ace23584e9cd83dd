import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { firstScenario } from '../sim/scenario.ts'
import { type Outcome, simulate } from './simulate.ts'

const usage = 'usage: npm run simulate -- --seeds FIRST[-LAST] [--processes N]'

/**
 * What each process is run with. The simulation is many small functions that make much garbage: more room for the young, and functions
 * compiled as soon as they are run, save a fifth of its time.
 */
const nodeFlags = ['--max-semi-space-size=32', '--always-sparkplug']
/** A quiet cluster writes some two thousand; this many are a controller that never rests. */
const mostEvents = 10_000

type Examined = Readonly<{ seed: number; faults: readonly string[]; events: number; tookMs: number }>

/** Hands the seeds out, one at a time, to as many processes as there are processors. A line for each seed that fails, and a summary. */
async function examineAll(first: number, last: number, processes: number): Promise<readonly Examined[]> {
  const examined: Examined[] = []
  let next = first
  await Promise.all(
    Array.from({ length: Math.min(processes, last - first + 1) }, () => {
      const worker = fork(fileURLToPath(import.meta.url), ['--worker'], { execArgv: nodeFlags })
      const goOn = (): void => void (next <= last ? worker.send(next++) : worker.disconnect())
      worker.on('message', (message) => {
        const result = message as Examined
        examined.push(result)
        if (result.faults.length > 0) console.log(`seed ${result.seed}: ${result.faults.join('; ')}`)
        goOn()
      })
      goOn()
      return new Promise<void>((resolve) => worker.on('exit', () => resolve()))
    }),
  )
  return examined
}

/** Each seed twice: its cluster ends as it was asked for, breaks no rule on the way, and has the same history again. */
async function examine(seed: number): Promise<Examined> {
  const startMs = performance.now()
  const told = (faults: readonly string[], events = 0): Examined => ({
    seed,
    faults,
    events,
    tookMs: performance.now() - startMs,
  })
  try {
    const once = await simulate(firstScenario, seed)
    const again = await simulate(firstScenario, seed)
    return told(faultsOf(once, again), once.events)
  } catch (error) {
    return told([String(error)])
  }
}

function faultsOf(once: Outcome, again: Outcome): readonly string[] {
  const differs = once.digest === again.digest ? [] : [`digests ${once.digest} and ${again.digest}`]
  const restless = once.events < mostEvents ? [] : [`${once.events} events`]
  return [...once.unconverged, ...once.violations, ...restless, ...differs]
}

function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name)
  return at < 0 ? undefined : args[at + 1]
}

async function main(args: readonly string[]): Promise<void> {
  const range = /^(\d+)(?:-(\d+))?$/.exec(optionOf(args, '--seeds') ?? '')
  const processes = Number(optionOf(args, '--processes') ?? availableParallelism())
  if (range === null || !Number.isInteger(processes) || processes < 1) {
    console.error(usage)
    process.exitCode = 2
    return
  }
  const first = Number(range[1])
  const last = Number(range[2] ?? first)
  const examined = await examineAll(first, last, processes)
  const seeds = last - first + 1
  // A process that died has told nothing of its seed.
  const failed = seeds - examined.filter(({ faults }) => faults.length === 0).length
  const mean = (of: (one: Examined) => number): number =>
    Math.round(examined.reduce((sum, one) => sum + of(one), 0) / Math.max(1, examined.length))
  const [events, runMs] = [mean((one) => one.events), mean((one) => one.tookMs / 2)]
  console.log(`${seeds} seeds, ${failed} failed; ${events} events and ${runMs} ms a run`)
  process.exitCode = failed === 0 ? 0 : 1
}

// Whoever has started this and ends first does not want it any more.
process.on('disconnect', () => process.exit())
if (process.argv.includes('--worker')) {
  process.on('message', (seed) => void examine(Number(seed)).then((done) => process.send?.(done)))
} else {
  // Nothing comes over the channel but its end, which is nothing to stay for.
  process.channel?.unref()
  await main(process.argv.slice(2))
}
