import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse } from 'yaml'
import type { Target } from './connection.ts'

/** A cluster of the benchmark's own, with name, port and ranges that no other run has. */
export interface BenchCluster {
  readonly name: string
  readonly target: () => Target
  readonly canRunPods: boolean
  coracle(...args: readonly string[]): string
  /** Makes it; `start` and `stop` leave what is stored. */
  create(): void
  start(): void
  stop(): void
  remove(): void
  residentMiB(): number
  loadGuestbookImages(): void
  /** Seconds from apply to all Ready, images present; gone again after. */
  guestbookSeconds(): number
}

/** `ordinal` tells those of one run apart. */
export function benchCluster(ordinal = 0, upOptions: readonly string[] = []): BenchCluster {
  const name = `bench-${process.pid}-${ordinal}`
  const folder = mkdtempSync(path.join(tmpdir(), 'coracle-bench-'))
  const env = { ...process.env, KUBECONFIG: path.join(folder, 'config') }
  const port = String(20_000 + ((process.pid + ordinal) % 10_000))
  const node = process.getuid?.() === 0 ? [] : ['--simulate', '1']
  const serviceCidr = `10.208.${16 * ordinal}.0/20`
  const ranges = [
    '--port',
    port,
    '--pod-cidr',
    `10.207.${ordinal}.0/24`,
    '--service-cidr',
    serviceCidr,
    ...node,
    ...upOptions,
  ]
  const coracle = (...args: readonly string[]): string =>
    execFileSync('./coracle', ['--name', name, ...args], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const kubectl = (...args: readonly string[]): void => {
    execFileSync('kubectl', args, { env, stdio: 'ignore' })
  }
  return {
    name,
    target: () => targetOf(env.KUBECONFIG),
    canRunPods: node.length === 0 && spawnSync('kubectl', ['version', '--client']).status === 0,
    coracle,
    create: () => void coracle('up', ...ranges),
    start: () => void coracle('up'),
    stop: () => void coracle('down'),
    remove() {
      coracle('delete')
      rmSync(folder, { recursive: true, force: true })
    },
    residentMiB() {
      const { pid } = JSON.parse(coracle('status', '--json')) as { pid: number }
      const kib = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
      return kib / 1_024
    },
    loadGuestbookImages() {
      const images = path.join(folder, 'images')
      execFileSync('examples/guestbook/images.sh', ['--to', images], { stdio: 'ignore' })
      for (const file of readdirSync(images)) coracle('image', 'load', path.join(images, file))
    },
    guestbookSeconds() {
      const seconds = secondsOf(() => {
        kubectl('apply', '-f', 'examples/guestbook')
        for (const deployment of ['redis-leader', 'redis-follower', 'web'])
          kubectl('rollout', 'status', `deployment/${deployment}`)
      })
      kubectl('delete', '-f', 'examples/guestbook')
      kubectl('wait', '--for=delete', 'pod', '--all', '--timeout=60s')
      return seconds
    },
  }
}

export function secondsOf(work: () => void): number {
  const startedMs = performance.now()
  work()
  return (performance.now() - startedMs) / 1_000
}

export function targetOf(kubeconfig: string): Target {
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
