import { timestampOf } from '../../api/wire-time.ts'
import type { HttpResponse } from '../../ports/http.ts'
import type { Container, ContainerStats } from '../../runtime/pod-runtime.ts'
import { jsonAnswer } from '../../runtime/streaming/plain-answer.ts'
import { podsLimits } from '../node/node-allocatable.ts'
import { allPods } from '../pod-cgroup.ts'
import type { UsageSample } from '../usage-sampler.ts'
import type { ServerContext } from './server-context.ts'
import { type StorageStats, storageStats } from './storage-stats.ts'

type Measured = Readonly<{ container: Container; stats: ContainerStats; nanoCores: number | undefined }>

/**
 * GET /stats/summary: what the node and its pods use now. A header tells over which time processors were watched. With
 * only_cpu_and_memory the rest is not measured.
 */
export async function statsSummary(context: ServerContext, query: URLSearchParams): Promise<HttpResponse> {
  const sample = await context.usage()
  const isShort = query.get('only_cpu_and_memory') === 'true'
  const answer = jsonAnswer(await summaryOf(context, sample, isShort))
  return { ...answer, headers: { ...answer.headers, 'x-window-ms': String(sample.windowMs) } }
}

async function summaryOf(context: ServerContext, sample: UsageSample, isShort: boolean): Promise<unknown> {
  const { deps } = context
  const byPod = new Map<string, Measured[]>()
  for (const entry of measuredOf(deps.runtime, sample)) {
    const { uid } = entry.container.pod
    byPod.set(uid, [...(byPod.get(uid) ?? []), entry])
  }
  const time = timestampOf(deps.clock.nowMs())
  const storage = isShort ? undefined : await storageStats(context, time)
  return {
    node: {
      nodeName: deps.config.nodeName,
      startTime: context.startTime,
      ...machineUsage(sample, time),
      ...storage?.node,
      systemContainers: await systemContainers(context, time),
    },
    pods: await Promise.all([...byPod.values()].map((entries) => podSummary(entries, time, storage))),
  }
}

async function podSummary(entries: readonly Measured[], time: string, storage: StorageStats | undefined) {
  const { name, namespace, uid } = entries[0]?.container.pod ?? { name: '', namespace: '', uid: '' }
  const { containers = new Map(), ...whole } = (await storage?.pod(uid)) ?? {}
  return {
    podRef: { name, namespace, uid },
    startTime: timestampOf(Math.min(...entries.map(({ container }) => container.startedAtMs ?? 0))),
    containers: entries.map((entry) => ({
      name: entry.container.name,
      startTime: timestampOf(entry.container.startedAtMs ?? 0),
      ...usage([entry], time),
      ...containers.get(entry.container.name),
    })),
    ...usage(entries, time),
    ...whole,
    process_stats: { process_count: entries.reduce((sum, { stats }) => sum + stats.pids, 0) },
  }
}

/** All pods together, under the name that the original gives them. */
async function systemContainers({ deps, startTime }: ServerContext, time: string) {
  const pods = await deps.runtime.cgroupUsage(allPods)
  if (pods === undefined) return []
  const { cpuUsageNs, memoryUsageBytes, memoryWorkingSetBytes, memoryRssBytes } = pods
  const limitBytes = podsLimits(deps.config).memoryLimitBytes ?? deps.config.capacity.memoryBytes
  return [
    {
      name: 'pods',
      startTime,
      cpu: { time, usageCoreNanoSeconds: cpuUsageNs },
      memory: {
        time,
        availableBytes: Math.max(0, limitBytes - memoryWorkingSetBytes),
        usageBytes: memoryUsageBytes,
        workingSetBytes: memoryWorkingSetBytes,
        rssBytes: memoryRssBytes,
      },
    },
  ]
}

type Deps = ServerContext['deps']

function measuredOf(runtime: Deps['runtime'], sample: UsageSample): readonly Measured[] {
  const containers = new Map(runtime.containers().map((container) => [container.id, container]))
  return sample.containers.flatMap((stats) => {
    const container = containers.get(stats.containerId)
    return container === undefined ? [] : [{ container, stats, nanoCores: sample.nanoCores.get(stats.containerId) }]
  })
}

function machineUsage({ machine, machineNanoCores }: UsageSample, time: string) {
  if (machine === undefined) return {}
  const { cpuUsageNs, memoryTotalBytes, memoryAvailableBytes, processes, mostProcesses } = machine
  return {
    cpu: { time, usageNanoCores: machineNanoCores, usageCoreNanoSeconds: cpuUsageNs },
    memory: {
      time,
      availableBytes: memoryAvailableBytes,
      usageBytes: memoryTotalBytes - memoryAvailableBytes,
      workingSetBytes: memoryTotalBytes - memoryAvailableBytes,
    },
    rlimit: { time, maxpid: mostProcesses, curproc: processes },
  }
}

function usage(all: readonly Measured[], time: string) {
  const sum = (of: (stats: ContainerStats) => number): number => all.reduce((total, { stats }) => total + of(stats), 0)
  const rates = all.flatMap(({ nanoCores }) => nanoCores ?? [])
  const usageNanoCores = rates.reduce((total, rate) => total + rate, 0)
  return {
    cpu: {
      time,
      ...(rates.length === 0 ? {} : { usageNanoCores }),
      usageCoreNanoSeconds: sum(({ cpuUsageNs }) => cpuUsageNs),
    },
    memory: {
      time,
      usageBytes: sum(({ memoryUsageBytes }) => memoryUsageBytes),
      workingSetBytes: sum(({ memoryWorkingSetBytes }) => memoryWorkingSetBytes),
      rssBytes: sum(({ memoryRssBytes }) => memoryRssBytes),
    },
  }
}
