import { fail, ok, type Result } from '../../api/result.ts'
import type { CgroupLimits } from '../../ports/cgroups.ts'
import type { Clock, Timer } from '../../ports/clock.ts'
import type {
  ContainerError,
  ContainerStart,
  ContainerStatus,
  ContainerStreams,
  Containers,
  ExecOptions,
  HostDevice,
  HostFacts,
} from '../../ports/containers.ts'
import type { Disk } from '../../ports/disk.ts'
import type { Random } from '../../ports/random.ts'
import type { SimCgroups } from './cgroups.ts'
import type { Workload, Workloads } from './workload.ts'

/** Set and cleared between calls. */
export type ContainerFaults = {
  start?: ContainerError | undefined
  remove?: ContainerError | undefined
  /** Of a hundred starts, how many fail by chance. */
  startFailurePercent?: number
}

export type SimContainersOptions = Readonly<{
  clock: Clock
  random: Random
  workloads?: Workloads
  faults?: ContainerFaults
  /** Where logs are written; absent: nowhere. */
  disk?: Disk
  /** Shows what the containers use. */
  cgroups?: SimCgroups
}>

export interface SimContainers extends Containers {
  /** The machine crashes: all containers are gone, and nobody is told. */
  crash(): void
}

type Running = {
  readonly start: ContainerStart
  readonly workload: Workload
  status: ContainerStatus
  timers: Timer[]
  waiting: (() => void)[]
}

const facts: HostFacts = {
  architecture: 'amd64',
  cgroups: 'v2',
  capabilities: ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_BIND_SERVICE', 'CAP_SETGID', 'CAP_SETUID', 'CAP_SYS_ADMIN'],
  openFilesLimit: 1_048_576,
  lowestOomScoreAdj: -1000,
  boundsHugePages: true,
  mapsOwners: true,
}
const startMs = { least: 20, spread: 60 }
const killMs = 5
const removeMs = 15
/** What every Linux has. */
const deviceFiles: readonly HostDevice[] = [
  { path: '/dev/null', type: 'c', major: 1, minor: 3, fileMode: 0o666, uid: 0, gid: 0 },
  { path: '/dev/zero', type: 'c', major: 1, minor: 5, fileMode: 0o666, uid: 0, gid: 0 },
]
const sigkill = 9
const sigterm = 15

export function simContainers(options: SimContainersOptions): SimContainers {
  const { clock, faults = {}, cgroups, disk } = options
  const table = containerTable(options)
  const { all, end } = table
  return {
    host: facts,
    hostDevices: async (path = '/dev') =>
      deviceFiles.filter((device) => device.path === path || device.path.startsWith(`${path}/`)),
    start: (start) => startIn(options, table, start),
    async kill(id, signal) {
      await clock.sleep(killMs)
      const running = all.get(id)
      if (running?.status.state !== 'running')
        return fail({ code: 'NotFound', message: `container ${id} is not running` })
      const { termination = 100 } = running.workload
      if (signal === sigkill) running.timers.push(clock.after(killMs, () => end(id, 128 + sigkill)))
      else if (signal === sigterm && termination !== 'ignored')
        running.timers.push(clock.after(termination, () => end(id, 128 + sigterm)))
      return ok(undefined)
    },
    async remove(id) {
      await clock.sleep(removeMs)
      if (faults.remove !== undefined) return fail(faults.remove)
      const running = all.get(id)
      if (running === undefined) return ok(undefined)
      halt(running)
      all.delete(id)
      await cgroups?.remove(running.start.config.linux.cgroupsPath)
      return ok(undefined)
    },
    list: async () => new Map([...all].map(([id, { status }]) => [id, status])),
    onExit: table.listen,
    async updateLimits(id, limits: CgroupLimits) {
      const running = all.get(id)
      if (running === undefined) return fail({ code: 'NotFound', message: `container ${id} does not exist` })
      await cgroups?.ensure(running.start.config.linux.cgroupsPath, limits)
      return ok(undefined)
    },
    exec: (id, exec, streams) => execIn(clock, all.get(id), id, exec, streams),
    attach: (id, streams) => attachTo(all.get(id), id, streams),
    async reopenLog(id, logPath) {
      if (!all.has(id)) return fail({ code: 'NotRunning', message: `container ${id} is not running` })
      if (disk !== undefined && !(await disk.exists(logPath))) await disk.writeFile(logPath, new Uint8Array())
      return ok(undefined)
    },
    close: table.deafen,
    crash: table.crash,
  }
}

type Table = ReturnType<typeof containerTable>

