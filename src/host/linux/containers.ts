import { type FSWatcher, mkdirSync, watch } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { fail, ok, type Result } from '../../api/result.ts'
import type { ContainerError, ContainerStatus, Containers } from '../../ports/containers.ts'
import type { Processes } from '../../ports/processes.ts'
import { type CgroupLayout, readCgroupLayout } from './cgroup-layout.ts'
import { linuxCgroups, thaw } from './cgroups.ts'
import { attachToContainer, reopenContainerLog } from './container-attach.ts'
import { execInContainer } from './container-exec.ts'
import { type ContainerFiles, containerFiles, monitorRuns, observe, runningPid } from './container-files.ts'
import { forget, startContainer, type Tools } from './container-start.ts'
import { hostDevices, readHostFacts } from './host-facts.ts'
import { findOciRuntime, findProgram, mapsOwners, wrapRuntime } from './oci-runtime.ts'
import { noSeccompCache, seccompCache } from './seccomp-cache.ts'

/** A change may go unseen when the kernel's queue overflows, and a killed monitor writes nothing: we look again, rarely. */
const lookEveryMs = 10_000
/** From the kill of a process until we look whether it has gone. */
const killTakesMs = 50

export type LinuxContainersOptions = Readonly<{
  processes: Processes
  /** State that lasts as long as the machine runs: below /run. */
  directory: string
  /** '/coracle-a/monitors': where the monitors live. */
  monitorCgroup: string
  /** Path of crun or runc; absent: the one that is installed. */
  runtime?: string
  layout?: CgroupLayout
  lookEveryMs?: number
}>

/** crun (or runc) under conmon. Rejects when either is not installed. */
export async function linuxContainers(options: LinuxContainersOptions): Promise<Containers> {
  const { directory, layout = readCgroupLayout() } = options
  const tools = await prepare(options)
  const cgroups = linuxCgroups(layout)
  const watching = watchExits(directory, options.lookEveryMs ?? lookEveryMs)
  const remove = async (id: string): Promise<Result<void, ContainerError>> => {
    const files = containerFiles(directory, checkedId(id))
    watching.forget(id)
    const cgroupPath = await readCgroupPath(files.config)
    const pid = await runningPid(files, id)
    if (pid !== undefined) sendSignal(pid, 9)
    if (cgroupPath !== undefined) {
      const emptied = await cgroups.killAll(cgroupPath)
      const removed = emptied.ok ? await cgroups.remove(cgroupPath) : emptied
      if (!removed.ok) return fail({ code: 'Other', message: removed.error.message })
    }
    await forget(tools, files, id)
    return ok(undefined)
  }
  return {
    host: readHostFacts(layout, tools.mapsOwners),
    hostDevices,
    async start(start) {
      const files = containerFiles(directory, checkedId(start.id))
      const started = await startContainer(tools, files, start)
      if (started.ok) watching.expect(start.id)
      else if (started.error.code !== 'Exists') await remove(start.id)
      return started
    },
    async kill(id, signal) {
      const files = containerFiles(directory, checkedId(id))
      const pid = await runningPid(files, id)
      const isSent = pid !== undefined && sendSignal(pid, signal)
      if (isSent && signal === 9) await thawContainer(layout, files)
      if (isSent) return ok(undefined)
      return fail({ code: 'NotFound', message: `container ${id} is not running` })
    },
    remove,
    list: () => listContainers(directory, watching),
    onExit: watching.listen,
    async updateLimits(id, limits) {
      const path = await readCgroupPath(containerFiles(directory, checkedId(id)).config)
      if (path === undefined) return fail({ code: 'NotFound', message: `container ${id} does not exist` })
      const updated = await cgroups.ensure(path, limits)
      return updated.ok ? ok(undefined) : fail({ code: 'Other', message: updated.error.message })
    },
    exec: (id, exec, streams) => execInContainer(tools, containerFiles(directory, checkedId(id)), id, exec, streams),
    attach: (id, streams, terminal) =>
      attachToContainer(tools.processes, containerFiles(directory, checkedId(id)), streams, terminal),
    reopenLog: (id, logPath) => reopenContainerLog(containerFiles(directory, checkedId(id)), logPath),
    close: watching.close,
  }
}

