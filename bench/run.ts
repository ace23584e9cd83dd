// `npm run bench`: starts a cluster of its own, measures it, removes it, and prints the table of docs/benchmarks.md.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import path from 'node:path'
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

/** Guestbook from apply to all Ready, images present. Undefined without real containers. */
function guestbookSeconds(): number | undefined {
  if (node.length > 0 || spawnSync('kubectl', ['version', '--client']).status !== 0) return undefined
  const images = path.join(folder, 'images')
  execFileSync('examples/guestbook/images.sh', ['--to', images], { stdio: 'ignore' })
  for (const file of readdirSync(images)) coracle('image', 'load', path.join(images, file))
  const kubectl = (...args: readonly string[]): void => void execFileSync('kubectl', args, { env, stdio: 'ignore' })
  const seconds = secondsOf(() => {
    kubectl('apply', '-f', 'examples/guestbook')
    for (const deployment of ['redis-leader', 'redis-follower', 'web'])
      kubectl('rollout', 'status', `deployment/${deployment}`)
  })
  kubectl('delete', '-f', 'examples/guestbook')
  return seconds
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function printTable(figures: readonly Figure[], single: Readonly<Record<string, string>>): void {
  console.log(`${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`)
  console.log(row(['phase', 'per second', 'p50 ms', 'p99 ms', 'kube-apiserver + etcd', 'ratio']))
  console.log(row(['---', '---', '---', '---', '---', '---']))
  for (const { phase, perSecond, p50Ms, p99Ms } of figures) {
    const theirs = original[phase] ?? Number.NaN
    console.log(
      row([
        phase,
        perSecond.toFixed(0),
        p50Ms?.toFixed(1) ?? '',
        p99Ms?.toFixed(1) ?? '',
        String(theirs),
        (perSecond / theirs).toFixed(1),
      ]),
    )
  }
  for (const [what, figure] of Object.entries(single)) console.log(`${what}: ${figure}`)
}

try {
  coracle('up', ...ranges)
  coracle('down')
  const starts = [1, 2, 3].map(() => {
    const seconds = secondsOf(() => coracle('up'))
    return { seconds, stop: coracle('down') }
  })
  coracle('up')
  // Memory settles once what start-up left behind has been collected.
  await new Promise((resolve) => setTimeout(resolve, 20_000))
  const idleMiB = residentMiB()
  const guestbook = guestbookSeconds()
  const figures = await benchApi(targetOf(env.KUBECONFIG))
  const median = starts.map(({ seconds }) => seconds).sort((a, b) => a - b)[1] ?? Number.NaN
  printTable(figures, {
    'up to Ready, everything built': `${median.toFixed(2)} s (median of 3)`,
    'resident memory, idle': `${idleMiB.toFixed(0)} MiB`,
    'resident memory, after the load': `${residentMiB().toFixed(0)} MiB`,
    ...(guestbook === undefined ? {} : { 'guestbook, apply to all Ready': `${guestbook.toFixed(2)} s` }),
  })
} finally {
  coracle('delete')
  rmSync(folder, { recursive: true, force: true })
}
