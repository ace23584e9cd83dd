import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fail, ok, type Result } from '../../api/result.ts'
import type { CgroupError, CgroupLimits, Cgroups } from '../../ports/cgroups.ts'
import { cgroupDetail } from './cgroup-detail.ts'
import { type CgroupLayout, cgroupFolders, checkedCgroupPath, readCgroupLayout } from './cgroup-layout.ts'
import { cgroupStats } from './cgroup-stats.ts'
import { machineUsage } from './machine-usage.ts'

/** How long dying processes may take to leave, and how often we look: the kernel tells nobody when a v1 cgroup empties. */
const emptyWithinMs = 5_000
const lookEveryMs = 10

/** Works on the files of cgroupfs directly; costs no process. */
export function linuxCgroups(layout: CgroupLayout = readCgroupLayout()): Cgroups {
  return {
    ensure: (path, limits) => guarded(() => ensure(layout, checkedCgroupPath(path), limits)),
    stats: (path) => guarded(() => cgroupStats(layout, checkedCgroupPath(path))),
    detail: (path) => guarded(() => cgroupDetail(layout, checkedCgroupPath(path))),
    machine: () => guarded(machineUsage),
    killAll: (path) => guarded(() => killAll(layout, path)),
    remove: (path) => guarded(() => remove(layout, path)),
    async list(path) {
      const names = await Promise.all(cgroupFolders(layout, path).map(folderNames))
      return [...new Set(names.flat())].sort()
    },
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<Result<T, CgroupError>> {
  try {
    return ok(await work())
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    // Without a code it is no failure of the system but a bug.
    if (code === undefined) throw error
    return fail({ code: codeOf(code), message })
  }
}

function codeOf(code: string | undefined): CgroupError['code'] {
  if (code === 'ENOENT' || code === 'ENODEV') return 'NotFound'
  if (code === 'EBUSY') return 'Busy'
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS' ? 'PermissionDenied' : 'Other'
}

async function ensure(layout: CgroupLayout, path: string, limits: CgroupLimits): Promise<void> {
  if (layout.type === 'unified') {
    await makeUnified(layout.root, path)
    return writeAll(unifiedSettings(limits).map(([file, value]) => [`${layout.root}${path}/${file}`, value]))
  }
  const { roots } = layout
  const sets = limits.cpusetCpus === undefined && limits.cpusetMems === undefined ? [] : ['cpuset']
  const used = [
    ...new Set(['cpu', 'cpuacct', 'memory', 'pids', ...sets].flatMap((controller) => roots[controller] ?? [])),
  ]
  await Promise.all(used.map((root) => mkdir(root + path, { recursive: true })))
  const settings = splitSettings(limits).filter(([controller]) => roots[controller] !== undefined)
  await writeAll(settings.map(([controller, file, value]) => [`${roots[controller]}${path}/${file}`, value]))
}

/** In v2 a child has only the controllers that each of its ancestors passes down. */
async function makeUnified(root: string, path: string): Promise<void> {
  let folder = root
  for (const name of path.slice(1).split('/')) {
    for (const controller of ['cpu', 'memory', 'pids', 'cpuset'])
      await writeFile(`${folder}/cgroup.subtree_control`, `+${controller}`).catch(() => {})
    folder += `/${name}`
    await mkdir(folder, { recursive: true })
  }
}

async function writeAll(settings: readonly (readonly [string, string])[]): Promise<void> {
  for (const [file, value] of settings) await writeFile(file, value)
}

function splitSettings(limits: CgroupLimits): readonly (readonly [string, string, string])[] {
  const { cpuShares, cpuQuotaUs, cpuPeriodUs, memoryLimitBytes, pidsLimit, cpusetCpus, cpusetMems } = limits
  return [
    ...(cpuShares === undefined ? [] : [['cpu', 'cpu.shares', String(cpuShares)] as const]),
    ...(cpuPeriodUs === undefined ? [] : [['cpu', 'cpu.cfs_period_us', String(cpuPeriodUs)] as const]),
    ...(cpuQuotaUs === undefined ? [] : [['cpu', 'cpu.cfs_quota_us', String(cpuQuotaUs)] as const]),
    ...(memoryLimitBytes === undefined ? [] : [['memory', 'memory.limit_in_bytes', String(memoryLimitBytes)] as const]),
    ...(pidsLimit === undefined ? [] : [['pids', 'pids.max', orMax(pidsLimit)] as const]),
    ...(cpusetCpus === undefined ? [] : [['cpuset', 'cpuset.cpus', cpusetCpus] as const]),
    ...(cpusetMems === undefined ? [] : [['cpuset', 'cpuset.mems', cpusetMems] as const]),
  ]
}

function unifiedSettings(limits: CgroupLimits): readonly (readonly [string, string])[] {
  const { cpuShares, cpuQuotaUs, cpuPeriodUs = 100_000, memoryLimitBytes, pidsLimit, cpusetCpus, cpusetMems } = limits
  return [
    ...(cpuShares === undefined ? [] : [['cpu.weight', String(weightOfShares(cpuShares))] as const]),
    ...(cpuQuotaUs === undefined ? [] : [['cpu.max', `${orMax(cpuQuotaUs)} ${cpuPeriodUs}`] as const]),
    ...(memoryLimitBytes === undefined ? [] : [['memory.max', orMax(memoryLimitBytes)] as const]),
    ...(pidsLimit === undefined ? [] : [['pids.max', orMax(pidsLimit)] as const]),
    ...(cpusetCpus === undefined ? [] : [['cpuset.cpus', cpusetCpus] as const]),
    ...(cpusetMems === undefined ? [] : [['cpuset.mems', cpusetMems] as const]),
  ]
}

function orMax(value: number): string {
  return value < 0 ? 'max' : String(value)
}

/** Shares run from 2 to 262144, weights from 1 to 10000 (the mapping of the OCI runtimes). */
function weightOfShares(shares: number): number {
  return 1 + Math.floor(((Math.min(262_144, Math.max(2, shares)) - 2) * 9_999) / 262_142)
}

async function folderNames(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

/** The folder and all below it, deepest first. */
async function treeOf(folder: string): Promise<readonly string[]> {
  const below = await Promise.all((await folderNames(folder)).map((name) => treeOf(`${folder}/${name}`)))
  return [...below.flat(), folder]
}

async function remove(layout: CgroupLayout, path: string): Promise<void> {
  await Promise.all(
    cgroupFolders(layout, path).map(async (root) => {
      for (const folder of await treeOf(root)) await removeFolder(folder)
    }),
  )
}

/** A process that has just ended still holds its cgroup for a moment. */
async function removeFolder(folder: string): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    try {
      return await rmdir(folder)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return
      if (code !== 'EBUSY' || waitedMs >= emptyWithinMs) throw error
      if (waitedMs > 0 && (await processesIn(folder)).length > 0 && waitedMs >= 500) throw error
    }
    await sleep(lookEveryMs)
  }
}

async function processesIn(folder: string): Promise<readonly number[]> {
  const text = await readFile(`${folder}/cgroup.procs`, 'utf8').catch(() => '')
  return text.split('\n').flatMap((line) => (line === '' || line === '0' ? [] : [Number(line)]))
}

/** In v1 a frozen process does not even die (runc thaws before SIGKILL too); in v2 it does. */
export async function thaw(layout: CgroupLayout, path: string): Promise<void> {
  const root = layout.type === 'split' ? layout.roots.freezer : undefined
  if (root === undefined) return
  const folders = await treeOf(root + checkedCgroupPath(path))
  await Promise.all(folders.map((folder) => writeFile(`${folder}/freezer.state`, 'THAWED').catch(() => {})))
}

async function killAll(layout: CgroupLayout, path: string): Promise<void> {
  await thaw(layout, path)
  const folders = cgroupFolders(layout, path)
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    const trees = (await Promise.all(folders.map(treeOf))).flat()
    const pids = new Set((await Promise.all(trees.map(processesIn))).flat())
    if (pids.size === 0) return
    if (waitedMs >= emptyWithinMs) throw Object.assign(new Error(`${path}: processes do not end`), { code: 'EBUSY' })
    for (const pid of pids) signal(pid)
    await sleep(lookEveryMs)
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}
