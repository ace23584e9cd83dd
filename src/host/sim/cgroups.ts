import { fail, ok } from '../../api/result.ts'
import type { CgroupDetail, CgroupError, CgroupLimits, CgroupStats, Cgroups } from '../../ports/cgroups.ts'
import type { Clock } from '../../ports/clock.ts'

export type CgroupFaults = { remove?: CgroupError | undefined }

export interface SimCgroups extends Cgroups {
  /** What the processes in a cgroup use; a path that does not exist comes into being. */
  setStats(path: string, stats: CgroupStats): void
  limits(path: string): CgroupLimits | undefined
  /** Called for each path that killAll kills in. */
  onKill(listener: (path: string) => void): void
  /** The machine crashes: the tree is empty. */
  crash(): void
}

const idle: CgroupStats = {
  cpuUsageNs: 0,
  memoryUsageBytes: 0,
  memoryWorkingSetBytes: 0,
  memoryRssBytes: 0,
  pids: 0,
  oomKills: 0,
}

const nothing: CgroupDetail = {
  ...{ cpuUserNs: 0, cpuSystemNs: 0, periods: 0, throttledPeriods: 0, throttledNs: 0 },
  ...{ memoryCacheBytes: 0, memoryKernelBytes: 0, memoryMappedBytes: 0, memorySwapBytes: 0, memoryMostBytes: 0 },
  ...{ memoryLimitHits: 0, pageFaults: 0, majorPageFaults: 0 },
  ...{ processes: 0, threads: 0, mostThreads: 0, openFiles: 0, openSockets: 0, blockDevices: [], interfaces: [] },
}

export type SimCgroupsOptions = Readonly<{ clock: Clock; faults?: CgroupFaults; memoryTotalBytes?: number }>

export function simCgroups({ clock, faults = {}, memoryTotalBytes = 16 * 2 ** 30 }: SimCgroupsOptions): SimCgroups {
  const tree = new Map<string, Readonly<{ limits: CgroupLimits; stats: CgroupStats }>>()
  const listeners: ((path: string) => void)[] = []
  const under = (path: string): readonly string[] =>
    [...tree.keys()].filter((known) => known === path || known.startsWith(`${path}/`))
  const make = (path: string): void => {
    const parts = path.split('/').slice(1)
    for (const at of parts.keys()) {
      const parent = `/${parts.slice(0, at + 1).join('/')}`
      if (!tree.has(parent)) tree.set(parent, { limits: {}, stats: idle })
    }
  }
  return {
    async ensure(path, limits) {
      await clock.sleep(1)
      make(path)
      const known = tree.get(path)
      tree.set(path, { limits: { ...known?.limits, ...limits }, stats: known?.stats ?? idle })
      return ok(undefined)
    },
    async stats(path) {
      await clock.sleep(1)
      const known = tree.get(path)
      return known === undefined ? fail({ code: 'NotFound', message: `${path} does not exist` }) : ok(known.stats)
    },
    async detail(path) {
      await clock.sleep(1)
      const known = tree.get(path)
      if (known === undefined) return fail({ code: 'NotFound', message: `${path} does not exist` })
      const { cpuUsageNs, memoryUsageBytes, pids } = known.stats
      const threads = { processes: pids, threads: pids, mostThreads: Math.max(0, known.limits.pidsLimit ?? 0) }
      return ok({ ...nothing, cpuUserNs: cpuUsageNs, memoryMostBytes: memoryUsageBytes, ...threads })
    },
    async machine() {
      await clock.sleep(1)
      const all = [...tree.values()].map(({ stats }) => stats)
      const sum = (of: (stats: CgroupStats) => number): number => all.reduce((total, stats) => total + of(stats), 0)
      return ok({
        cpuUsageNs: sum(({ cpuUsageNs }) => cpuUsageNs),
        memoryTotalBytes,
        memoryAvailableBytes: Math.max(0, memoryTotalBytes - sum(({ memoryWorkingSetBytes }) => memoryWorkingSetBytes)),
        processes: sum(({ pids }) => pids),
        mostProcesses: 32_768,
      })
    },
    async killAll(path) {
      await clock.sleep(1)
      for (const known of under(path)) for (const listener of listeners) listener(known)
      return ok(undefined)
    },
    async remove(path) {
      await clock.sleep(1)
      if (faults.remove !== undefined) return fail(faults.remove)
      for (const known of under(path)) tree.delete(known)
      return ok(undefined)
    },
    async list(path) {
      const prefix = `${path}/`
      const below = under(path).filter((known) => known.startsWith(prefix) && !known.slice(prefix.length).includes('/'))
      return below.map((known) => known.slice(prefix.length)).sort()
    },
    setStats(path, stats) {
      make(path)
      tree.set(path, { limits: tree.get(path)?.limits ?? {}, stats })
    },
    limits: (path) => tree.get(path)?.limits,
    onKill: (listener) => void listeners.push(listener),
    crash: () => tree.clear(),
  }
}
