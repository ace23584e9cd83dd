import { describe, expect, it } from 'vitest'
import { ok, type Result } from '../../api/result.ts'
import { simRun } from '../../host/contract/sim-run.ts'
import { simCgroups } from '../../host/sim/cgroups.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simCodec } from '../../host/sim/codec.ts'
import { type ContainerFaults, simContainers } from '../../host/sim/containers.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { simLog } from '../../host/sim/log.ts'
import { type MountFaults, simMounts } from '../../host/sim/mounts.ts'
import { type NamespaceFaults, simNamespaces } from '../../host/sim/namespaces.ts'
import { simRandom } from '../../host/sim/random.ts'
import { simStreams } from '../../host/sim/streams.ts'
import type { Workload } from '../../host/sim/workload.ts'
import { buildImage, imageArchive } from '../images/image-archive.ts'
import { plainSecurity } from '../plain-security.ts'
import type { ContainerSpec, RuntimeError } from '../pod-runtime.ts'
import { makeEngine } from './engine.ts'

/** A machine with the real engine on simulated Linux; processes come and go on it. */
function machine(workloads: Readonly<Record<string, Workload>> = {}, seed = 1) {
  const clock = simClock()
  const random = simRandom(seed)
  const disk = simDisk({ clock, random })
  const faults: { mounts: MountFaults; namespaces: NamespaceFaults; containers: ContainerFaults } = {
    mounts: {},
    namespaces: {},
    containers: {},
  }
  const cgroups = simCgroups({ clock })
  const attached = new Set<string>()
  const parts = {
    namespaces: simNamespaces({ clock, faults: faults.namespaces }),
    mounts: simMounts({ clock, disk, faults: faults.mounts }),
    cgroups,
    containers: simContainers({
      clock,
      random,
      cgroups,
      disk,
      faults: faults.containers,
      workloads: ({ config }) => workloads[config.process.args[0] ?? ''] ?? {},
    }),
  }
  const run = simRun(clock)
  const codec = simCodec({ clock })
  const open = () =>
    run(
      makeEngine({
        ...parts,
        name: 'sim',
        directory: '/lib',
        runDirectory: '/run/sim',
        clock,
        random,
        disk,
        codec,
        http: { listen: never, request: never, upgrade: never },
        streams: simStreams({ clock }),
        network: {
          attach: async (id) => {
            attached.add(id)
            return ok({ ips: ['10.0.0.1'] })
          },
          detach: async (id) => {
            attached.delete(id)
            return ok(undefined)
          },
        },
        log: simLog(clock),
      }),
    )
  const crash = (): void => {
    for (const part of Object.values(parts)) part.crash()
  }
  return { clock, run, open, crash, faults, codec, attached, disk, ...parts }
}

const never = async (): Promise<never> => {
  throw new Error('no network here')
}

