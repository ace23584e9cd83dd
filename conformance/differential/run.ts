import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { allCases } from './all-cases.ts'
import type { Case } from './case.ts'
import { type RunningCoracle, startCoracle } from './coracle.ts'
import { closeConnections, type Endpoint, exchangeWith } from './exchange.ts'
import { known } from './known.ts'
import { originalOf, userOf } from './original.ts'
import { type Outcome, runCase, type Sides } from './run-case.ts'

/** Run as: node tools/run.mjs conformance/differential/run.ts --original KUBECONFIG [--focus RE] [--json FILE] */

const casesAtOnce = 4

const { values: options } = parseArgs({
  options: {
    original: { type: 'string' },
    focus: { type: 'string', default: '' },
    json: { type: 'string' },
    seed: { type: 'string', default: '1' },
    generated: { type: 'string', default: '200' },
  },
  args: process.argv.slice(2),
})

const kubeconfig = options.original
if (kubeconfig === undefined) throw new Error('--original KUBECONFIG: where is the original kube-apiserver?')
const focus = new RegExp(options.focus)
const cases = allCases(Number(options.seed), Number(options.generated)).filter(({ name }) => focus.test(name))
const original = originalOf(kubeconfig)
const coracle = await startCoracle(userOf(original))
try {
  const outcomes = await runAll(cases, original, coracle)
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(outcomes, null, 2)}\n`)
  process.exitCode = conclude(outcomes) ? 0 : 1
} finally {
  closeConnections()
  await coracle.stop()
}

async function runAll(
  all: readonly Case[],
  original: Endpoint,
  { endpoint }: RunningCoracle,
): Promise<readonly Outcome[]> {
  const sides: Sides = { original: exchangeWith(original), coracle: exchangeWith(endpoint) }
  const queue = all.entries()
  const outcomes: Outcome[] = []
  const run = `${process.pid.toString(36)}${(Date.now() % 46656).toString(36)}`
  const work = async (): Promise<void> => {
    // One iterator for all: each takes the next case that nobody has.
    for (const [at, one] of queue) {
      const outcome = await runCase(one, `diff-${run}-${at}`, sides).catch((error: Error) => broken(one, error))
      outcomes.push(outcome)
      tell(outcome)
    }
  }
  await Promise.all(Array.from({ length: casesAtOnce }, work))
  return outcomes
}

function broken({ name }: Case, { message }: Error): Outcome {
  return { name, differences: [{ step: -1, request: '', differences: [`could not be run: ${message}`] }] }
}

function tell({ name, differences }: Outcome): void {
  const reason = reasonOf(name)
  if (differences.length === 0) {
    console.log(`ok       ${name}`)
    return
  }
  console.log(`differs  ${name}${reason === undefined ? '' : ` (known: ${reason})`}`)
  if (reason !== undefined) return
  for (const { step, request, differences: lines } of differences) {
    console.log(`           step ${step}: ${request}`)
    for (const line of lines) console.log(`             ${line}`)
  }
}

function reasonOf(name: string): string | undefined {
  return known.find((rule) => rule.name.test(name))?.reason
}

/** Whether what differs is what is known to differ, no more and no less. */
function conclude(outcomes: readonly Outcome[]): boolean {
  const differing = outcomes.filter(({ differences }) => differences.length > 0)
  const unknown = differing.filter(({ name }) => reasonOf(name) === undefined)
  // Only a whole run tells that a rule is of no use.
  const useless =
    options.focus === '' ? known.filter((rule) => !differing.some(({ name }) => rule.name.test(name))) : []
  for (const { name } of useless) console.log(`agrees now, take it from known.ts: ${name}`)
  const agreed = outcomes.length - differing.length
  console.log(
    `${outcomes.length} cases: ${agreed} agree, ${differing.length - unknown.length} differ as known, ${unknown.length} differ`,
  )
  return unknown.length === 0 && useless.length === 0
}
