// `npm run bench [-- --rounds 3] [--json] [--against KUBECONFIG]`: starts a cluster of its own, measures it, removes it, and prints the
// table of docs/benchmarks.md, medians of the rounds. --against runs the same load on another API server, round by round, beside it.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { benchApi, type Figure } from './api.ts'
import type { Target } from './connection.ts'

/** kube-apiserver 1.36.2 with etcd 3.5.30 on a machine of two cores, with RBAC, TLS and fsync on, under the same load. */
const original: Readonly<Record<string, number>> = {
  create: 2_126,
  get: 4_215,
  'get rv=0': 6_986,
  'list 2000': 51.5,
  'watch, events': 90_300,
  delete: 2_028,
}

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, json: { type: 'boolean' }, against: { type: 'string' } },
})
const rounds = Number(options.rounds)

const name = `bench-${process.pid}`
const folder = mkdtempSync(path.join(tmpdir(), 'coracle-bench-'))
const env = { ...process.env, KUBECONFIG: path.join(folder, 'config') }
const port = String(20_000 + (process.pid % 10_000))
const node = process.getuid?.() === 0 ? [] : ['--simulate', '1']
const ranges = ['--port', port, '--pod-cidr', '10.207.0.0/24', '--service-cidr', '10.208.0.0/20', ...node]

function coracle(...args: readonly string[]): string {
  return execFileSync('./coracle', ['--name', name, ...args], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function secondsOf(work: () => void): number {
  const startedMs = performance.now()
  work()
  return (performance.now() - startedMs) / 1_000
}

function targetOf(kubeconfig: string): Target {
  const config = parse(readFileSync(kubeconfig, 'utf8'))
  const decode = (text: string): string => Buffer.from(text, 'base64').toString()
  const { cluster } = config.clusters[0]
  const { user } = config.users[0]
  return {
    host: '127.0.0.1',
    port: Number(new URL(cluster.server).port),
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  }
}

function residentMiB(): number {
  const { pid } = JSON.parse(coracle('status', '--json')) as { pid: number }
  const kib = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  return kib / 1_024
}

const canRunPods = node.length === 0 && spawnSync('kubectl', ['version', '--client']).status === 0

function kubectl(...args: readonly string[]): void {
  execFileSync('kubectl', args, { env, stdio: 'ignore' })
}

function loadGuestbookImages(): void {
  const images = path.join(folder, 'images')
  execFileSync('examples/guestbook/images.sh', ['--to', images], { stdio: 'ignore' })
  for (const file of readdirSync(images)) coracle('image', 'load', path.join(images, file))
}

/** From apply to all Ready, images present; gone again after. */
function guestbookSeconds(): number {
  const seconds = secondsOf(() => {
    kubectl('apply', '-f', 'examples/guestbook')
    for (const deployment of ['redis-leader', 'redis-follower', 'web'])
      kubectl('rollout', 'status', `deployment/${deployment}`)
  })
  kubectl('delete', '-f', 'examples/guestbook')
  kubectl('wait', '--for=delete', 'pod', '--all', '--timeout=60s')
  return seconds
}

function medianOf(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
}

/** Phase by phase, of several rounds of the same load. */
function medians(all: readonly (readonly Figure[])[]): readonly Figure[] {
  const [first = []] = all
  return first.map(({ phase }, at) => {
    const of = (key: 'perSecond' | 'p50Ms' | 'p99Ms'): number =>
      medianOf(all.map((one) => one[at]?.[key] ?? Number.NaN))
    return { phase, perSecond: of('perSecond'), p50Ms: of('p50Ms'), p99Ms: of('p99Ms') }
  })
}

type Loaded = Readonly<{ ours: readonly Figure[]; theirs: readonly Figure[] }>

/** In turns, so that both meet the same machine. */
async function load(ours: Target, theirs: Target | undefined): Promise<Loaded> {
  const figures: { ours: (readonly Figure[])[]; theirs: (readonly Figure[])[] } = { ours: [], theirs: [] }
  for (let round = 0; round < rounds; round++) {
    figures.ours.push(await benchApi(ours))
    if (theirs !== undefined) figures.theirs.push(await benchApi(theirs))
  }
  return { ours: medians(figures.ours), theirs: medians(figures.theirs) }
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function cell(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? '' : value.toFixed(digits)
}

type Single = Readonly<{ what: string; value: number; unit: 's' | 'MiB' }>

function printTable({ ours, theirs }: Loaded, singles: readonly Single[]): void {
  console.log(`${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`)
  const beside = theirs.length > 0 ? 'kube-apiserver + etcd' : 'kube-apiserver + etcd (published)'
  console.log(row(['phase', 'per second', 'p50 ms', 'p99 ms', beside, 'ratio']))
  console.log(row(['---', '---', '---', '---', '---', '---']))
  for (const [at, { phase, perSecond, p50Ms, p99Ms }] of ours.entries()) {
    const other = theirs[at]?.perSecond ?? original[phase] ?? Number.NaN
    const cells = [cell(perSecond, 0), cell(p50Ms, 1), cell(p99Ms, 1), cell(other, 0), cell(perSecond / other, 1)]
    console.log(row([phase, ...cells]))
  }
  for (const { what, value, unit } of singles) console.log(`${what}: ${value.toFixed(unit === 's' ? 2 : 0)} ${unit}`)
}

try {
  coracle('up', ...ranges)
  coracle('down')
  const starts = Array.from({ length: rounds }, () => {
    const seconds = secondsOf(() => coracle('up'))
    coracle('down')
    return seconds
  })
  coracle('up')
  // Memory settles once what start-up left behind has been collected.
  await new Promise((resolve) => setTimeout(resolve, 20_000))
  const idleMiB = residentMiB()
  if (canRunPods) loadGuestbookImages()
  const guestbooks = Array.from({ length: canRunPods ? rounds : 0 }, guestbookSeconds)
  const figures = await load(
    targetOf(env.KUBECONFIG),
    options.against === undefined ? undefined : targetOf(options.against),
  )
  const singles: Single[] = [
    { what: 'up to Ready, everything built', value: medianOf(starts), unit: 's' },
    { what: 'resident memory, idle', value: idleMiB, unit: 'MiB' },
    { what: 'resident memory, after the load', value: residentMiB(), unit: 'MiB' },
    ...(canRunPods ? [{ what: 'guestbook, apply to all Ready', value: medianOf(guestbooks), unit: 's' } as const] : []),
  ]
  if (options.json) console.log(JSON.stringify({ ...figures, singles }, null, 2))
  else printTable(figures, singles)
} finally {
  coracle('delete')
  rmSync(folder, { recursive: true, force: true })
}
