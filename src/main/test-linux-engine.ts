import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Result } from '../api/result.ts'
import { ok } from '../api/result.ts'
import { linuxClock } from '../host/linux/clock.ts'
import { linuxCodec } from '../host/linux/codec.ts'
import { simLog } from '../host/sim/log.ts'
import type { Engine } from '../runtime/engine/engine.ts'
import { buildImage, imageArchive } from '../runtime/images/image-archive.ts'
import { plainSecurity } from '../runtime/plain-security.ts'
import type { Container, ContainerSpec, IoStreams, RuntimeError, SandboxSpec } from '../runtime/pod-runtime.ts'
import { makeLinuxEngine } from './linux-engine.ts'

export const busybox = '/bin/busybox'
const programs = ['conmon', 'socat', 'unshare', 'nsenter', 'ip']
const has = (program: string): boolean =>
  ['/usr/bin', '/usr/sbin', '/bin', '/sbin'].some((folder) => existsSync(`${folder}/${program}`))
/** Whether this machine has what the engine needs, and its tests. */
export const able = process.getuid?.() === 0 && existsSync(busybox) && programs.every(has)
export const hasCrun = has('crun')

/** An engine of its own on this machine, for a test file: its names, its folders, and what is run in it. */
export function linuxEngineBench(label: string) {
  const name = `${label}-${process.pid}`
  const base = mkdtempSync(path.join(tmpdir(), 'coracle-engine-'))
  const runDirectory = `/run/coracle-${name}`

  function open(runtime?: string): Promise<Engine> {
    return makeLinuxEngine({
      name,
      directory: `${base}/lib`,
      runDirectory,
      network: { attach: async () => ok({ ips: ['10.0.0.9'] }), detach: async () => ok(undefined) },
      log: simLog(linuxClock()),
      ...(runtime === undefined ? {} : { ociRuntime: runtime }),
    })
  }

  const { sandboxSpec, containerSpec } = specsIn(base)

  async function begin(
    engine: Engine,
    script: string,
    more: Partial<ContainerSpec> = {},
    sandbox: Partial<SandboxSpec> = {},
  ) {
    const { id: sandboxId } = value(await engine.runSandbox(sandboxSpec(sandbox)))
    const container = value(await engine.createContainer(sandboxId, containerSpec(script, more)))
    value(await engine.startContainer(container.id))
    return { sandboxId, id: container.id, logPath: container.logPath }
  }

  async function run(
    engine: Engine,
    script: string,
    more: Partial<ContainerSpec> = {},
    sandbox: Partial<SandboxSpec> = {},
  ) {
    const { id, logPath } = await begin(engine, script, more, sandbox)
    const container = await end(engine, id)
    const log = readFileSync(logPath, 'utf8')
    return {
      container,
      log,
      output: log
        .split('\n')
        .map((line) => line.split(' ').slice(3).join(' '))
        .join('\n')
        .trim(),
    }
  }

  /** With the image busybox:test. */
  const openFirst = async (): Promise<Engine> => {
    const engine = await open()
    value(await engine.images.load(imageArchive(await testImage())))
    return engine
  }
  const remove = async (engine: Engine): Promise<void> => {
    await engine.teardown()
    rmSync(base, { recursive: true, force: true })
  }
  return { name, base, runDirectory, open, openFirst, sandboxSpec, containerSpec, begin, run, remove }
}

/** Of plain pods and containers, each with a name of its own. */
function specsIn(base: string) {
  let count = 0
  function sandboxSpec(more: Partial<SandboxSpec> = {}): SandboxSpec {
    count += 1
    const uid = `uid-${count}`
    const pod = { name: `pod-${count}`, namespace: 'default', uid }
    return {
      pod,
      attempt: 0,
      hostname: 'box',
      hostNetwork: false,
      cgroupParent: `kubepods/pod${uid}`,
      logDirectory: `${base}/logs`,
      sysctls: {},
      portMappings: [],
      ...more,
    }
  }

  function containerSpec(script: string, more: Partial<ContainerSpec> = {}): ContainerSpec {
    count += 1
    return {
      name: `c${count}`,
      attempt: 0,
      image: 'busybox:test',
      command: ['/bin/sh', '-c', script],
      env: [],
      mounts: [],
      security,
      resources: { oomScoreAdj: 0 },
      logPath: `${base}/logs/${count}.log`,
      stdin: false,
      stdinOnce: false,
      tty: false,
      labels: {},
      ...more,
    }
  }
  return { sandboxSpec, containerSpec }
}

