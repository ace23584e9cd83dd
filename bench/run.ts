// `npm run bench -- node [--json]`: what pods and images cost on a node, beside the same kubelet over containerd, and podman where it is installed.
// `npm run bench [-- --rounds 3] [--json] [--beside-original KUBECONFIG] [--load-only]`: starts a cluster of its own, measures it, removes
// it, and prints the table of docs/benchmarks.md, medians of the rounds. --beside-original runs the same load on another API server of
// this machine, round by round; --load-only leaves out start-up, idle memory and the guestbook.
// `npm run bench -- watchers | objects | flood | custom ...`: those alone, at the sizes of docs/benchmarks.md; --short: a tenth of them.
// custom: custom resources beside built-in ones, and what definitions cost.
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { benchApi, type Figure } from './api.ts'
import { type BenchCluster, benchCluster, secondsOf, targetOf } from './bench-cluster.ts'
import type { Target } from './connection.ts'
import { benchCustom } from './custom.ts'
import { benchFlood } from './flood.ts'
import { watchForeignLoad } from './machine-load.ts'
import { benchNodes } from './nodes.ts'
import { benchObjects, benchWatchers } from './scale.ts'
import { serverCpu } from './server-processes.ts'
import { type Loaded, medianOf, printTable, type Single } from './table.ts'

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean' },
    'beside-original': { type: 'string' },
    'load-only': { type: 'boolean' },
    short: { type: 'boolean', default: false },
  },
})
const rounds = Number(options.rounds)

/** In turns, so that both meet the same machine. */
async function load(ours: Target, theirs: Target | undefined): Promise<Loaded> {
  const targets = theirs === undefined ? [ours] : [ours, theirs]
  const foreignShare = watchForeignLoad(targets.map(({ port }) => serverCpu(port)))
  const figures: { ours: (readonly Figure[])[]; theirs: (readonly Figure[])[] } = { ours: [], theirs: [] }
  for (let round = 0; round < rounds; round++) {
    figures.ours.push(await benchApi(ours, round))
    if (theirs !== undefined) figures.theirs.push(await benchApi(theirs, round))
  }
  return { ...figures, foreignShare: foreignShare() }
}

function startSeconds(cluster: BenchCluster): number {
  const seconds = secondsOf(cluster.start)
  cluster.stop()
  return seconds
}

/** Of a cluster that has nothing to do; leaves it running. */
async function benchIdle(cluster: BenchCluster): Promise<readonly Single[]> {
  const starts = Array.from({ length: rounds }, () => startSeconds(cluster))
  cluster.start()
  // Memory settles once what start-up left behind has been collected.
  await new Promise((resolve) => setTimeout(resolve, 20_000))
  const idleMiB = cluster.residentMiB()
  if (cluster.canRunPods) cluster.loadGuestbookImages()
  const guestbooks = Array.from({ length: cluster.canRunPods ? rounds : 0 }, () => cluster.guestbookSeconds())
  return [
    { what: 'up to Ready, everything built', value: medianOf(starts), unit: 's' },
    { what: 'resident memory, idle', value: idleMiB, unit: 'MiB' },
    ...(guestbooks.length === 0
      ? []
      : [{ what: 'guestbook, apply to all Ready', value: medianOf(guestbooks), unit: 's' } as const]),
  ]
}

async function bench(cluster: BenchCluster): Promise<Readonly<{ loaded: Loaded; singles: readonly Single[] }>> {
  cluster.create()
  cluster.stop()
  const idle = options['load-only'] ? [] : await benchIdle(cluster)
  if (options['load-only']) cluster.start()
  const original = options['beside-original']
  const loaded = await load(cluster.target(), original === undefined ? undefined : targetOf(original))
  const singles: readonly Single[] = [
    ...idle,
    { what: 'creations in the first round, code not warm', value: loaded.ours[0]?.[0]?.perSecond ?? 0, unit: '/s' },
    { what: 'resident memory, after the load', value: cluster.residentMiB(), unit: 'MiB' },
  ]
  return { loaded, singles }
}

/** What is about many of something, by its name. */
const byName: Readonly<Record<string, (cluster: BenchCluster, isShort: boolean) => Promise<readonly Single[]>>> = {
  flood: (cluster) => benchFlood(cluster.target()),
  watchers: (cluster, isShort) => benchWatchers(cluster, isShort ? 1_000 : 10_000),
  custom: (cluster, isShort) => benchCustom(cluster.target(), isShort ? 1 : rounds),
  objects: (cluster, isShort) => benchObjects(cluster, isShort ? 10_000 : 100_000),
}

function benchNamed(name: string): (typeof byName)[string] {
  const found = byName[name]
  if (found === undefined) throw new Error(`there is no ${name}: one of ${Object.keys(byName).join(', ')}`)
  return found
}

async function benchServer(): Promise<void> {
  const cluster = benchCluster()
  try {
    if (names.length > 0) {
      const chosen = names.map(benchNamed)
      cluster.create()
      for (const one of chosen) {
        console.log(`load average of the machine before: ${loadavg()[0]?.toFixed(1)}`)
        for (const { what, value, unit } of await one(cluster, options.short))
          console.log(`${what}: ${value.toFixed(1)} ${unit}`)
      }
    } else {
      const { loaded, singles } = await bench(cluster)
      if (options.json) console.log(JSON.stringify({ ...loaded, singles }, null, 2))
      else printTable(loaded, singles)
    }
  } finally {
    cluster.remove()
  }
}

if (names[0] === 'node') await benchNodes(options.json === true)
else await benchServer()
