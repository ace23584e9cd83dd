import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ok, type Result } from '../src/api/result.ts'
import { linuxCodec } from '../src/host/linux/codec.ts'
import { linuxLog } from '../src/host/linux/log.ts'
import { makeLinuxEngine } from '../src/main/linux-engine.ts'
import type { Engine } from '../src/runtime/engine/engine.ts'
import { buildImage, imageArchive } from '../src/runtime/images/image-archive.ts'
import { plainSecurity } from '../src/runtime/plain-security.ts'
import type { ContainerSpec } from '../src/runtime/pod-runtime.ts'

/**
 * How long the steps of a pod's life take on this machine: node bench/engine.mjs [pods] [at once]. Needs root, crun or runc, conmon and
 * busybox-static. The network is left out.
 */
const podCount = Number(process.argv[2] ?? 20)
const atOnce = Number(process.argv[3] ?? 1)
const base = mkdtempSync(path.join(tmpdir(), 'coracle-bench-'))
const samples = new Map<string, number[]>()

async function timed<T, E extends Readonly<{ message: string }>>(
  step: string,
  work: Promise<Result<T, E>>,
): Promise<T> {
  const begun = performance.now()
  const result = await work
  if (!result.ok) throw new Error(`${step}: ${result.error.message}`)
  samples.set(step, [...(samples.get(step) ?? []), performance.now() - begun])
  return result.value
}

async function open(): Promise<Engine> {
  const engine = await makeLinuxEngine({
    name: `bench-${process.pid}`,
    directory: `${base}/lib`,
    runDirectory: `/run/coracle-bench-${process.pid}`,
    network: { attach: async () => ok({ ips: [] }), detach: async () => ok(undefined) },
    log: linuxLog(),
  })
  const busybox = { path: 'bin/busybox', mode: 0o755, content: new Uint8Array(readFileSync('/bin/busybox')) }
  const image = await buildImage(linuxCodec(), { name: 'bench:1', layers: [[busybox]] })
  await timed('load image', engine.images.load(imageArchive(image)))
  return engine
}

async function onePod(engine: Engine, number: number): Promise<void> {
  const pod = { name: `pod-${number}`, namespace: 'bench', uid: `uid-${number}` }
  const spec: ContainerSpec = {
    name: 'c',
    attempt: 0,
    image: 'bench:1',
    command: ['/bin/busybox', 'sleep', '1000'],
    env: [],
    mounts: [],
    security: plainSecurity,
    resources: { oomScoreAdj: 0 },
    logPath: `${base}/logs/${number}.log`,
    stdin: false,
    stdinOnce: false,
    tty: false,
    labels: {},
  }
  const sandboxSpec = {
    pod,
    attempt: 0,
    hostname: pod.name,
    hostNetwork: false,
    cgroupParent: `pods/${pod.uid}`,
    logDirectory: '/tmp',
    sysctls: {},
    portMappings: [],
  }
  const begun = performance.now()
  const sandbox = await timed('sandbox', engine.runSandbox(sandboxSpec))
  const container = await timed('create', engine.createContainer(sandbox.id, spec))
  await timed('start', engine.startContainer(container.id))
  samples.set('pod running', [...(samples.get('pod running') ?? []), performance.now() - begun])
  await timed('exec', engine.execSync(container.id, ['/bin/busybox', 'true'], 10_000, 100))
  await timed('stop', engine.stopContainer(container.id, 0))
  await timed('remove container', engine.removeContainer(container.id))
  await timed('stop sandbox', engine.stopSandbox(sandbox.id))
  await timed('remove sandbox', engine.removeSandbox(sandbox.id))
}

function print(): void {
  console.log(
    `${podCount} pods, ${atOnce} at once, milliseconds\n${'step'.padEnd(18)}${'p50'.padStart(8)}${'p99'.padStart(8)}`,
  )
  for (const [step, times] of samples) {
    const sorted = times.toSorted((a, b) => a - b)
    const at = (share: number): string =>
      (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)
    console.log(`${step.padEnd(18)}${at(0.5).padStart(8)}${at(0.99).padStart(8)}`)
  }
}

if (!existsSync('/bin/busybox')) throw new Error('busybox-static is not installed')
const engine = await open()
try {
  let next = 0
  const begun = performance.now()
  const worker = async (): Promise<void> => {
    while (next < podCount) {
      next += 1
      await onePod(engine, next)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  print()
  console.log(`${((performance.now() - begun) / podCount).toFixed(1)} ms a pod's whole life`)
} finally {
  await engine.teardown()
  rmSync(base, { recursive: true, force: true })
}
