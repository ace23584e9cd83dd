import { type Quantity, quantityOfUnits } from '../../api/quantity.ts'
import type { DiskSpace } from '../../ports/disk.ts'
import type { Observation, Observations, Signal } from '../eviction/threshold.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import { podsLimits } from '../node/node-allocatable.ts'
import { allPods } from '../pod-cgroup.ts'

export type NodeObservations = Readonly<{ observations: Observations; dedicatedImageFs: boolean }>

/** What is available on the node right now, by the signals of eviction. What the machine does not tell is left out. */
export async function observeNode({
  runtime,
  disk,
  config,
}: Pick<KubeletDeps, 'runtime' | 'disk' | 'config'>): Promise<NodeObservations> {
  const [machine, pods, nodeFs, imageFs] = await Promise.all([
    runtime.machineUsage(),
    runtime.cgroupUsage(allPods),
    disk.space(config.rootDirectory),
    runtime.imageFileSystem(),
  ])
  const observations = new Map<Signal, Observation>()
  if (machine !== undefined) {
    const { memoryAvailableBytes, memoryTotalBytes, mostProcesses, processes } = machine
    observations.set('memory.available', {
      available: bytes(memoryAvailableBytes),
      capacity: bytes(memoryTotalBytes),
    })
    observations.set('pid.available', {
      available: quantityOfUnits(mostProcesses - processes),
      capacity: quantityOfUnits(mostProcesses),
    })
  }
  const limitBytes = podsLimits(config).memoryLimitBytes ?? config.capacity.memoryBytes
  if (pods !== undefined) {
    observations.set('allocatableMemory.available', {
      available: bytes(Math.max(0, limitBytes - pods.memoryWorkingSetBytes)),
      capacity: bytes(limitBytes),
    })
  }
  addFileSystem(observations, 'nodefs', nodeFs)
  addFileSystem(observations, 'imagefs', imageFs)
  return { observations, dedicatedImageFs: imageFs.device !== nodeFs.device }
}

function addFileSystem(observations: Map<Signal, Observation>, name: 'nodefs' | 'imagefs', space: DiskSpace): void {
  const { freeBytes, totalBytes, freeInodes, totalInodes } = space
  observations.set(`${name}.available`, { available: bytes(freeBytes), capacity: bytes(totalBytes) })
  // Some file systems have as many inodes as there is room for.
  if (totalInodes > 0)
    observations.set(`${name}.inodesFree`, {
      available: quantityOfUnits(freeInodes),
      capacity: quantityOfUnits(totalInodes),
    })
}

function bytes(amount: number): Quantity {
  return quantityOfUnits(amount, 'BinarySI')
}
