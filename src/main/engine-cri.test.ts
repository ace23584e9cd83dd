import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ok, type Result } from '../api/result.ts'
import { linuxCgroups } from '../host/linux/cgroups.ts'
import { linuxClock } from '../host/linux/clock.ts'
import { linuxCodec } from '../host/linux/codec.ts'
import { linuxDeflate } from '../host/linux/deflate.ts'
import { linuxDisk } from '../host/linux/disk.ts'
import { linuxGrpc } from '../host/linux/grpc.ts'
import { linuxHttp } from '../host/linux/http.ts'
import { linuxRandom } from '../host/linux/random.ts'
import { simLog } from '../host/sim/log.ts'
import { type CriRuntime, makeCriRuntime } from '../runtime/cri/cri-runtime.ts'
import type { CriServer } from '../runtime/cri-server/cri-server.ts'
import type { Engine } from '../runtime/engine/engine.ts'
import { buildImage, imageArchive } from '../runtime/images/image-archive.ts'
import { plainSecurity } from '../runtime/plain-security.ts'
import type { Container, ContainerSpec, RuntimeError } from '../runtime/pod-runtime.ts'
import { serveCri } from './cri-socket.ts'
import { makeLinuxEngine } from './linux-engine.ts'
import { missingPackages, neededPrograms } from './system-packages.ts'

const busybox = '/bin/busybox'
const able = process.getuid?.() === 0 && existsSync(busybox) && missingPackages(neededPrograms('')).length === 0
const name = `cri-${process.pid}`
const base = mkdtempSync(path.join(tmpdir(), 'coracle-cri-'))
const runDirectory = `/run/coracle-${name}`
const socketPath = path.join(base, 'cri.sock')
const host = {
  cgroups: linuxCgroups(),
  clock: linuxClock(),
  deflate: linuxDeflate(),
  disk: linuxDisk(),
  grpc: linuxGrpc(),
  http: linuxHttp(),
  log: simLog(linuxClock()),
  random: linuxRandom(),
}

/** Our engine behind the socket, and the kubelet's own way to a container runtime before it. */
async function open(): Promise<Readonly<{ engine: Engine; server: CriServer; runtime: CriRuntime }>> {
  const engine = await makeLinuxEngine({
    name,
    directory: `${base}/lib`,
    runDirectory,
    cgroupPaths: 'host',
    network: { attach: async () => ok({ ips: ['10.0.0.9'] }), detach: async () => ok(undefined) },
    log: host.log,
  })
  const socket = { path: socketPath, hostname: 'box', cgroupParent: `coracle-${name}`, engineDirectory: `${base}/lib` }
  const server = await serveCri(host, engine, socket)
  const runtime = await makeCriRuntime({ ...host, name, podCidr: '10.0.0.0/24', socketPath })
  return { engine, server, runtime }
}

function value<T>(result: Result<T, RuntimeError>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`)
  return result.value
}

const sandbox = {
  pod: { name: 'web', namespace: 'shop', uid: 'uid-1' },
  attempt: 0,
  hostname: 'web',
  hostNetwork: false,
  cgroupParent: 'kubepods/poduid-1',
  logDirectory: `${base}/logs`,
  sysctls: {},
  portMappings: [],
}

const container = (script: string): ContainerSpec => ({
  name: 'main',
  attempt: 0,
  image: 'busybox:test',
  command: ['/bin/sh', '-c', script],
  env: [{ name: 'GREETING', value: 'hello' }],
  mounts: [],
  security: { ...plainSecurity, allowPrivilegeEscalation: false },
  resources: { oomScoreAdj: 0, memoryLimitBytes: 64 << 20 },
  logPath: `${base}/logs/main.log`,
  stdin: false,
  stdinOnce: false,
  tty: false,
  labels: {},
})

/** Resolves when the runtime has told of a container as it is wanted. */
function told(runtime: CriRuntime, isWanted: (container: Container) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (runtime.containers().some(isWanted)) resolve()
    }
    runtime.onEvent(look)
    look()
  })
}

async function* bytesOf(text: string): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode(text)
}

describe.runIf(able)('the engine, driven over its CRI socket', () => {
  let opened: Awaited<ReturnType<typeof open>>
  let id = ''
  beforeAll(async () => {
    opened = await open()
    const applets = ['sh', 'sleep', 'cat', 'echo', 'hostname'].map((applet) => ({
      path: `bin/${applet}`,
      type: 'symlink' as const,
      linkPath: 'busybox',
    }))
    const program = { path: 'bin/busybox', mode: 0o755, content: new Uint8Array(readFileSync(busybox)) }
    const image = await buildImage(linuxCodec(), { name: 'busybox:test', layers: [[program, ...applets]] })
    value(await opened.engine.images.load(imageArchive(image)))
  })
  afterAll(async () => {
    await opened.runtime.teardown()
    await opened.server.close()
    await opened.engine.teardown()
    rmSync(base, { recursive: true, force: true })
  })

  it('runs a container in a pod, and logs what it writes', async () => {
    const { runtime } = opened
    const made = value(await runtime.runSandbox(sandbox))
    expect(made).toMatchObject({ state: 'ready', ips: ['10.0.0.9'] })
    const script = 'echo $GREETING $(hostname); trap "exit 5" TERM; while :; do sleep 0.1; done'
    id = value(await runtime.createContainer(made.id, container(script))).id
    value(await runtime.startContainer(id))
    await told(runtime, (one) => one.id === id && one.state === 'running')
    // It says so once it has begun to listen to signals.
    const log = `${base}/logs/main.log`
    while (!existsSync(log) || !readFileSync(log, 'utf8').includes('hello web')) await host.clock.sleep(10)
  })

  it('runs commands: to their end, out of patience, and with streams both ways', async () => {
    const { runtime } = opened
    const done = value(await runtime.execSync(id, ['sh', '-c', 'echo out; echo err >&2; exit 4'], 5_000, 100))
    expect([done.exitCode, ...[done.stdout, done.stderr].map((bytes) => new TextDecoder().decode(bytes))]).toEqual([
      ...[4, 'out\n', 'err\n'],
    ])
    expect(value(await runtime.execSync(id, ['sleep', '100'], 1_000, 100)).timedOut).toBe(true)
    const written: string[] = []
    const ended = await runtime.exec(id, ['sh', '-c', 'cat; exit 3'], false, {
      stdin: bytesOf('both ways'),
      stdout: async (chunk) => void written.push(new TextDecoder().decode(chunk)),
      stderr: async () => {},
      closed: new AbortController().signal,
    })
    expect([value(ended).exitCode, written.join('')]).toEqual([3, 'both ways'])
  })

  it('tells what it uses', async () => {
    const { runtime } = opened
    const [stats] = await runtime.stats()
    expect(stats?.containerId).toBe(id)
    expect(stats?.memoryWorkingSetBytes).toBeGreaterThan(0)
    expect((await runtime.writableLayer(id))?.inodes).toBeGreaterThan(0)
  })

  it('is found again by the next engine, and ends as it wants to', async () => {
    await opened.runtime.shutdown()
    await opened.server.close()
    await opened.engine.shutdown()
    opened = await open()
    const { runtime } = opened
    expect(runtime.containers()).toMatchObject([{ id, state: 'running', image: 'busybox:test' }])
    value(await runtime.stopContainer(id, 10))
    await told(runtime, (one) => one.state === 'exited')
    expect(runtime.containers()).toMatchObject([{ exitCode: 5, reason: 'Error' }])
  })
})