function value<T>(result: Result<T, RuntimeError>): T {
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

const sandbox = (uid: string) => ({
  pod: { name: uid, namespace: 'd', uid },
  attempt: 0,
  hostname: uid,
  hostNetwork: false,
  cgroupParent: `pods/${uid}`,
  logDirectory: '/logs',
  sysctls: {},
  portMappings: [],
})

const container = (program: string): ContainerSpec => ({
  name: 'c',
  attempt: 0,
  image: 'x',
  command: [program],
  env: [],
  mounts: [],
  security: plainSecurity,
  resources: { oomScoreAdj: 0 },
  logPath: `/logs/${program}.log`,
  stdin: false,
  stdinOnce: false,
  tty: false,
  labels: { a: 'b' },
})

async function prepared(under: ReturnType<typeof machine>) {
  const engine = await under.open()
  const image = await under.run(
    buildImage(under.codec, { name: 'x', layers: [[{ path: 'f', content: new Uint8Array(3) }]] }),
  )
  value(await under.run(engine.images.load(imageArchive(image))))
  return engine
}

describe('the engine on a simulated machine', () => {
  it('runs a container to its end, and tells it', async () => {
    const under = machine({ job: { runsForMs: 5_000, exitCode: 3, output: ['hello'] } })
    const { run, clock, disk } = under
    const engine = await prepared(under)
    const told: string[] = []
    const { id: sandboxId } = value(await run(engine.runSandbox(sandbox('u'))))
    const { id } = value(await run(engine.createContainer(sandboxId, container('job'))))
    engine.onEvent(() => told.push(engine.containers()[0]?.state ?? ''))
    value(await run(engine.startContainer(id)))
    await clock.runUntil(clock.nowMs() + 10_000)
    expect(told).toEqual(['running', 'exited'])
    const [seen] = engine.containers()
    expect(seen).toMatchObject({ exitCode: 3, reason: 'Error', labels: { a: 'b' }, image: 'x' })
    expect((seen?.finishedAtMs ?? 0) - (seen?.startedAtMs ?? 0)).toBe(5_000)
    expect(new TextDecoder().decode(await run(disk.readFile('/logs/job.log')))).toContain('stdout F hello')
  })

  it('shows a container other images, as far as their paths stay within them', async () => {
    const under = machine({ job: {} })
    const { run, disk } = under
    const engine = await prepared(under)
    const { id: sandboxId } = value(await run(engine.runSandbox(sandbox('u'))))
    const mount = (image: string, subPath: string) => ({
      ...container('job'),
      imageMounts: [{ image, containerPath: '/data', subPath }],
    })
    const { id } = value(await run(engine.createContainer(sandboxId, mount('x', ''))))
    const config = await run(disk.readFile(`/lib/writable/${id}/config.json`))
    expect(new TextDecoder().decode(config)).toContain(`/lib/writable/${id}/images/0/root`)
    for (const [image, subPath, message] of [
      ['y', '', 'image "y" not found'],
      ['x', '../../config.json', 'failed to mount image volume "x": sub path "../../config.json" not found'],
      ['x', 'none', 'failed to mount image volume "x": sub path "none" not found'],
    ] as const) {
      const refused = await run(engine.createContainer(sandboxId, mount(image, subPath)))
      expect(!refused.ok && refused.error.message).toBe(message)
    }
    value(await run(engine.removeContainer(id)))
    expect(await run(disk.list('/lib/writable'))).toEqual([])
  })

  it('waits for the grace period of a container that does not listen, and not longer than needed for one that does', async () => {
    const under = machine({ deaf: { termination: 'ignored' }, polite: { termination: 700 } })
    const { run, clock } = under
    const engine = await prepared(under)
    const { id: sandboxId } = value(await run(engine.runSandbox(sandbox('u'))))
    const took: number[] = []
    for (const program of ['deaf', 'polite']) {
      const { id } = value(await run(engine.createContainer(sandboxId, container(program))))
      value(await run(engine.startContainer(id)))
      const begun = clock.nowMs()
      value(await run(engine.stopContainer(id, 30)))
      took.push(clock.nowMs() - begun)
    }
    expect(took[0]).toBeGreaterThanOrEqual(30_000)
    expect(took[0]).toBeLessThan(31_000)
    expect(took[1]).toBeLessThan(1_000)
    expect(engine.containers().map(({ exitCode }) => exitCode)).toEqual([137, 143])
  })

  it('gives everything back when a step fails', async () => {
    const under = machine()
    const { run, faults, mounts, namespaces, attached, disk } = under
    const engine = await prepared(under)
    faults.mounts.mount = { code: 'Other', message: 'no loop devices' }
    const refused = await run(engine.runSandbox(sandbox('u')))
    expect(!refused.ok && refused.error.message).toContain('no loop devices')
    expect([await mounts.list('/run/sim'), await namespaces.list('coracle-sim-'), attached.size]).toEqual([[], [], 0])
    faults.mounts.mount = undefined
    const { id: sandboxId } = value(await run(engine.runSandbox(sandbox('u'))))
    faults.mounts.mount = { code: 'Other', message: 'again' }
    expect((await run(engine.createContainer(sandboxId, container('x')))).ok).toBe(false)
    expect(engine.containers()).toEqual([])
    expect(await run(disk.list('/lib/writable'))).toEqual([])
    faults.mounts.mount = undefined
    faults.containers.start = { code: 'CannotRun', message: 'exec format error' }
    const { id } = value(await run(engine.createContainer(sandboxId, container('x'))))
    const started = await run(engine.startContainer(id))
    expect(!started.ok && started.error.message).toContain('exec format error')
    expect(engine.containers()[0]).toMatchObject({ state: 'exited', reason: 'StartError', exitCode: 128 })
  })

  it('takes up again after a crash of its machine, with everything ended', async () => {
    const under = machine()
    const { run, crash } = under
    const engine = await prepared(under)
    const { id: sandboxId } = value(await run(engine.runSandbox(sandbox('u'))))
    const { id } = value(await run(engine.createContainer(sandboxId, container('x'))))
    value(await run(engine.startContainer(id)))
    crash()
    const next = await under.open()
    expect(next.sandboxes()).toMatchObject([{ id: sandboxId, state: 'not-ready' }])
    expect(next.containers()).toMatchObject([{ id, state: 'exited', exitCode: 255, reason: 'Unknown' }])
    value(await run(next.removeSandbox(sandboxId)))
    expect([next.sandboxes(), next.containers()]).toEqual([[], []])
  })

  it('is the same for the same seed', async () => {
    const story = async (seed: number) => {
      const under = machine({ flaky: { crashesAfterMs: 3_000 } }, seed)
      const engine = await prepared(under)
      for (let at = 0; at < 4; at++) {
        const { id: sandboxId } = value(await under.run(engine.runSandbox(sandbox(`u${at}`))))
        const { id } = value(await under.run(engine.createContainer(sandboxId, container('flaky'))))
        value(await under.run(engine.startContainer(id)))
      }
      await under.clock.runUntil(under.clock.nowMs() + 20_000)
      return engine.containers()
    }
    const first = await story(1)
    expect(await story(1)).toEqual(first)
    expect(await story(2)).not.toEqual(first)
  })
})
