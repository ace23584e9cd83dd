import { readFile, stat } from 'node:fs/promises'
import type { ContainerStatus } from '../../ports/containers.ts'

/** The files of one container in the run folder. */
export type ContainerFiles = Readonly<ReturnType<typeof containerFiles>>

export function containerFiles(directory: string, id: string) {
  const bundle = `${directory}/containers/${id}`
  return {
    bundle,
    config: `${bundle}/config.json`,
    pid: `${bundle}/pid`,
    monitorPid: `${bundle}/monitor-pid`,
    /** Its time is when the container was started. */
    started: `${bundle}/started`,
    persist: `${bundle}/persist`,
    control: `${bundle}/ctl`,
    exit: `${directory}/exits/${id}`,
  }
}

/** What the files and the kernel say of a container. */
export async function observe(files: ContainerFiles, id: string): Promise<ContainerStatus> {
  const exit = await readExit(files)
  if (exit !== undefined) return exit
  const pid = await runningPid(files, id)
  const startedAtMs = await mtimeMs(files.started)
  if (startedAtMs !== undefined && pid !== undefined) return { state: 'running', pid, startedAtMs }
  // It has ended, but its monitor has yet to say how.
  if (startedAtMs !== undefined && (await monitorRuns(files, id))) return { state: 'running', pid: 0, startedAtMs }
  // It may have ended between the looks.
  return (await readExit(files)) ?? { state: 'lost' }
}

async function readExit(files: ContainerFiles): Promise<ContainerStatus | undefined> {
  const text = await readText(files.exit)
  if (text === undefined || !/^\d+$/.test(text)) return undefined
  const finishedAtMs = (await mtimeMs(files.exit)) ?? 0
  const oomKilled =
    (await mtimeMs(`${files.persist}/oom`)) !== undefined || (await mtimeMs(`${files.bundle}/oom`)) !== undefined
  const startedAtMs = Math.min((await mtimeMs(files.started)) ?? finishedAtMs, finishedAtMs)
  return { state: 'exited', exitCode: Number(text), oomKilled, startedAtMs, finishedAtMs }
}

/** The pid of its first process, if that still runs: a number that another process has taken over does not count. */
export async function runningPid(files: ContainerFiles, id: string): Promise<number | undefined> {
  const pid = Number.parseInt((await readText(files.pid)) ?? '', 10)
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  const cgroups = await readText(`/proc/${pid}/cgroup`)
  if (cgroups === undefined || !cgroups.includes(id)) return undefined
  const status = await readText(`/proc/${pid}/stat`)
  return status === undefined || /\) [ZX] /.test(status) ? undefined : pid
}

export async function monitorRuns(files: ContainerFiles, id: string): Promise<boolean> {
  const pid = Number.parseInt((await readText(files.monitorPid)) ?? '', 10)
  return pid > 0 && (await readText(`/proc/${pid}/cmdline`))?.includes(id) === true
}

export async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

async function mtimeMs(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => Math.round(found.mtimeMs),
    () => undefined,
  )
}
