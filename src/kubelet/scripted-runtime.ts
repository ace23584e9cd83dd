import { fail, ok } from '../api/result.ts'
import type { Clock } from '../ports/clock.ts'
import type { DiskSpace, DiskUsage } from '../ports/disk.ts'
import type { Duplex } from '../ports/streams.ts'
import type {
  Container,
  ContainerSpec,
  ContainerStats,
  IoStreams,
  MachineUsage,
  PodRuntime,
  RuntimeError,
  RuntimeEvent,
  RuntimeStatus,
  Sandbox,
} from '../runtime/pod-runtime.ts'

/** A runtime whose containers do what a test says: what tests of the kubelet stand on. */
export type ScriptedRuntime = PodRuntime &
  Readonly<{
    /** What commands exit with, and what they and forwarded ports do. */
    script: Script
    /** Every effect so far: 'run uid-1', 'start a', 'stop a 30' … */
    calls: readonly string[]
    /** Specs of the containers made, newest last. */
    specs: readonly ContainerSpec[]
    images: Set<string>
    /** What pulls fail with, by reference. */
    pullFailures: Map<string, string>
    end(name: string, exitCode: number): void
    loseSandbox(uid: string): void
  }>

export type Script = {
  exitCode: number
  exec?: (command: readonly string[], io: IoStreams) => Promise<number>
  forward?: (port: number) => Duplex
  /** What it and its containers use. */
  machine: Omit<MachineUsage, 'atMs'>
  stats: readonly ContainerStats[]
  /** What containers have written to their own layers, by name. */
  layers: Map<string, DiskUsage>
  /** Where images lie: by default a part of the node's one file system. */
  imageFs: () => DiskSpace
  handlers?: RuntimeStatus['handlers']
  /** false: logs cannot be reopened. */
  reopen?: boolean
}

const idleMachine: Script['machine'] = {
  cpuUsageNs: 0,
  memoryTotalBytes: 4 * 2 ** 30,
  memoryAvailableBytes: 3 * 2 ** 30,
  processes: 100,
  mostProcesses: 32_768,
}

const roomyFs: DiskSpace = {
  freeBytes: 9 * 2 ** 30,
  totalBytes: 10 * 2 ** 30,
  freeInodes: 900_000,
  totalInodes: 1_000_000,
  device: 1,
  deviceName: '/dev/sda',
}

const notFound: RuntimeError = { code: 'NotFound', message: 'not found' }
/** Everything takes a little, so that what may happen in between does. */
const stepMs = 5

type World = Readonly<{
  clock: Clock
  sandboxes: Map<string, Sandbox>
  containers: Map<string, Container>
  calls: string[]
  specs: ContainerSpec[]
  images: Set<string>
  pullFailures: Map<string, string>
  script: Script
  nextSerial(): number
  tell(sandboxId: string): void
}>

export function scriptedRuntime(clock: Clock): ScriptedRuntime {
  const listeners: ((event: RuntimeEvent) => void)[] = []
  let serial = 0
  const world: World = {
    clock,
    sandboxes: new Map(),
    containers: new Map(),
    calls: [],
    specs: [],
    images: new Set(['img:1']),
    pullFailures: new Map(),
    script: { exitCode: 0, machine: idleMachine, stats: [], layers: new Map(), imageFs: () => roomyFs },
    nextSerial: () => serial++,
    tell(sandboxId) {
      for (const listener of listeners) listener({ type: 'container-changed', sandboxId })
    },
  }
  const { sandboxes, containers, calls, specs, images, pullFailures, script } = world
  return {
    name: 'coracle',
    status: async () => ({ version: '1', handlers: script.handlers ?? [], supplementalGroupsPolicy: true }),
    calls,
    specs,
    images,
    pullFailures,
    script,
    ...sandboxMethods(world),
    ...containerMethods(world),
    ...commandMethods(world),
    ...imageMethods(world),
    end(name, exitCode) {
      for (const container of containers.values()) if (container.name === name) finish(world, container, exitCode)
    },
    loseSandbox(uid) {
      for (const container of containers.values()) if (container.pod.uid === uid) finish(world, container, 137)
      for (const sandbox of sandboxes.values())
        if (sandbox.pod.uid === uid) sandboxes.set(sandbox.id, { ...sandbox, state: 'not-ready' })
      for (const sandbox of sandboxes.values()) world.tell(sandbox.id)
    },
    async updateResources(id, { cpuShares, cpuQuotaUs, memoryLimitBytes, cpusetCpus }) {
      if (cpusetCpus !== undefined) calls.push(`cpus ${containers.get(id)?.name} ${cpusetCpus}`)
      else calls.push(`resize ${containers.get(id)?.name} ${cpuShares} ${cpuQuotaUs ?? '-'} ${memoryLimitBytes ?? '-'}`)
      return ok(undefined)
    },
    async limitCgroup(path, { cpuShares, cpuQuotaUs, memoryLimitBytes }) {
      calls.push(`cgroup ${path} ${cpuShares ?? '-'} ${cpuQuotaUs ?? '-'} ${memoryLimitBytes ?? '-'}`)
      return ok(undefined)
    },
    cgroupUsage: async () => undefined,
    machineUsage: async () => ({ ...script.machine, atMs: clock.nowMs() }),
    sandboxes: () => [...sandboxes.values()],
    containers: () => [...containers.values()],
    onEvent: (listener) => void listeners.push(listener),
    stats: async () => script.stats,
    writableLayer: async (id) => script.layers.get(containers.get(id)?.name ?? '') ?? { bytes: 0, inodes: 0 },
    imageFileSystem: async () => script.imageFs(),
  }
}

