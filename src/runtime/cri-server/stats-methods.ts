import { ok } from '../../api/result.ts'
import type {
  containerStats,
  containerStatsFilter,
  cpuUsage,
  memoryUsage,
  networkUsage,
  podSandboxStats,
  podSandboxStatsFilter,
  runtimeService,
} from '../../api/rpc/cri.generated.ts'
import type { Received, Sent } from '../../api/rpc/message.ts'
import type { RpcHandlers } from '../../client/rpc.ts'
import type { DiskUsage } from '../../ports/disk.ts'
import type { ContainerRecord, SandboxRecord } from '../engine/engine-record.ts'
import type { CgroupUsage, ContainerStats } from '../pod-runtime.ts'
import { type CriContext, nanoseconds } from './cri-context.ts'
import { refuse } from './cri-failure.ts'
import { containerRecord, containers, sandboxes, sandboxRecord } from './lookup.ts'
import { labelsPass, podMetadata } from './sandbox-messages.ts'

type Methods = (typeof runtimeService)['methods']
type Stats = Sent<typeof containerStats>

export function statsMethods(context: CriContext): RpcHandlers<Methods> {
  return {
    async ContainerStats({ containerId }) {
      const found = containerRecord(context, containerId)
      if (!found.ok) return found
      const [stats] = await statsOf(context, [found.value])
      return stats === undefined
        ? refuse('NotFound', `failed to fetch metrics for task: container "${containerId}" is not running: not found`)
        : ok({ stats })
    },
    async ListContainerStats({ filter }) {
      return ok({ stats: await statsOf(context, containersPassing(context, filter)) })
    },
    async *StreamContainerStats({ filter }) {
      yield ok({ containerStats: await statsOf(context, containersPassing(context, filter)) })
    },
    async PodSandboxStats({ podSandboxId }) {
      const found = sandboxRecord(context, podSandboxId)
      if (!found.ok) return found
      return ok({ stats: await podStatsOf(context, found.value) })
    },
    async ListPodSandboxStats({ filter }) {
      return ok({ stats: await podStats(context, filter) })
    },
    async *StreamPodSandboxStats({ filter }) {
      yield ok({ podSandboxStats: await podStats(context, filter) })
    },
  }
}

function containersPassing(
  context: CriContext,
  filter: Received<typeof containerStatsFilter> | undefined,
): readonly ContainerRecord[] {
  return containers(context).filter(
    ({ id, sandboxId, spec }) =>
      filter === undefined ||
      (id.startsWith(filter.id) &&
        sandboxId.startsWith(filter.podSandboxId) &&
        labelsPass(filter.labelSelector, spec.labels)),
  )
}

/** Of those that run. */
async function statsOf(
  { engine, settings }: CriContext,
  wanted: readonly ContainerRecord[],
): Promise<readonly Stats[]> {
  const usage = new Map((await engine.stats()).map((stats) => [stats.containerId, stats]))
  const told = await Promise.all(
    wanted.map(async (record) => {
      const stats = usage.get(record.id)
      if (stats === undefined) return []
      return [statsMessage(record, stats, await engine.writableLayer(record.id), settings.imageDirectory)]
    }),
  )
  return told.flat()
}

function statsMessage(
  { id, spec }: ContainerRecord,
  stats: ContainerStats,
  layer: DiskUsage | undefined,
  mountpoint: string,
): Stats {
  return {
    attributes: {
      id,
      metadata: { name: spec.name, attempt: spec.attempt },
      labels: spec.labels,
      annotations: spec.annotations,
    },
    cpu: cpuMessage(stats),
    memory: memoryMessage(stats, spec.resources.memoryLimitBytes),
    ...(layer === undefined
      ? {}
      : {
          writableLayer: {
            timestamp: nanoseconds(stats.atMs),
            fsId: { mountpoint },
            usedBytes: { value: layer.bytes },
            inodesUsed: { value: layer.inodes },
          },
        }),
  }
}

function cpuMessage({ atMs, cpuUsageNs }: CgroupUsage): Sent<typeof cpuUsage> {
  return { timestamp: nanoseconds(atMs), usageCoreNanoSeconds: { value: cpuUsageNs } }
}

/** Available is what the limit leaves; without one, nobody can say. */
function memoryMessage(usage: CgroupUsage, limitBytes = 0): Sent<typeof memoryUsage> {
  const { atMs, memoryUsageBytes, memoryWorkingSetBytes, memoryRssBytes } = usage
  return {
    timestamp: nanoseconds(atMs),
    workingSetBytes: { value: memoryWorkingSetBytes },
    usageBytes: { value: memoryUsageBytes },
    rssBytes: { value: memoryRssBytes },
    ...(limitBytes > 0 ? { availableBytes: { value: Math.max(0, limitBytes - memoryWorkingSetBytes) } } : {}),
  }
}

/** As a container that runs sees it; the machine's own is no pod's. */
async function networkMessage(
  { engine, clock }: CriContext,
  own: readonly ContainerRecord[],
): Promise<Sent<typeof networkUsage> | undefined> {
  const seen = await engine.usageDetail(own.find(({ state }) => state === 'running')?.id ?? '')
  const [first, ...others] = (seen?.interfaces ?? []).map(
    ({ name, receivedBytes, receiveErrors, sentBytes, sendErrors }) => ({
      name,
      rxBytes: { value: receivedBytes },
      rxErrors: { value: receiveErrors },
      txBytes: { value: sentBytes },
      txErrors: { value: sendErrors },
    }),
  )
  if (first === undefined) return undefined
  return { timestamp: nanoseconds(clock.nowMs()), defaultInterface: first, interfaces: others }
}

async function podStats(
  context: CriContext,
  filter: Received<typeof podSandboxStatsFilter> | undefined,
): Promise<readonly Sent<typeof podSandboxStats>[]> {
  const passing = sandboxes(context).filter(
    ({ id, state, spec }) =>
      state === 'ready' &&
      (filter === undefined || (id.startsWith(filter.id) && labelsPass(filter.labelSelector, spec.labels))),
  )
  return Promise.all(passing.map((record) => podStatsOf(context, record)))
}

async function podStatsOf(context: CriContext, record: SandboxRecord): Promise<Sent<typeof podSandboxStats>> {
  const { engine } = context
  const { id, spec } = record
  const own = containers(context).filter(({ sandboxId }) => sandboxId === id)
  const [usage, stats, network] = await Promise.all([
    engine.cgroupUsage(spec.cgroupParent),
    statsOf(context, own),
    spec.hostNetwork ? undefined : networkMessage(context, own),
  ])
  return {
    attributes: { id, metadata: podMetadata(record), labels: spec.labels, annotations: spec.annotations },
    linux: {
      containers: stats,
      ...(network === undefined ? {} : { network }),
      ...(usage === undefined
        ? {}
        : {
            cpu: cpuMessage(usage),
            memory: memoryMessage(usage),
            process: { timestamp: nanoseconds(usage.atMs), processCount: { value: usage.pids } },
          }),
    },
  }
}
