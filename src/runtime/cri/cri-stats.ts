import type { DiskSpace, DiskUsage } from '../../ports/disk.ts'
import type { ContainerStats } from '../pod-runtime.ts'
import { rpcMessage } from './cri-client.ts'
import type { CriContext } from './cri-context.ts'
import { clusterLabel, millisecondsOf } from './cri-sandbox.ts'

/** Of the containers that run. How many processes they have, the CRI does not tell: their cgroups do, where there are any. */
export async function criStats(context: CriContext): Promise<readonly ContainerStats[]> {
  const { client, state, name, log } = context
  const filter = { labelSelector: { [clusterLabel]: name } }
  const answer = await client.runtime.ListContainerStats({ filter })
  if (!answer.ok) {
    log.warn('the container runtime does not tell what containers use', { message: rpcMessage(answer.error) })
    return []
  }
  const all = await Promise.all(
    answer.value.stats.map(async ({ attributes, cpu, memory }): Promise<readonly ContainerStats[]> => {
      const containerId = attributes?.id ?? ''
      if (state.containers.get(containerId)?.state !== 'running' || cpu === undefined) return []
      const memoryWorkingSetBytes = memory?.workingSetBytes?.value ?? 0
      return [
        {
          containerId,
          cpuUsageNs: cpu.usageCoreNanoSeconds?.value ?? 0,
          memoryUsageBytes: memory?.usageBytes?.value ?? memoryWorkingSetBytes,
          memoryWorkingSetBytes,
          memoryRssBytes: memory?.rssBytes?.value ?? 0,
          pids: await processesOf(context, containerId),
          atMs: millisecondsOf(cpu.timestamp),
        },
      ]
    }),
  )
  return all.flat()
}

async function processesOf({ state, cgroups, cgroupPath }: CriContext, containerId: string): Promise<number> {
  const sandbox = state.sandboxes.get(state.containers.get(containerId)?.sandboxId ?? '')
  const stats = await cgroups.stats(cgroupPath(`${sandbox?.spec.cgroupParent}/${containerId}`))
  return stats.ok ? stats.value.pids : 0
}

export async function criWritableLayer({ client }: CriContext, containerId: string): Promise<DiskUsage | undefined> {
  const answer = await client.runtime.ContainerStats({ containerId })
  const layer = answer.ok ? answer.value.stats?.writableLayer : undefined
  if (layer === undefined) return undefined
  return { bytes: layer.usedBytes?.value ?? 0, inodes: layer.inodesUsed?.value ?? 0 }
}

/** Where the runtime says that its images are; the root's where it does not. */
export async function criImageFileSystem({ client, disk }: CriContext): Promise<DiskSpace> {
  const answer = await client.images.ImageFsInfo({})
  const mountpoint = answer.ok ? answer.value.imageFilesystems[0]?.fsId?.mountpoint : undefined
  return disk.space(mountpoint !== undefined && (await disk.exists(mountpoint)) ? mountpoint : '/')
}
