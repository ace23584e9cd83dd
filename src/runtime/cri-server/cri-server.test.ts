import { describe, expect, it } from 'vitest'
import { ok, type Result } from '../../api/result.ts'
import { type containerEventResponse, imageService, runtimeService } from '../../api/rpc/cri.generated.ts'
import type { Received } from '../../api/rpc/message.ts'
import { rpcClient } from '../../client/rpc.ts'
import { simRun } from '../../host/contract/sim-run.ts'
import { simCgroups } from '../../host/sim/cgroups.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simCodec } from '../../host/sim/codec.ts'
import { simContainers } from '../../host/sim/containers.ts'
import { simDeflate } from '../../host/sim/deflate.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { simGrpc } from '../../host/sim/grpc.ts'
import { noHttpFaults, simHttp } from '../../host/sim/http.ts'
import { simLog } from '../../host/sim/log.ts'
import { simMounts } from '../../host/sim/mounts.ts'
import { simNamespaces } from '../../host/sim/namespaces.ts'
import { simRandom } from '../../host/sim/random.ts'
import { simRegistry } from '../../host/sim/registry.ts'
import { simStreams } from '../../host/sim/streams.ts'
import type { Workload } from '../../host/sim/workload.ts'
import { makeEngine } from '../engine/engine.ts'
import { startCriServer } from './cri-server.ts'

const socketPath = '/run/cri.sock'
const timeoutMs = 60_000

/** A simulated machine with the real engine, which serves the CRI; registries have every image. */
async function machine(workloads: Readonly<Record<string, Workload>> = {}) {
  const clock = simClock()
  const random = simRandom(1)
  const disk = simDisk({ clock, random })
  const run = simRun(clock)
  const cgroups = simCgroups({ clock })
  const http = simHttp({ clock, random, faults: noHttpFaults, elsewhere: simRegistry() })
  const containers = simContainers({
    ...{ clock, random, cgroups, disk },
    workloads: ({ config }) => workloads[config.process.args[0] ?? ''] ?? {},
  })
  const shared = { clock, random, disk, http, containers, cgroups, log: simLog(clock) }
  const engine = await run(
    makeEngine({
      ...shared,
      name: 'sim',
      directory: '/lib',
      runDirectory: '/run/sim',
      namespaces: simNamespaces({ clock }),
      mounts: simMounts({ clock, disk }),
      codec: simCodec({ clock }),
      streams: simStreams({ clock }),
      network: { attach: async () => ok({ ips: ['10.0.0.1', 'fd00::1'] }), detach: async () => ok(undefined) },
    }),
  )
  await run(disk.makeDirectory('/etc'))
  await run(disk.writeFile('/etc/resolv.conf', new TextEncoder().encode('nameserver 9.9.9.9\n')))
  const grpc = simGrpc({ clock })
  const settings = {
    hostname: 'box',
    cgroupParent: 'pods',
    hostFiles: { resolvConf: '/etc/resolv.conf', hosts: '/etc/hosts' },
    imageDirectory: '/lib/images',
    appArmor: false,
  }
  const server = await run(startCriServer({ ...shared, engine, grpc, socketPath, deflate: simDeflate(), settings }))
  if (!server.ok) throw new Error(server.error.message)
  const channel = grpc.connect(socketPath)
  const images = rpcClient(channel, imageService)
  return { clock, run, disk, http, engine, runtime: rpcClient(channel, runtimeService), images, server: server.value }
}

type Machine = Awaited<ReturnType<typeof machine>>