export function value<T>(result: Result<T, RuntimeError>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`)
  return result.value
}

export const security: ContainerSpec['security'] = { ...plainSecurity, allowPrivilegeEscalation: false }

export function seen(engine: Engine, id: string): Container | undefined {
  return engine.containers().find((container) => container.id === id)
}

/** Resolves when the engine has told that the container ended. */
export async function end(engine: Engine, id: string): Promise<Container> {
  return new Promise((resolve) => {
    const look = (): void => {
      const container = seen(engine, id)
      if (container?.state === 'exited') resolve(container)
    }
    engine.onEvent(look)
    look()
  })
}

/** Streams whose output is gathered, and a promise for the moment when it holds a text. */
export function terminal(stdin?: AsyncIterable<Uint8Array>, resizes?: IoStreams['resizes']) {
  let output = ''
  let look = (): void => {}
  const leave = new AbortController()
  const add = async (chunk: Uint8Array): Promise<void> => {
    output += new TextDecoder().decode(chunk)
    look()
  }
  const io: IoStreams = {
    stdout: add,
    stderr: add,
    closed: leave.signal,
    ...(stdin === undefined ? {} : { stdin }),
    ...(resizes === undefined ? {} : { resizes }),
  }
  const until = (text: string) =>
    new Promise<void>((resolve) => {
      look = () => {
        if (output.includes(text)) resolve()
      }
      look()
    })
  return { io, until, output: () => output, leave: () => leave.abort() }
}

/** An iterable that is filled by hand. */
export function hand<T>() {
  const queue: T[] = []
  let ended = false
  let wake = (): void => {}
  async function* all(): AsyncIterable<T> {
    for (;;) {
      const next = queue.shift()
      if (next !== undefined) yield next
      else if (ended) return
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  const give = (item: T): void => {
    queue.push(item)
    wake()
  }
  const finish = (): void => {
    ended = true
    wake()
  }
  return { all: all(), give, finish }
}
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

async function testImage() {
  const file = (at: string, text: string) => ({ path: at, content: bytes(text) })
  const applets = [
    'sh',
    'echo',
    'sleep',
    'id',
    'cat',
    'stty',
    'dd',
    'kill',
    'ls',
    'touch',
    'rm',
    'mount',
    'env',
    'hostname',
    'head',
    'tail',
    'tr',
    'true',
    'ps',
    'wc',
    'grep',
    'nc',
    'sed',
    'unshare',
    'stat',
    'pwd',
  ]
  return buildImage(linuxCodec(), {
    name: 'busybox:test',
    layers: [
      [
        { path: 'bin/busybox', mode: 0o755, content: new Uint8Array(readFileSync(busybox)) },
        ...applets.map((applet) => ({ path: `bin/${applet}`, type: 'symlink' as const, linkPath: 'busybox' })),
        { path: 'tmp', type: 'directory', mode: 0o1777 },
        file('etc/passwd', 'root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\n'),
        file('etc/group', 'root:x:0:\napp:x:1000:\nextra:x:2000:app\n'),
        file('gone', 'x'),
        file('dir/old', 'x'),
      ],
      [file('.wh.gone', ''), file('dir/.wh..wh..opq', ''), file('dir/new', 'y')],
    ],
    config: { Cmd: ['/bin/sh', '-c', 'echo from the image'], Env: ['A=image', 'B=image'], WorkingDir: '/dir' },
  })
}