async function prepare(options: LinuxContainersOptions): Promise<Tools> {
  const { directory, processes, monitorCgroup, layout = readCgroupLayout() } = options
  const runtime = options.runtime ?? findOciRuntime()
  const isCrun = runtime?.endsWith('/crun') === true
  const monitor = findProgram('conmon')
  if (runtime === undefined) throw new Error('neither crun nor runc is installed')
  if (monitor === undefined) throw new Error('conmon is not installed')
  for (const folder of ['', '/containers', '/exits', '/runtime'])
    mkdirSync(directory + folder, { recursive: true, mode: 0o711 })
  const made = await linuxCgroups(layout).ensure(monitorCgroup, {})
  const roots = layout.type === 'unified' ? [layout.root] : [layout.roots.memory, layout.roots.pids]
  return {
    processes,
    runtime,
    wrappedRuntime: await wrapRuntime(runtime, layout, directory),
    runtimeRoot: `${directory}/runtime`,
    monitor,
    mapsOwners: isCrun || (await mapsOwners(processes, runtime)),
    isCrun,
    seccomp: isCrun ? seccompCache() : noSeccompCache,
    exitFolder: `${directory}/exits`,
    monitorProcs: made.ok
      ? roots.flatMap((root) => (root === undefined ? [] : [`${root}${monitorCgroup}/cgroup.procs`]))
      : [],
  }
}

async function listContainers(directory: string, watching: Watching): Promise<ReadonlyMap<string, ContainerStatus>> {
  const ids = await readdir(`${directory}/containers`)
  const found = await Promise.all(
    ids.map(async (id) => [id, await observe(containerFiles(directory, id), id)] as const),
  )
  for (const [id, { state }] of found) if (state === 'running') watching.expect(id)
  return new Map(found)
}

type Watching = Readonly<{
  expect(id: string): void
  forget(id: string): void
  listen(listener: (id: string, status: ContainerStatus) => void): void
  close(): void
}>

/**
 * Tells the end of each expected container once. One whose monitor was killed is ended too: nobody takes its output any more, and nobody
 * would see how it ends (containerd does so when a shim dies).
 */
function watchExits(directory: string, everyMs: number): Watching {
  const expected = new Set<string>()
  const listeners: ((id: string, status: ContainerStatus) => void)[] = []
  const look = async (id: string): Promise<void> => {
    if (!expected.has(id)) return
    const files = containerFiles(directory, id)
    const status = await observe(files, id)
    if (status.state === 'running' && status.pid > 0 && !(await monitorRuns(files, id))) {
      sendSignal(status.pid, 9)
      setTimeout(() => void look(id), killTakesMs).unref()
    }
    if (status.state !== 'running' && expected.delete(id)) for (const listener of listeners) listener(id, status)
  }
  const lookAtAll = (): void => {
    for (const id of expected) void look(id)
  }
  const onChange = (_: string, name: string | null): void => {
    if (name === null) lookAtAll()
    else void look(name)
  }
  const watcher: FSWatcher = watch(`${directory}/exits`, { persistent: false }, onChange)
  watcher.on('error', lookAtAll)
  const timer = setInterval(lookAtAll, everyMs).unref()
  return {
    expect(id) {
      expected.add(id)
      // It may have ended before we began to expect it.
      void look(id)
    },
    forget: (id) => void expected.delete(id),
    listen: (listener) => void listeners.push(listener),
    close() {
      clearInterval(timer)
      watcher.close()
      expected.clear()
    },
  }
}

async function readCgroupPath(config: string): Promise<string | undefined> {
  try {
    const { linux } = JSON.parse(await readFile(config, 'utf8')) as { linux?: { cgroupsPath?: string } }
    return linux?.cgroupsPath
  } catch {
    return undefined
  }
}

async function thawContainer(layout: CgroupLayout, { config }: ContainerFiles): Promise<void> {
  const path = await readCgroupPath(config)
  if (path !== undefined) await thaw(layout, path)
}

/** False when there is no such process any more. */
function sendSignal(pid: number, signal: number): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

function checkedId(id: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(id)) throw new Error(`assertion failed: ${id} is no container id`)
  return id
}