function put({ containers, tell }: World, container: Container): void {
  containers.set(container.id, container)
  tell(container.sandboxId)
}

function finish(world: World, container: Container, exitCode: number): void {
  if (container.state !== 'running') return
  const reason = exitCode === 0 ? 'Completed' : 'Error'
  put(world, { ...container, state: 'exited', exitCode, reason, finishedAtMs: world.clock.nowMs() })
}

function sandboxMethods(world: World): Pick<PodRuntime, 'runSandbox' | 'stopSandbox' | 'removeSandbox'> {
  const { clock, sandboxes, containers, calls, nextSerial, tell } = world
  return {
    async runSandbox({ pod, attempt, hostNetwork, handler = 'runc' }) {
      await clock.sleep(stepMs)
      if (handler !== 'runc')
        return fail({
          code: 'Failed',
          message: `failed to get sandbox runtime: no runtime for "${handler}" is configured`,
        })
      const serial = nextSerial()
      const id = `sb-${serial}`
      calls.push(`run ${pod.uid}#${attempt}`)
      const ips = hostNetwork ? [] : [`10.0.0.${serial + 1}`]
      const sandbox: Sandbox = { id, pod, attempt, state: 'ready', createdAtMs: clock.nowMs(), ips, hostNetwork }
      sandboxes.set(id, sandbox)
      tell(id)
      return ok(sandbox)
    },
    async stopSandbox(id) {
      const sandbox = sandboxes.get(id)
      if (sandbox !== undefined) sandboxes.set(id, { ...sandbox, state: 'not-ready' })
      for (const container of containers.values()) if (container.sandboxId === id) finish(world, container, 137)
      return ok(undefined)
    },
    async removeSandbox(id) {
      sandboxes.delete(id)
      for (const container of containers.values()) if (container.sandboxId === id) containers.delete(container.id)
      return ok(undefined)
    },
  }
}

function containerMethods(
  world: World,
): Pick<PodRuntime, 'createContainer' | 'startContainer' | 'stopContainer' | 'removeContainer'> {
  const { clock, sandboxes, containers, calls, specs, nextSerial } = world
  return {
    async createContainer(sandboxId, spec) {
      const sandbox = sandboxes.get(sandboxId)
      if (sandbox === undefined) return fail(notFound)
      specs.push(spec)
      const { name, attempt, image, logPath, tty, stdin, labels } = spec
      const own = { name, attempt, image, logPath, tty, stdin, labels }
      const id = `c${nextSerial()}`
      const made = { id, sandboxId, pod: sandbox.pod, state: 'created', createdAtMs: clock.nowMs() } as const
      const container: Container = { ...own, ...made, imageId: `${image}@sha256:0` }
      put(world, container)
      return ok(container)
    },
    async startContainer(id) {
      await clock.sleep(stepMs)
      const container = containers.get(id)
      if (container === undefined) return fail(notFound)
      calls.push(`start ${container.name}#${container.attempt}`)
      put(world, { ...container, state: 'running', startedAtMs: clock.nowMs() })
      return ok(undefined)
    },
    async stopContainer(id, graceSeconds) {
      const container = containers.get(id)
      if (container === undefined) return fail(notFound)
      calls.push(`stop ${container.name} ${graceSeconds}`)
      await clock.sleep(stepMs)
      finish(world, containers.get(id) ?? container, 143)
      return ok(undefined)
    },
    async removeContainer(id) {
      containers.delete(id)
      return ok(undefined)
    },
  }
}

function commandMethods({
  calls,
  script,
}: World): Pick<PodRuntime, 'execSync' | 'exec' | 'attach' | 'portForward' | 'reopenLog'> {
  return {
    async execSync(_, command) {
      calls.push(`exec ${command.join(' ')}`)
      const none = new Uint8Array()
      return ok({ exitCode: script.exitCode, stdout: none, stderr: none, timedOut: false })
    },
    async exec(_, command, __, io) {
      calls.push(`exec ${command.join(' ')}`)
      return ok({ exitCode: script.exec === undefined ? script.exitCode : await script.exec(command, io) })
    },
    async attach(_, io) {
      await script.exec?.([], io)
      return ok(undefined)
    },
    async reopenLog(id) {
      calls.push(`reopen ${id}`)
      return script.reopen === false ? fail({ code: 'Failed', message: 'no monitor' }) : ok(undefined)
    },
    async portForward(_, port) {
      const duplex = script.forward?.(port)
      return duplex === undefined ? fail({ code: 'Failed', message: 'connection refused' }) : ok(duplex)
    },
  }
}

function imageMethods({
  clock,
  calls,
  images,
  pullFailures,
}: World): Pick<PodRuntime, 'imageStatus' | 'listImages' | 'pullImage' | 'removeImage'> {
  const imageOf = (reference: string) => ({
    id: `sha256:${reference}`,
    tags: [reference],
    digests: [],
    sizeBytes: 1000,
    user: '',
  })
  return {
    imageStatus: async (reference) => (images.has(reference) ? imageOf(reference) : undefined),
    listImages: async () => [...images].map(imageOf),
    async pullImage(reference) {
      calls.push(`pull ${reference}`)
      await clock.sleep(100)
      const failure = pullFailures.get(reference)
      if (failure !== undefined) return fail({ code: 'ErrImagePull', message: failure })
      images.add(reference)
      return ok(imageOf(reference))
    },
    async removeImage(id) {
      calls.push(`remove image ${id}`)
      images.delete(id.replace('sha256:', ''))
      return ok(undefined)
    },
  }
}
