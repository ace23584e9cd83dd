import { describe, expect, it } from 'vitest'
import { makeEnder } from '../../api/ending.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { simCgroups } from '../../host/sim/cgroups.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simDeflate } from '../../host/sim/deflate.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { simGrpc } from '../../host/sim/grpc.ts'
import { noHttpFaults, simHttp } from '../../host/sim/http.ts'
import { simLog } from '../../host/sim/log.ts'
import { connection } from '../../host/sim/pipe.ts'
import { simRandom } from '../../host/sim/random.ts'
import type { Duplex } from '../../ports/streams.ts'
import type { ContainerSpec, IoStreams, PodRuntime, RuntimeError, SandboxSpec } from '../pod-runtime.ts'
import { exitStatus } from '../streaming/command-status.ts'
import { serveCommand } from '../streaming/serve-command.ts'
import { servePortForward } from '../streaming/serve-port-forward.ts'
import { type CriRuntime, makeCriRuntime } from './cri-runtime.ts'
import { scriptedCri } from './scripted-cri.ts'

const socketPath = '/run/containerd.sock'

/** A machine with a scripted runtime behind a socket. */
async function machine() {
  const clock = simClock()
  const random = simRandom(1)
  const [cri, grpc, cgroups] = [scriptedCri(), simGrpc({ clock }), simCgroups({ clock })]
  const http = simHttp({ clock, random, faults: noHttpFaults })
  const own = {
    grpc,
    clock,
    http,
    cgroups,
    disk: simDisk({ clock, random }),
    deflate: simDeflate(),
    log: simLog(clock),
  }
  const open = (name = 'a'): Promise<CriRuntime> => makeCriRuntime({ ...own, name, socketPath, podCidr: '10.0.0.0/24' })
  /** Lets time pass until the work is done. */
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    let done: Readonly<{ value: T }> | Readonly<{ error: unknown }> | undefined
    void work().then(
      (value) => (done = { value }),
      (error: unknown) => (done = { error }),
    )
    await clock.runUntilTrue(() => done !== undefined, clock.nowMs() + 3_600_000)
    if (done === undefined) throw new Error('it never ended')
    if ('error' in done) throw done.error
    return done.value
  }
  const listening = await run(() => grpc.listen(socketPath, cri.methods))
  expect(listening.ok).toBe(true)
  return { ...own, cri, open, run }
}

