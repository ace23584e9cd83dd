import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Result } from '../api/result.ts'
import { ok } from '../api/result.ts'
import { linuxClock } from '../host/linux/clock.ts'
import { linuxCodec } from '../host/linux/codec.ts'
import { simLog } from '../host/sim/log.ts'
import type { Engine } from '../runtime/engine/engine.ts'
import { buildImage, imageArchive } from '../runtime/images/image-archive.ts'
import type { Container, ContainerSpec, IoStreams, RuntimeError, SandboxSpec } from '../runtime/pod-runtime.ts'
import { makeLinuxEngine } from './linux-engine.ts'

const busybox = '/bin/busybox'
const programs = ['conmon', 'socat', 'unshare', 'nsenter', 'ip']
const has = (program: string): boolean =>
  ['/usr/bin', '/usr/sbin', '/bin', '/sbin'].some((folder) => existsSync(`${folder}/${program}`))
const able = process.getuid?.() === 0 && existsSync(busybox) && programs.every(has)
const hasCrun = has('crun')
const name = `test-${process.pid}`
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

function value<T>(result: Result<T, RuntimeError>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`)
  return result.value
}

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

const security: ContainerSpec['security'] = {
  supplementalGroups: [],
  privileged: false,
  readOnlyRootFilesystem: false,
  allowPrivilegeEscalation: false,
  addCapabilities: [],
  dropCapabilities: [],
  seccomp: 'RuntimeDefault',
  unmasked: false,
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

function seen(engine: Engine, id: string): Container | undefined {
  return engine.containers().find((container) => container.id === id)
}

/** Resolves when the engine has told that the container ended. */
async function end(engine: Engine, id: string): Promise<Container> {
  return new Promise((resolve) => {
    const look = (): void => {
      const container = seen(engine, id)
      if (container?.state === 'exited') resolve(container)
    }
    engine.onEvent(look)
    look()
  })
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

/** Streams whose output is gathered, and a promise for the moment when it holds a text. */
function terminal(stdin?: AsyncIterable<Uint8Array>, resizes?: IoStreams['resizes']) {
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
function hand<T>() {
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
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

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

describe.runIf(able)('the engine on Linux', () => {
  let engine: Engine
  beforeAll(async () => {
    mkdirSync(base, { recursive: true })
    engine = await open()
    value(await engine.images.load(imageArchive(await testImage())))
  })
  afterAll(async () => {
    await engine.teardown()
    rmSync(base, { recursive: true, force: true })
  })

  it('tells the exit code, and writes the log in CRI format', async () => {
    const { container, log } = await run(engine, 'echo out; echo err >&2; exit 7')
    expect([container.exitCode, container.reason]).toEqual([7, 'Error'])
    expect(log).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+\S+ stdout F out$/m)
    expect(log).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+\S+ stderr F err$/m)
    expect(container.finishedAtMs).toBeGreaterThanOrEqual(container.startedAtMs ?? Number.POSITIVE_INFINITY)
  })

  it('shows whiteouts, opaque directories, the working directory and the environment of the image', async () => {
    const more = { env: [{ name: 'B', value: 'pod' }] }
    const { output } = await run(engine, 'exec 2>&1; pwd; ls /dir; ls /gone; echo $A $B $HOSTNAME', more)
    expect(output.split('\n')).toEqual(['/dir', 'new', expect.stringContaining('No such file'), 'image pod box'])
  })

  it('runs as the user, groups, capabilities and limits that the plan says', async () => {
    const script =
      'id; grep -E "CapEff|NoNewPrivs|Seccomp:" /proc/self/status; touch /x || true; unshare -U true || true'
    const more = {
      security: { ...security, runAsUser: 1000, supplementalGroups: [3000], readOnlyRootFilesystem: true },
    }
    const { output } = await run(engine, script, more)
    expect(output).toContain('uid=1000(app) gid=1000(app) groups=1000(app),2000(extra),3000')
    expect(output).toMatch(/CapEff:\s+0+\n/)
    expect(output).toMatch(/NoNewPrivs:\s+1/)
    expect(output).toMatch(/Seccomp:\s+2/)
    expect(output).toContain('Read-only file system')
    expect(output).toContain('unshare(0x10000000): Operation not permitted')
  })

  it('holds later containers to the same system calls as the first', async () => {
    const call = 'unshare -U true; mount -t tmpfs x /tmp; grep Seccomp: /proc/self/status'
    for (let at = 0; at < 2; at++) {
      const { output } = await run(engine, `exec 2>&1; ${call}`)
      expect(output).toMatch(/unshare.*not permitted\n.*permission denied.*\nSeccomp:\s+2/)
    }
    const config = [...readdirSync(`${runDirectory}/oci/containers`)].map((id) =>
      readFileSync(`${runDirectory}/oci/containers/${id}/config.json`, 'utf8'),
    )
    expect(!hasCrun || config.some((text) => text.includes('run.oci.seccomp_bpf_data'))).toBe(true)
  })

  it('says that a container was killed for want of memory', async () => {
    const eat = 'x=$(dd if=/dev/zero bs=1M count=64 2>/dev/null | tr "\\0" x)'
    const { container } = await run(engine, eat, { resources: { oomScoreAdj: 0, memoryLimitBytes: 16 << 20 } })
    expect([container.reason, container.exitCode]).toEqual(['OOMKilled', 137])
  })

  it('says why a program cannot be run', async () => {
    const { id: sandboxId } = value(await engine.runSandbox(sandboxSpec()))
    const { id } = value(await engine.createContainer(sandboxId, containerSpec('', { command: ['/no/such'] })))
    const started = await engine.startContainer(id)
    expect(!started.ok && started.error.message).toMatch(/no\/such.*[Nn]o such file/)
    expect(seen(engine, id)).toMatchObject({ state: 'exited', reason: 'StartError', exitCode: 128 })
  })

  it('stops by the signal the program knows, and kills the one that does not listen', async () => {
    const polite = await begin(engine, 'trap "exit 3" TERM; echo up; while :; do sleep 0.05; done')
    const deaf = await begin(engine, 'trap "" TERM; while :; do sleep 0.05; done')
    await Promise.all([engine.stopContainer(polite.id, 20), engine.stopContainer(deaf.id, 1)])
    expect(seen(engine, deaf.id)?.exitCode).toBe(137)
    expect(seen(engine, polite.id)?.exitCode).toBe(3)
  })

  it('reports a container whose process is killed from outside', async () => {
    const { id } = await begin(engine, 'while :; do sleep 1; done')
    const pid = Number(readFileSync(`${runDirectory}/oci/containers/${id}/pid`, 'utf8'))
    process.kill(pid, 'SIGKILL')
    expect(await end(engine, id)).toMatchObject({ state: 'exited', exitCode: 137, reason: 'Error' })
  })

  it('runs commands in a container, each with its own output, exit code and time limit', async () => {
    const { id } = await begin(engine, 'while :; do sleep 1; done')
    const exec = async (script: string, timeoutMs = 10_000, limit = 1000) => {
      const { exitCode, stdout, stderr, timedOut } = value(
        await engine.execSync(id, ['sh', '-c', script], timeoutMs, limit),
      )
      return [exitCode, new TextDecoder().decode(stdout), new TextDecoder().decode(stderr), timedOut]
    }
    expect(await exec('echo $A; echo e >&2; exit 5')).toEqual([5, 'image\n', 'e\n', false])
    expect(await exec('echo 0123456789', 10_000, 4)).toEqual([0, '0123', '', false])
    expect((await exec('sleep 30', 300)).at(-1)).toBe(true)
    const missing = await engine.execSync(id, ['/no/such'], 10_000, 1000)
    expect(!missing.ok && missing.error.message).toMatch(/no\/such/)
    expect(await exec('ps | grep -c "[s]leep 30"')).toEqual([1, '0\n', '', false])
  })

  it('carries standard input to a command, and its end', async () => {
    const { id } = await begin(engine, 'while :; do sleep 1; done')
    async function* input() {
      yield bytes('hello ')
      yield bytes('there')
    }
    const { io, output } = terminal(input())
    expect(value(await engine.exec(id, ['tr', 'a-z', 'A-Z'], false, io))).toEqual({ exitCode: 0 })
    expect(output()).toBe('HELLO THERE')
  })

  it('gives a command a terminal, with its size as it changes, and its exit code', async () => {
    const { id } = await begin(engine, 'while :; do sleep 1; done')
    const input = hand<Uint8Array>()
    const sizes = hand<Readonly<{ columns: number; rows: number }>>()
    const { io, until, output } = terminal(input.all, sizes.all)
    sizes.give({ columns: 80, rows: 24 })
    const sized = (size: string) => `until [ "$(stty size)" = "${size}" ]; do sleep 0.02; done; echo is ${size}`
    const script = `echo ready; ${sized('24 80')}; ${sized('50 132')}; read x; [ "$x" = end ] && exit 9`
    const ended = engine.exec(id, ['sh', '-c', script], true, io)
    await until('is 24 80')
    sizes.give({ columns: 132, rows: 50 })
    await until('is 50 132')
    input.give(bytes('end\n'))
    expect(value(await ended)).toEqual({ exitCode: 9 })
    expect(output()).toContain('ready\r\n')
    const missing = await engine.exec(id, ['/no/such'], true, terminal().io)
    expect(!missing.ok && missing.error.message).toMatch(/no\/such/)
  })

  it('attaches to the streams of the container itself, without mixing them up', async () => {
    const { id } = await begin(engine, 'echo early; while read x; do echo "got $x"; echo "err $x" >&2; done; exit 4', {
      stdin: true,
      stdinOnce: true,
    })
    const input = hand<Uint8Array>()
    const { io, until, output } = terminal(input.all)
    const attached = engine.attach(id, io)
    input.give(bytes('one\n'))
    await until('err one')
    input.give(bytes('two\n'))
    await until('err two')
    input.finish()
    value(await attached)
    expect(output()).toMatch(/got one\n(.|\n)*got two\n/)
    expect((await end(engine, id)).exitCode).toBe(4)
  })

  it('lets go of whoever attached when the container ends, though their input goes on', async () => {
    const { id } = await begin(engine, 'read x; exit 8', { stdin: true })
    const input = hand<Uint8Array>()
    const attached = engine.attach(id, terminal(input.all).io)
    input.give(bytes('x\n'))
    value(await attached)
    expect((await end(engine, id)).exitCode).toBe(8)
  })

  it('keeps a container running when whoever attached leaves', async () => {
    const { id } = await begin(engine, 'while :; do echo tick; sleep 0.05; done', { tty: true })
    const { io, until, leave } = terminal()
    const attached = engine.attach(id, io)
    await until('tick')
    leave()
    value(await attached)
    expect(seen(engine, id)?.state).toBe('running')
  })

  it('shares host name, shared memory and loopback among the containers of a pod', async () => {
    const { id: sandboxId } = value(await engine.runSandbox(sandboxSpec({ sysctls: { 'net.core.somaxconn': '77' } })))
    const add = async (script: string) => {
      const { id, logPath } = value(await engine.createContainer(sandboxId, containerSpec(script)))
      value(await engine.startContainer(id))
      return { id, logPath }
    }
    await end(engine, (await add('echo hello > /dev/shm/x')).id)
    const reader = await add('cat /dev/shm/x; hostname; cat /proc/sys/net/core/somaxconn')
    await end(engine, reader.id)
    expect(readFileSync(reader.logPath, 'utf8')).toMatch(/F hello\n.*F box\n.*F 77\n/)
  })

  it('connects to a port inside the pod', async () => {
    const { id, sandboxId } = await begin(engine, 'while :; do echo pong | nc -l -p 7007; done')
    const listening = 'while ! grep -q :1B5F /proc/net/tcp*; do sleep 0.02; done'
    value(await engine.execSync(id, ['sh', '-c', listening], 10_000, 10))
    const duplex = value(await engine.portForward(sandboxId, 7007))
    let heard = ''
    for await (const chunk of duplex.readable) {
      heard += new TextDecoder().decode(chunk)
      if (heard.includes('\n')) break
    }
    expect(heard).toBe('pong\n')
    duplex.destroy()
  })

  it('refuses a port where nobody listens', async () => {
    const { id: sandboxId } = value(await engine.runSandbox(sandboxSpec()))
    expect((await engine.portForward(sandboxId, 9)).ok).toBe(false)
  })

  it('counts what a container uses', async () => {
    const { id } = await begin(engine, 'while :; do sleep 1; done')
    const stats = (await engine.stats()).find(({ containerId }) => containerId === id)
    expect(stats?.pids).toBeGreaterThanOrEqual(1)
    expect(stats?.memoryWorkingSetBytes).toBeGreaterThan(0)
  })

  it('finds everything again after a restart of its process, also what ended meanwhile', async () => {
    const stays = await begin(engine, 'while :; do sleep 1; done')
    const ends = await begin(engine, 'trap "exit 6" TERM; while :; do sleep 0.02; done')
    await engine.execSync(ends.id, ['true'], 10_000, 10)
    await engine.shutdown()
    const pid = Number(readFileSync(`${runDirectory}/oci/containers/${ends.id}/pid`, 'utf8'))
    process.kill(pid, 'SIGTERM')
    while (!existsSync(`${runDirectory}/oci/exits/${ends.id}`)) await new Promise((resolve) => setTimeout(resolve, 5))
    engine = await open()
    expect(seen(engine, stays.id)?.state).toBe('running')
    expect(seen(engine, ends.id)).toMatchObject({ state: 'exited', exitCode: 6 })
    expect(engine.sandboxes().find(({ id }) => id === stays.sandboxId)?.state).toBe('ready')
    expect((await engine.imageStatus('busybox:test'))?.tags).toEqual(['docker.io/library/busybox:test'])
    value(await engine.stopContainer(stays.id, 0))
    expect(seen(engine, stays.id)).toMatchObject({ state: 'exited', exitCode: 137 })
  })

  it('removes what operations that a crash cut short have left', async () => {
    const { id, sandboxId } = await begin(engine, 'while :; do sleep 1; done')
    await engine.shutdown()
    // As if the process had died before it wrote the records.
    rmSync(`${base}/lib/containers/${id}.json`)
    rmSync(`${base}/lib/sandboxes/${sandboxId}.json`)
    const pid = Number(readFileSync(`${runDirectory}/oci/containers/${id}/pid`, 'utf8'))
    engine = await open()
    expect(seen(engine, id)).toBeUndefined()
    expect(existsSync(`/proc/${pid}`)).toBe(false)
    expect(existsSync(`${runDirectory}/oci/containers/${id}`)).toBe(false)
    expect(readdirSync('/run/netns').filter((entry) => entry.includes(sandboxId.slice(0, 16)))).toEqual([])
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    expect([mounts.includes(id), mounts.includes(sandboxId)]).toEqual([false, false])
  })

  it('runs an image without layers', async () => {
    const image = await buildImage(linuxCodec(), { name: 'empty:1', layers: [] })
    value(await engine.images.load(imageArchive(image)))
    const mount = { hostPath: busybox, containerPath: '/busybox', readOnly: true, propagation: 'private' as const }
    const more = { image: 'empty:1', mounts: [mount], command: ['/busybox', 'echo', 'hello'] }
    const { output } = await run(engine, '', more)
    expect(output).toBe('hello')
  })

  it('confines a command in a container as the container itself', async () => {
    const { id } = await begin(engine, 'while :; do sleep 1; done', { security: { ...security, runAsUser: 1000 } })
    const status = value(
      await engine.execSync(
        id,
        ['sh', '-c', 'id -u; grep -E "Seccomp:|NoNewPrivs|CapBnd" /proc/self/status'],
        10_000,
        1000,
      ),
    )
    expect(new TextDecoder().decode(status.stdout)).toMatch(
      /^1000\nCapBnd:\s+0*a80425fb\nNoNewPrivs:\s+1\nSeccomp:\s+2\n$/,
    )
  })

  it('shares layers, and gives each container writing of its own', async () => {
    const one = await run(engine, 'echo changed > /etc/passwd; cat /etc/passwd')
    const two = await run(engine, 'head -n1 /etc/passwd')
    expect([one.output, two.output]).toEqual(['changed', 'root:x:0:0::/root:/bin/sh'])
    const layers = readdirSync(`${base}/lib/images/layers`).filter((entry) => /^[0-9a-f]{12}$/.test(entry))
    expect(layers).toHaveLength(2)
  })

  it('leaves nothing behind', async () => {
    await begin(engine, 'while :; do sleep 1; done')
    await engine.teardown()
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    expect(mounts).not.toContain(name)
    expect(existsSync(runDirectory)).toBe(false)
    const cgroups = execFileSync('find', ['/sys/fs/cgroup', '-maxdepth', '2', '-name', `coracle-${name}`]).toString()
    expect(cgroups).toBe('')
    const netns = existsSync('/run/netns') ? readdirSync('/run/netns').filter((entry) => entry.includes(name)) : []
    expect(netns).toEqual([])
    const processes = execFileSync('ps', ['-eo', 'args']).toString()
    expect(processes.split('\n').filter((line) => line.includes(runDirectory))).toEqual([])
  })
})
