import { fuzzServer } from '../apiserver/fuzz/fuzz-server.ts'
import { testServer } from '../apiserver/test-exchange.ts'
import { simHost } from '../host/contract/sim-host.ts'
import { openStore } from '../store/store.ts'

const each = 5000

/** `npm run fuzz -- --requests 100000 [--from SEED]`: requests by seed, a new server for every 5,000; a line for each fault. */
async function main(args: readonly string[]): Promise<void> {
  const option = (name: string, otherwise: number): number => Number(args[args.indexOf(name) + 1] ?? otherwise)
  const count = args.includes('--requests') ? option('--requests', each) : each
  const from = args.includes('--from') ? option('--from', 1) : 1
  if (!Number.isInteger(count) || !Number.isInteger(from) || count < 1)
    throw new Error('usage: npm run fuzz -- [--requests COUNT] [--from SEED]')
  const answers = new Map<number, number>()
  const unsorted = new Set<string>()
  let failed = 0
  for (let first = from; first < from + count; first += each) {
    const { faults, answers: own, unsorted: words } = await fuzz(first, Math.min(each, from + count - first))
    for (const { seed, request, why } of faults) console.log(`seed ${seed}: ${why}\n  ${request}`)
    for (const [status, times] of own) answers.set(status, (answers.get(status) ?? 0) + times)
    for (const text of words) unsorted.add(text)
    failed += faults.length
  }
  const counts = [...answers].sort(([a], [b]) => a - b).map(([status, times]) => `${times} × ${status}`)
  const heapMiB = Math.round(process.memoryUsage().heapUsed / 2 ** 20)
  console.log(`${count} requests, ${failed} failed; ${counts.join(', ')}; heap ${heapMiB} MiB`)
  for (const text of unsorted) console.log(text.replace(/[^ -~]+/g, ' '))
  process.exitCode = failed === 0 ? 0 : 1
}

async function fuzz(first: number, count: number) {
  const { clock, random, log, disk, keys, run } = simHost(first)
  const store = await run(openStore({ disk, clock, log, directory: '/store', onFatal: fatal }))
  const server = await testServer({ store, clock, random, keys, log })
  await run(server.start())
  const panics = (): number => log.lines.filter(({ message }) => message === 'apiserver panic').length
  const outcome = await run(fuzzServer({ handler: server.handler, panics }, first, count))
  for (const { message, fields } of log.lines) if (message === 'apiserver panic') console.log(String(fields.bug))
  server.stop()
  return outcome
}

function fatal(error: Error): never {
  throw error
}

await main(process.argv.slice(2))