function value<T>(result: Result<T, Readonly<{ message: string }>>): T {
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

const pod = (uid: string) => ({
  metadata: { name: 'web', namespace: 'shop', uid, attempt: 1 },
  logDirectory: `/logs/${uid}`,
  labels: { app: 'web' },
  annotations: { note: uid },
  linux: {},
})

async function runningContainer({ run, runtime, images }: Machine, program: string, uid = 'u1') {
  value(await run(images.PullImage({ image: { image: 'example.org/tool:1' } }, { timeoutMs })))
  const { podSandboxId } = value(await run(runtime.RunPodSandbox({ config: pod(uid) })))
  const config = {
    metadata: { name: program, attempt: 0 },
    image: { image: 'example.org/tool:1' },
    command: [program],
    logPath: `${program}.log`,
    labels: { tier: 'front' },
  }
  const wish = { podSandboxId, config, sandboxConfig: pod(uid) }
  const { containerId } = value(await run(runtime.CreateContainer(wish)))
  value(await run(runtime.StartContainer({ containerId })))
  return { podSandboxId, containerId, wish }
}

describe('the engine behind the CRI', () => {
  it('says what it is, and that it is ready', async () => {
    const { run, runtime } = await machine()
    expect(await run(runtime.Version({}))).toMatchObject({ value: { runtimeName: 'coracle', runtimeApiVersion: 'v1' } })
    const status = value(await run(runtime.Status({})))
    expect(status.status?.conditions.map(({ type, status: is }) => [type, is])).toEqual([
      ['RuntimeReady', true],
      ['NetworkReady', true],
    ])
    expect(value(await run(runtime.RuntimeConfig({}))).linux?.cgroupDriver).toBe('CGROUPFS')
  })

  const ids = (hostId: number, containerId = 0, length = 65_536) => [{ hostId, containerId, length }]
  const withUsers = (usernsOptions: object) => ({
    config: { ...pod('u'), linux: { securityContext: { namespaceOptions: { usernsOptions } } } } as never,
  })

  it('gives a pod the users that it is to have, and its volumes to no others', async () => {
    const under = await machine()
    const { run, runtime, engine } = under
    expect(value(await run(runtime.Status({}))).runtimeHandlers[0]?.features?.userNamespaces).toBe(true)
    const { wish } = await runningContainer(under, 'web')
    const users = { mode: 'POD', uids: ids(131_072), gids: ids(131_072) }
    const { podSandboxId } = value(await run(runtime.RunPodSandbox(withUsers(users))))
    expect(engine.sandboxRecord(podSandboxId)?.spec.users).toEqual({ firstId: 131_072, count: 65_536 })
    const mount = (hostId: number) => ({
      ...{ hostPath: '/v', containerPath: '/v', uidMappings: ids(hostId), gidMappings: ids(hostId) },
    })
    const make = (hostId: number) =>
      run(runtime.CreateContainer({ ...wish, podSandboxId, config: { ...wish.config, mounts: [mount(hostId)] } }))
    expect((await make(131_072)).ok).toBe(true)
    const refused = await make(65_536)
    expect(!refused.ok && refused.error.message).toContain('other id mappings than those of its sandbox')
  })

  it.each([
    [{ mode: 'CONTAINER' }, 'unsupported user namespace mode: "CONTAINER"'],
    [{ mode: 'POD' }, 'only one uid mapping and one gid mapping are supported'],
    [{ mode: 'POD', uids: [...ids(1), ...ids(9)], gids: ids(1) }, 'only one uid mapping'],
    [{ mode: 'POD', uids: ids(65_536), gids: ids(131_072) }, 'different mappings of uids and gids'],
    [{ mode: 'POD', uids: ids(65_536, 1), gids: ids(65_536, 1) }, 'must begin with the root of the container'],
    [{ mode: 'POD', uids: ids(65_536, 0, 0), gids: ids(65_536, 0, 0) }, 'a mapping must have some ids'],
  ])('refuses users that it cannot give: %j', async (options, message) => {
    const { run, runtime } = await machine()
    const refused = await run(runtime.RunPodSandbox(withUsers(options)))
    expect(!refused.ok && refused.error.message).toContain(message)
  })

  it('runs a container to its end, and tells of it what was asked and what became of it', async () => {
    const under = await machine({ job: { runsForMs: 5_000, exitCode: 3, output: ['hello'] } })
    const { run, runtime, clock, disk } = under
    const { podSandboxId, containerId } = await runningContainer(under, 'job')
    const sandbox = value(await run(runtime.PodSandboxStatus({ podSandboxId })))
    expect(sandbox.status).toMatchObject({
      state: 'SANDBOX_READY',
      metadata: { name: 'web', namespace: 'shop', uid: 'u1', attempt: 1 },
      labels: { app: 'web' },
      annotations: { note: 'u1' },
      network: { ip: '10.0.0.1', additionalIps: [{ ip: 'fd00::1' }] },
      linux: { namespaces: { options: { network: 'POD', pid: 'POD', ipc: 'POD' } } },
    })
    await clock.runUntil(clock.nowMs() + 10_000)
    const { status } = value(await run(runtime.ContainerStatus({ containerId })))
    expect(status).toMatchObject({
      state: 'CONTAINER_EXITED',
      exitCode: 3,
      reason: 'Error',
      logPath: '/logs/u1/job.log',
    })
    expect(status?.image?.image).toBe('example.org/tool:1')
    expect(status?.imageId).toMatch(/^sha256:/)
    expect(Math.round(((status?.finishedAt ?? 0) - (status?.startedAt ?? 0)) / 1e9)).toBe(5)
    expect(new TextDecoder().decode(await run(disk.readFile('/logs/u1/job.log')))).toContain('stdout F hello')
  })

  it('filters by the beginning of an id, by state and by labels', async () => {
    const under = await machine()
    const { run, runtime } = under
    const { podSandboxId, containerId } = await runningContainer(under, 'web')
    const list = async (filter: Parameters<typeof runtime.ListContainers>[0]['filter']) =>
      value(await run(runtime.ListContainers({ filter }))).containers.map(({ id }) => id)
    expect(await list(undefined)).toEqual([containerId])
    expect(await list({ id: containerId.slice(0, 12) })).toEqual([containerId])
    expect(await list({ state: { state: 'CONTAINER_EXITED' } })).toEqual([])
    expect(await list({ podSandboxId, labelSelector: { tier: 'front' } })).toEqual([containerId])
    expect(await list({ labelSelector: { tier: 'back' } })).toEqual([])
    const pods = value(await run(runtime.ListPodSandbox({ filter: { labelSelector: { app: 'web' } } })))
    expect(pods.items.map(({ id }) => id)).toEqual([podSandboxId])
  })

  it('takes no offence at stopping or removing what is not there, but knows nothing of it', async () => {
    const { run, runtime, images } = await machine()
    for (const call of [
      runtime.StopPodSandbox({ podSandboxId: 'none' }),
      runtime.RemovePodSandbox({ podSandboxId: 'none' }),
      runtime.StopContainer({ containerId: 'none' }),
      runtime.RemoveContainer({ containerId: 'none' }),
      images.RemoveImage({ image: { image: 'none' } }),
    ])
      expect((await run<Result<object, unknown>>(call)).ok).toBe(true)
    for (const call of [
      runtime.PodSandboxStatus({ podSandboxId: 'none' }),
      runtime.ContainerStatus({ containerId: 'none' }),
      runtime.StartContainer({ containerId: 'none' }),
      runtime.ExecSync({ containerId: 'none' }),
    ])
      expect(await run<Result<object, unknown>>(call)).toMatchObject({ error: { code: 'NotFound' } })
    expect(value(await run(images.ImageStatus({ image: { image: 'none' } }))).image).toBeUndefined()
  })

  const privileged = { linux: { securityContext: { privileged: true } } }
  const refusals: readonly [string, object, string][] = [
    [
      'an image that is not there',
      { metadata: { name: 'other', attempt: 0 }, image: { image: 'example.org/none:1' } },
      'image "example.org/none:1" not found',
    ],
    ['privileges in a sandbox without', privileged, 'no privileged container allowed in sandbox'],
    [
      'a group without a user',
      { linux: { securityContext: { runAsGroup: { value: 5 } } } },
      'user group 5 is specified without user',
    ],
    [
      'AppArmor where there is none',
      { linux: { securityContext: { apparmor: { profileType: 'Localhost', localhostRef: 'x' } } } },
      'failed to generate apparmor spec opts: apparmor is not supported',
    ],
    [
      'a recursively read-only mount that can be written',
      { mounts: [{ hostPath: '/tmp', containerPath: '/t', recursiveReadOnly: true }] },
      'recursive read-only mount needs to be read-only',
    ],
    ['a name that is taken', {}, 'is reserved'],
  ]
  it.each(refusals)('refuses %s', async (_, more, message) => {
    const under = await machine()
    const { wish } = await runningContainer(under, 'web')
    const refused = await under.run(under.runtime.CreateContainer({ ...wish, config: { ...wish.config, ...more } }))
    expect(!refused.ok && refused.error.message).toContain(message)
  })

  it("gives containers the names and servers that their pod asks for, or the machine's own", async () => {
    const under = await machine()
    const { run, runtime, disk } = under
    const text = async (id: string, file: string) =>
      new TextDecoder().decode(await run(disk.readFile(`/lib/sandbox-files/${id}/${file}`)))
    const dnsConfig = { servers: ['10.96.0.10'], searches: ['a.local', 'b'], options: ['ndots:5'] }
    const own = value(await run(runtime.RunPodSandbox({ config: { ...pod('a'), hostname: 'me', dnsConfig } })))
    expect(await text(own.podSandboxId, 'resolv.conf')).toBe(
      'search a.local b\nnameserver 10.96.0.10\noptions ndots:5\n',
    )
    expect(await text(own.podSandboxId, 'hostname')).toBe('me\n')
    const plain = value(await run(runtime.RunPodSandbox({ config: pod('b') })))
    expect(await text(plain.podSandboxId, 'resolv.conf')).toBe('nameserver 9.9.9.9\n')
    value(await run(runtime.RemovePodSandbox({ podSandboxId: own.podSandboxId })))
    expect(await run(disk.list('/lib/sandbox-files'))).toEqual([plain.podSandboxId])
  })

  it('runs commands, and tells when one took too long', async () => {
    const under = await machine({
      web: {
        exec: ([program]) => ({
          exitCode: program === 'no' ? 4 : 0,
          stdout: 'out',
          takesMs: program === 'slow' ? 9_000 : 1,
        }),
      },
    })
    const { run, runtime } = under
    const { containerId } = await runningContainer(under, 'web')
    const exec = (...cmd: string[]) => run(runtime.ExecSync({ containerId, cmd, timeout: 2 }))
    const done = value(await exec('no'))
    expect([done.exitCode, new TextDecoder().decode(done.stdout)]).toEqual([4, 'out'])
    expect(await exec('slow')).toMatchObject({ error: { code: 'DeadlineExceeded' } })
  })

  it('tells every step of sandboxes and containers to whoever listens', async () => {
    const under = await machine({ job: { runsForMs: 1_000 } })
    const { run, runtime, clock } = under
    const heard: Received<typeof containerEventResponse>[] = []
    const closed = new AbortController()
    const listening = (async () => {
      for await (const event of runtime.GetContainerEvents({}, { closed: closed.signal }))
        if (event.ok) heard.push(event.value)
    })()
    await clock.runUntil(clock.nowMs() + 100)
    const { podSandboxId, containerId } = await runningContainer(under, 'job')
    await clock.runUntil(clock.nowMs() + 5_000)
    value(await run(runtime.RemovePodSandbox({ podSandboxId })))
    await clock.runUntil(clock.nowMs() + 1_000)
    closed.abort()
    await run(listening)
    const steps = (id: string) =>
      heard.filter((event) => event.containerId === id).map((event) => event.containerEventType.split('_')[1])
    expect(steps(containerId)).toEqual(['CREATED', 'STARTED', 'STOPPED', 'DELETED'])
    expect(steps(podSandboxId)).toEqual(['CREATED', 'STARTED', 'STOPPED', 'DELETED'])
    expect(heard[0]?.podSandboxStatus?.metadata?.name).toBe('web')
  })

  it('gives an address for a stream that is good once, for a minute', async () => {
    const under = await machine()
    const { run, runtime, http, clock } = under
    const { containerId } = await runningContainer(under, 'web')
    const ask = async () => value(await run(runtime.Exec({ containerId, cmd: ['sh'], stdout: true }))).url
    const get = async (url: string) =>
      value(await run(http.request({ method: 'GET', url, headers: {}, timeoutMs, maxRedirects: 0 }))).status
    const url = await ask()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/exec\/[0-9a-f]{32}$/)
    // No upgrade was asked for; that was the one time.
    expect([await get(url), await get(url)]).toEqual([400, 404])
    const late = await ask()
    await clock.runUntil(clock.nowMs() + 61_000)
    expect(await get(late)).toBe(404)
    expect(await run(runtime.Exec({ containerId, cmd: ['sh'] }))).toMatchObject({ error: { code: 'InvalidArgument' } })
  })

  it('pulls, tells and removes images by all their names', async () => {
    const { run, images } = await machine()
    const { imageRef } = value(await run(images.PullImage({ image: { image: 'example.org/tool:1' } }, { timeoutMs })))
    const { image } = value(await run(images.ImageStatus({ image: { image: 'example.org/tool:1' } })))
    expect([image?.id, image?.repoTags]).toEqual([imageRef, ['example.org/tool:1']])
    const [digest = ''] = image?.repoDigests ?? []
    expect(value(await run(images.ImageStatus({ image: { image: digest } }))).image?.id).toBe(imageRef)
    expect(await run(images.PullImage({ image: { image: 'UPPER' } }))).toMatchObject({
      error: { code: 'InvalidArgument' },
    })
    value(await run(images.RemoveImage({ image: { image: imageRef } })))
    expect(value(await run(images.ListImages({}))).images).toEqual([])
  })

  it('describes each metric that it tells, and tells each of a container that runs', async () => {
    const under = await machine()
    const { run, runtime } = under
    const { podSandboxId, containerId } = await runningContainer(under, 'web')
    const { descriptors } = value(await run(runtime.ListMetricDescriptors({})))
    const keys = new Map(descriptors.map(({ name, labelKeys }) => [name, labelKeys]))
    const [told] = value(await run(runtime.ListPodSandboxMetrics({}))).podMetrics
    expect([told?.podSandboxId, told?.containerMetrics[0]?.containerId]).toEqual([podSandboxId, containerId])
    const metrics = told?.containerMetrics[0]?.metrics ?? []
    expect(metrics.map(({ name }) => name)).toContain('container_memory_working_set_bytes')
    for (const { name, labelValues } of metrics) expect(labelValues).toHaveLength(keys.get(name)?.length ?? 0)
    const silent = [...keys.keys()].filter((name) => !metrics.some((metric) => metric.name === name))
    // A simulated container reads no disks and has no network interfaces.
    expect(silent.filter((name) => !/_(network|fs_reads|fs_writes|blkio)_/.test(name))).toEqual([])
  })

  it('leaves containers alone when it is closed', async () => {
    const under = await machine()
    const { run, runtime, server, engine } = under
    await runningContainer(under, 'web')
    await run(server.close())
    expect(await run(runtime.Version({}))).toMatchObject({ error: { code: 'Unavailable' } })
    expect(engine.containers().map(({ state }) => state)).toEqual(['running'])
  })
})