function value<T>(result: Result<T, RuntimeError>): T {
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

const sandboxSpec: SandboxSpec = {
  pod: { name: 'web', namespace: 'd', uid: 'u1' },
  attempt: 2,
  hostname: 'web',
  hostNetwork: false,
  processes: 'pod',
  cgroupParent: 'kubepods/podu1',
  logDirectory: '/log/d_web_u1',
  sysctls: { 'net.a': '1' },
  portMappings: [{ hostPort: 80, containerPort: 8080, protocol: 'UDP' }],
}

const containerSpec: ContainerSpec = {
  name: 'c',
  attempt: 1,
  image: 'img:1',
  command: ['run'],
  env: [{ name: 'A', value: 'b' }],
  mounts: [{ hostPath: '/h', containerPath: '/c', readOnly: true, propagation: 'bidirectional' }],
  stopSignal: 'SIGRTMIN+3',
  devices: [{ hostPath: '/dev/a', containerPath: '/dev/b', permissions: '' }],
  cdiDevices: ['vendor.com/gpu=0'],
  annotations: { note: 'y' },
  security: {
    runAsUser: 7,
    supplementalGroups: [9],
    privileged: false,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    addCapabilities: ['NET_ADMIN'],
    dropCapabilities: ['ALL'],
    seccomp: { localhostProfile: '/profiles/p' },
    unmasked: false,
  },
  resources: { cpuShares: 100, memoryLimitBytes: 5, oomScoreAdj: 3 },
  logPath: '/log/d_web_u1/c/1.log',
  stdin: true,
  stdinOnce: false,
  tty: true,
  labels: { app: 'x' },
}

async function started(runtime: CriRuntime): Promise<Readonly<{ sandboxId: string; id: string }>> {
  const { id: sandboxId } = value(await runtime.runSandbox(sandboxSpec))
  const { id } = value(await runtime.createContainer(sandboxId, containerSpec))
  value(await runtime.startContainer(id))
  return { sandboxId, id }
}

const stateOf = (runtime: CriRuntime, id: string) => runtime.containers().find((one) => one.id === id)?.state

describe('a container runtime behind a socket', () => {
  it('is told of sandboxes and containers in its own terms', async () => {
    const { open, run, cri } = await machine()
    await run(async () => started(await open()))
    expect(cri.sandboxes.get('s0')?.config).toMatchObject({
      metadata: { name: 'web', namespace: 'd', uid: 'u1', attempt: 2 },
      hostname: 'web',
      logDirectory: '/log/d_web_u1',
      portMappings: [{ hostPort: 80, containerPort: 8080, protocol: 'UDP', hostIp: '' }],
      labels: { 'io.coracle.cluster': 'a', 'io.kubernetes.pod.uid': 'u1' },
      linux: {
        cgroupParent: '/coracle-a/kubepods/podu1',
        sysctls: { 'net.a': '1' },
        securityContext: { namespaceOptions: { network: 'POD', ipc: 'POD', pid: 'POD' }, privileged: false },
      },
    })
    expect(cri.containers.get('c0')?.config).toMatchObject({
      metadata: { name: 'c', attempt: 1 },
      image: { image: 'img:1' },
      command: ['run'],
      envs: [{ key: 'A', value: 'b' }],
      mounts: [{ hostPath: '/h', containerPath: '/c', readonly: true, propagation: 'PROPAGATION_BIDIRECTIONAL' }],
      labels: { app: 'x', 'io.coracle.cluster': 'a' },
      logPath: 'c/1.log',
      tty: true,
      stopSignal: 'SIGRTMINPLUS3',
      devices: [{ hostPath: '/dev/a', containerPath: '/dev/b', permissions: 'rwm' }],
      CDIDevices: [{ name: 'vendor.com/gpu=0' }],
      annotations: { note: 'y' },
      linux: {
        resources: { cpuShares: 100, memoryLimitInBytes: 5, oomScoreAdj: 3 },
        securityContext: {
          runAsUser: { value: 7 },
          supplementalGroups: [9],
          readonlyRootfs: true,
          noNewPrivs: true,
          capabilities: { addCapabilities: ['NET_ADMIN'], dropCapabilities: ['ALL'] },
          seccomp: { profileType: 'Localhost', localhostRef: '/profiles/p' },
          maskedPaths: expect.arrayContaining(['/proc/kcore']),
        },
      },
    })
  })

  it('is found again by another process, with what is its cluster’s and nothing else', async () => {
    const { open, run } = await machine()
    const [before, after, other] = await run(async () => {
      const first = await open()
      await started(first)
      await first.shutdown()
      return [first, await open(), await open('b')] as const
    })
    expect(before.containers()).toMatchObject([{ name: 'c', image: 'img:1', tty: true, stdin: true, state: 'running' }])
    expect(after.containers()).toEqual(before.containers())
    expect(after.sandboxes()).toEqual(before.sandboxes())
    expect(after.sandboxes()).toMatchObject([{ ips: ['10.0.0.7'], state: 'ready', attempt: 2, hostNetwork: false }])
    expect([other.containers(), other.sandboxes()]).toEqual([[], []])
    const made = await run(() => after.createContainer('s0', { ...containerSpec, attempt: 2 }))
    expect(value(made).logPath).toBe('/log/d_web_u1/c/1.log')
  })

  it.each([
    ['by lists, once a second', false, 1_100],
    ['at once where it tells of events', true, 20],
  ])('is seen to end a container: %s', async (_, events, withinMs) => {
    const { open, run, cri, clock } = await machine()
    cri.script.events = events
    const runtime = await run(async () => {
      const opened = await open()
      await started(opened)
      return opened
    })
    const told: string[] = []
    runtime.onEvent(({ type, containerId }) => told.push(`${type} ${containerId}`))
    cri.end('c0', 137, 'OOMKilled')
    await clock.runUntil(clock.nowMs() + withinMs)
    expect(runtime.containers()).toMatchObject([{ state: 'exited', exitCode: 137, reason: 'OOMKilled' }])
    expect(told).toEqual(['container-changed c0'])
  })

  it('keeps what is known while it is away, and says why no pod can run', async () => {
    const { open, run, cri, grpc, clock } = await machine()
    const runtime = await run(async () => {
      const opened = await open()
      await started(opened)
      return opened
    })
    grpc.crash()
    expect((await run(runtime.status)).fault).toBe('container runtime is down')
    expect(stateOf(runtime, 'c0')).toBe('running')
    cri.end('c0', 1, 'Error')
    await run(() => grpc.listen(socketPath, cri.methods))
    await clock.runUntil(clock.nowMs() + 1_100)
    expect(stateOf(runtime, 'c0')).toBe('exited')
    const reason = 'NetworkPluginNotReady'
    cri.script.conditions = [
      { type: 'RuntimeReady', status: true },
      { type: 'NetworkReady', status: false, reason, message: 'cni plugin not initialized' },
    ]
    expect((await run(runtime.status)).fault).toBe(
      'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:cni plugin not initialized',
    )
  })

  it('is refused where none answers, or one that speaks another version', async () => {
    const { open, run, grpc } = await machine()
    grpc.crash()
    await expect(run(open)).rejects.toThrow('no container runtime can be used at unix:///run/containerd.sock')
    await run(() => grpc.listen(socketPath, new Map()))
    await expect(run(open)).rejects.toThrow('does not serve version 1 of the Container Runtime Interface')
  })

  it('stops and removes, and leaves nothing of the cluster behind', async () => {
    const { open, run, cri, cgroups } = await machine()
    await run(async () => {
      const runtime = await open()
      value(await runtime.limitCgroup('kubepods/podu1', { memoryLimitBytes: 5 }))
      const { id } = await started(runtime)
      value(await runtime.stopContainer(id, 30))
      expect(stateOf(runtime, id)).toBe('exited')
      value(await runtime.stopContainer('unknown', 1))
      await runtime.teardown()
    })
    expect(cri.calls.slice(1)).toEqual([
      'StopContainer c0 30',
      'StopContainer unknown 1',
      'StopPodSandbox s0',
      'RemovePodSandbox s0',
    ])
    expect([cri.sandboxes.size, cgroups.limits('/coracle-a')]).toEqual([0, undefined])
  })

  it('pulls without credentials first, and tells the last failure in its words', async () => {
    const { open, run, cri } = await machine()
    const auths = [{ username: 'ann', password: 'x' }]
    cri.script.pulls = new Map([['', { code: 'Unknown', message: 'no' }]])
    const pulled = await run(async () => (await open()).pullImage('img:2', auths))
    expect(value(pulled)).toMatchObject({ tags: ['img:2'], user: 'app', sizeBytes: 5 })
    expect(cri.calls).toEqual(['PullImage ', 'PullImage ann'])
    cri.script.pulls = new Map([['', { code: 'NotFound', message: 'no such image' }]])
    const failed = await run(async () => (await open()).pullImage('img:3', []))
    expect(failed.ok || failed.error).toEqual({
      code: 'ErrImagePull',
      message: 'rpc error: code = NotFound desc = no such image',
    })
  })

  it('runs probes, and tells of one that took too long', async () => {
    const { open, run, cri } = await machine()
    cri.script.exec = { exitCode: 3, stdout: 'longer than wanted' }
    const probe = () => run(async () => (await open()).execSync('c0', ['x'], 1_000, 6))
    expect(value(await probe())).toMatchObject({
      exitCode: 3,
      timedOut: false,
      stdout: new TextEncoder().encode('longer'),
    })
    cri.script.exec = { code: 'DeadlineExceeded', message: 'timeout 1s exceeded' }
    expect(value(await probe()).timedOut).toBe(true)
    cri.script.exec = { code: 'NotFound', message: 'gone' }
    expect(await probe()).toMatchObject({ ok: false, error: { code: 'NotFound' } })
  })

  it('carries a command’s streams over the connection that it offers, to the end of each', async () => {
    const { open, run, cri, http, clock, deflate } = await machine()
    const at = { type: 'tcp', address: '127.0.0.1', port: 5000 } as const
    const options = { stdin: true, stdout: true, stderr: true, tty: false }
    await run(() =>
      http.listen(at, async ({ headers }) =>
        serveCommand({ clock, deflate }, headers, options, async (io) => {
          for await (const chunk of io.stdin ?? []) await io.stdout(chunk)
          await io.stderr(new TextEncoder().encode('bye'))
          return exitStatus(['cat'], 7)
        }),
      ),
    )
    cri.script.url = 'http://127.0.0.1:5000'
    const said = { out: '', err: '' }
    const to = (name: 'out' | 'err') => async (chunk: Uint8Array) => {
      said[name] += new TextDecoder().decode(chunk)
    }
    async function* stdin() {
      yield new TextEncoder().encode('hel')
      yield new TextEncoder().encode('lo')
    }
    const io: IoStreams = { stdin: stdin(), stdout: to('out'), stderr: to('err'), closed: makeEnder().signal }
    const ended = await run(async () => {
      const runtime = await open()
      const { id } = await started(runtime)
      return runtime.exec(id, ['cat'], false, io)
    })
    expect([value(ended).exitCode, said]).toEqual([7, { out: 'hello', err: 'bye' }])
  })

  it('carries a connection to a port, and tells at its end why there was none', async () => {
    const { open, run, cri, http, clock, deflate } = await machine()
    const portForward: PodRuntime['portForward'] = async (_, port) => {
      if (port !== 80) return fail({ code: 'Failed', message: 'connection refused' })
      const [near, far] = connection()
      void echo(far)
      return ok(near)
    }
    const target = { runtime: { portForward } as PodRuntime, sandboxId: 's0', uid: '' }
    const at = { type: 'tcp', address: '127.0.0.1', port: 5000 } as const
    const query = new URLSearchParams()
    await run(() =>
      http.listen(at, async ({ headers }) => servePortForward({ clock, deflate }, headers, query, target)),
    )
    cri.script.url = 'http://127.0.0.1:5000'
    const talk = (port: number): Promise<string> =>
      run(async () => {
        const duplex = value(await (await open()).portForward('s0', port))
        await duplex.write(new TextEncoder().encode('hello'))
        await duplex.end()
        let text = ''
        for await (const chunk of duplex.readable) text += new TextDecoder().decode(chunk)
        return text
      })
    expect(await talk(80)).toBe('hello')
    await expect(talk(81)).rejects.toThrow('error forwarding port 81 to pod s0, uid : connection refused')
  })
})

async function echo(duplex: Duplex): Promise<void> {
  for await (const chunk of duplex.readable) await duplex.write(chunk)
  await duplex.end()
}
