import type { DiskSpace, DiskUsage } from '../../ports/disk.ts'
import type { LinkCounters } from '../../ports/links.ts'
import { ephemeralStorage, type PodDiskUsage } from '../usage/pod-disk-usage.ts'
import type { VolumeUsage } from '../usage/volume-usage.ts'
import type { ServerContext } from './server-context.ts'

/** What of the summary is about disks and networks. */
export type StorageStats = Readonly<{
  /** Of the node. */
  node: Readonly<Record<string, unknown>>
  /** Of a pod: fields of its own, and those of its containers by name. Undefined: it is not known. */
  pod(uid: string): Promise<PodStorage | undefined>
}>

type PodStorage = Readonly<Record<string, unknown>> &
  Readonly<{ containers: ReadonlyMap<string, Readonly<Record<string, unknown>>> }>

export async function storageStats(
  { deps, pods, diskUsage, volumeUsage }: ServerContext,
  time: string,
): Promise<StorageStats> {
  const { disk, runtime, config } = deps
  const [nodeFs, imageFs, images, network] = await Promise.all([
    disk.space(config.rootDirectory),
    runtime.imageFileSystem(),
    runtime.listImages(),
    deps.networkUsage(),
  ])
  const imageBytes = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return {
    node: {
      fs: wholeFs(nodeFs, time),
      runtime: {
        imageFs: { ...wholeFs(imageFs, time), usedBytes: imageBytes },
        containerFs: wholeFs(imageFs, time),
      },
    },
    async pod(uid) {
      const pod = pods.pods().find(({ metadata }) => metadata.uid === uid)
      if (pod === undefined) return undefined
      const used = await diskUsage(pod)
      const sandbox = runtime.sandboxes().find((one) => one.pod.uid === uid && network.has(one.id))
      const counters = network.get(sandbox?.id ?? '')
      return {
        ...(counters === undefined ? {} : { network: networkStats(counters, time) }),
        volume: [
          ...[...used.volumes].map(([name, usage]) => ({ name, ...partFs(nodeFs, usage, time) })),
          ...(await volumeUsage(pod)).map((one) => volumeFs(one, time)),
        ],
        'ephemeral-storage': partFs(nodeFs, ephemeralStorage(used), time),
        containers: containerFs(used, nodeFs, imageFs, time),
      }
    },
  }
}

function containerFs(
  { containers }: PodDiskUsage,
  nodeFs: DiskSpace,
  imageFs: DiskSpace,
  time: string,
): PodStorage['containers'] {
  return new Map(
    containers.map(({ name, rootfs, logs }) => [
      name,
      { rootfs: partFs(imageFs, rootfs, time), logs: partFs(nodeFs, logs, time) },
    ]),
  )
}

function wholeFs(space: DiskSpace, time: string) {
  const { freeBytes, totalBytes, freeInodes, totalInodes } = space
  return partFs(space, { bytes: totalBytes - freeBytes, inodes: totalInodes - freeInodes }, time)
}

/** A part of a file system: what is free is so for all of its parts. */
function partFs(space: DiskSpace, used: DiskUsage, time: string) {
  return {
    time,
    availableBytes: space.freeBytes,
    capacityBytes: space.totalBytes,
    usedBytes: used.bytes,
    inodesFree: space.freeInodes,
    inodes: space.totalInodes,
    inodesUsed: used.inodes,
  }
}

function volumeFs({ name, claim, space }: VolumeUsage, time: string) {
  return { time, ...space, name, ...(claim && { pvcRef: claim }) }
}

function networkStats({ receivedBytes, receiveErrors, sentBytes, sendErrors }: LinkCounters, time: string) {
  const own = {
    name: 'eth0',
    rxBytes: receivedBytes,
    rxErrors: receiveErrors,
    txBytes: sentBytes,
    txErrors: sendErrors,
  }
  return { time, ...own, interfaces: [own] }
}
