import type { DiskUsage } from '../../ports/disk.ts'
import { isCriticalPod } from '../critical-pod.ts'
import type { KubeletPod } from '../pod-containers.ts'
import { podRequest } from '../qos-class.ts'
import { type PodDiskUsage, sumOf } from '../usage/pod-disk-usage.ts'
import { type ScarceResource, type Signal, signals } from './threshold.ts'

/** What a pod uses of what the node has; what was not measured is absent. */
export type PodUsage = Readonly<{
  pod: KubeletPod
  /** Of its running containers, by name. */
  memoryBytes: ReadonlyMap<string, number>
  processes: number
  disk?: PodDiskUsage
}>

/** Where containers' own layers lie: with the images on a file system of their own, or with all else. */
export type DiskLayout = Readonly<{ dedicatedImageFs: boolean }>

/** Who goes first: Kubernetes' ranking for the signal. Critical pods are left out, for they are never evicted. */
export function evictionOrder(signal: Signal, usages: readonly PodUsage[], layout: DiskLayout): readonly PodUsage[] {
  const candidates = usages.filter(({ pod }) => !isCriticalPod(pod))
  const { resource } = signals[signal]
  if (resource === 'pids') return [...candidates].sort((a, b) => priority(a) - priority(b) || b.processes - a.processes)
  // Users of more than they asked for first, the less important among them first, then whoever exceeds by the most.
  const used = (usage: PodUsage): number => (resource === 'memory' ? memory(usage) : disk(usage, signal, layout))
  const exceeds = (usage: PodUsage): boolean => used(usage) > podRequest(usage.pod, resource)
  const excess = (usage: PodUsage): number =>
    used(usage) - podRequest(usage.pod, resource === 'memory' ? 'memory' : 'ephemeral-storage')
  return [...candidates].sort(
    (a, b) => Number(exceeds(b)) - Number(exceeds(a)) || priority(a) - priority(b) || excess(b) - excess(a),
  )
}

function priority({ pod }: PodUsage): number {
  return pod.spec.priority ?? 0
}

function memory({ memoryBytes }: PodUsage): number {
  return [...memoryBytes.values()].reduce((total, amount) => total + amount, 0)
}

/** Of the file system that the signal is about. */
function disk({ disk: usage }: PodUsage, signal: Signal, { dedicatedImageFs }: DiskLayout): number {
  if (usage === undefined) return 0
  const roots = usage.containers.map(({ rootfs }) => rootfs)
  const others = [...usage.containers.map(({ logs }) => logs), ...usage.volumes.values()]
  const isImageFs = signal.startsWith('imagefs.')
  const counted: readonly DiskUsage[] = !dedicatedImageFs ? [...roots, ...others] : isImageFs ? roots : others
  const { bytes, inodes } = sumOf(counted)
  return resourceOf(signal) === 'inodes' ? inodes : bytes
}

function resourceOf(signal: Signal): ScarceResource {
  return signals[signal].resource
}