/** What the kernel and the monitors hold: it outlives whoever listens. */
function containerTable({ clock, random, cgroups }: SimContainersOptions) {
  const all = new Map<string, Running>()
  let listeners: ((id: string, status: ContainerStatus) => void)[] = []
  let lastPid = 1000
  let crashes = 0
  const end = (id: string, exitCode: number, oomKilled = false): void => {
    const running = all.get(id)
    if (running === undefined || running.status.state !== 'running') return
    const { startedAtMs } = running.status
    running.status = { state: 'exited', exitCode, oomKilled, startedAtMs, finishedAtMs: clock.nowMs() }
    halt(running)
    for (const listener of listeners) listener(id, running.status)
  }
  cgroups?.onKill((path) => {
    for (const [id, { start }] of all) if (start.config.linux.cgroupsPath === path) end(id, 128 + sigkill)
  })
  const begin = (start: ContainerStart, workload: Workload): number => {
    lastPid += 1
    const status: ContainerStatus = { state: 'running', pid: lastPid, startedAtMs: clock.nowMs() }
    const timers = planEnds(clock, random, workload, (...how) => end(start.id, ...how))
    all.set(start.id, { start, workload, status, waiting: [], timers })
    cgroups?.setStats(start.config.linux.cgroupsPath, usage)
    return lastPid
  }
  return {
    all,
    end,
    begin,
    crashes: () => crashes,
    listen: (listener: (id: string, status: ContainerStatus) => void): void => void listeners.push(listener),
    deafen(): void {
      listeners = []
    },
    crash(): void {
      crashes += 1
      for (const running of all.values()) halt(running)
      all.clear()
    },
  }
}

const usage = {
  cpuUsageNs: 1_000_000,
  memoryUsageBytes: 5 << 20,
  memoryWorkingSetBytes: 4 << 20,
  memoryRssBytes: 2 << 20,
  pids: 1,
  oomKills: 0,
}

async function startIn(
  options: SimContainersOptions,
  table: Table,
  start: ContainerStart,
): Promise<Result<Readonly<{ pid: number }>, ContainerError>> {
  const { clock, random, faults = {}, workloads = () => ({}) } = options
  if (table.all.has(start.id)) return fail({ code: 'Exists', message: `container ${start.id} exists` })
  const before = table.crashes()
  await clock.sleep(startMs.least + random.below(startMs.spread))
  if (table.crashes() > before) return fail({ code: 'Other', message: 'the machine crashed' })
  const workload = workloads(start)
  const refusal = startRefusal(faults, random, workload)
  if (refusal !== undefined) return fail(refusal)
  await writeLog(options, start, workload)
  return ok({ pid: table.begin(start, workload) })
}

function halt(running: Running): void {
  for (const timer of running.timers) timer.cancel()
  running.timers = []
  const { waiting } = running
  running.waiting = []
  for (const wake of waiting) wake()
}

function startRefusal(faults: ContainerFaults, random: Random, { refusal }: Workload): ContainerError | undefined {
  if (faults.start !== undefined) return faults.start
  if (random.below(100) < (faults.startFailurePercent ?? 0))
    return { code: 'Other', message: 'the runtime failed by chance' }
  return refusal === undefined ? undefined : { code: 'CannotRun', message: refusal }
}

function planEnds(
  clock: Clock,
  random: Random,
  { runsForMs, exitCode = 0, oomKilled = false, crashesAfterMs }: Workload,
  end: (exitCode: number, oomKilled: boolean) => void,
): Timer[] {
  const timers: Timer[] = []
  if (runsForMs !== undefined)
    timers.push(clock.after(runsForMs, () => end(oomKilled ? 128 + sigkill : exitCode, oomKilled)))
  if (crashesAfterMs !== undefined) {
    // The time between events that come at random, but at a certain rate, is distributed exponentially.
    const chance = (random.below(1_000_000) + 1) / 1_000_001
    timers.push(clock.after(Math.ceil(-Math.log(chance) * crashesAfterMs), () => end(1, false)))
  }
  return timers
}

async function writeLog({ disk, clock }: SimContainersOptions, { logPath }: ContainerStart, { output = [] }: Workload) {
  if (logPath === '') return
  if (disk === undefined || output.length === 0) return
  const time = new Date(clock.nowMs()).toISOString()
  await disk.writeFile(logPath, new TextEncoder().encode(output.map((line) => `${time} stdout F ${line}\n`).join('')))
}

async function execIn(
  clock: Clock,
  running: Running | undefined,
  id: string,
  { process, timeoutMs }: ExecOptions,
  { stdout, stderr }: ContainerStreams,
): Promise<Result<Readonly<{ exitCode: number; timedOut: boolean }>, ContainerError>> {
  await clock.sleep(7)
  if (running?.status.state !== 'running')
    return fail({ code: 'NotRunning', message: `container ${id} is not running` })
  const outcome = running.workload.exec?.(process.args) ?? { exitCode: 0 }
  const takesMs = outcome.takesMs ?? 1
  if (timeoutMs !== undefined && takesMs > timeoutMs) {
    await clock.sleep(timeoutMs)
    return ok({ exitCode: 128 + sigkill, timedOut: true })
  }
  await clock.sleep(takesMs)
  if (outcome.stdout !== undefined) await stdout(new TextEncoder().encode(outcome.stdout))
  if (outcome.stderr !== undefined) await stderr(new TextEncoder().encode(outcome.stderr))
  return ok({ exitCode: outcome.exitCode, timedOut: false })
}

async function attachTo(
  running: Running | undefined,
  id: string,
  { closed }: ContainerStreams,
): Promise<Result<void, ContainerError>> {
  if (running?.status.state !== 'running')
    return fail({ code: 'NotRunning', message: `container ${id} is not running` })
  await new Promise<void>((resolve) => {
    running.waiting.push(resolve)
    closed.addEventListener('abort', () => resolve())
    if (closed.aborted) resolve()
  })
  return ok(undefined)
}
