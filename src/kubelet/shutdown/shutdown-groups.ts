import { durationMs, type KubeletConfiguration } from '../configuration/kubelet-configuration.ts'
import { criticalPriority } from '../critical-pod.ts'
import type { KubeletPod } from '../pod-containers.ts'

/** Pods from this priority on, up to that of the next period, are given this time to end. */
export type ShutdownPeriod = Readonly<{ priority: number; shutdownGracePeriodSeconds: number }>

type ShutdownFields = Pick<
  KubeletConfiguration,
  'shutdownGracePeriod' | 'shutdownGracePeriodCriticalPods' | 'shutdownGracePeriodByPodPriority'
>

/** In the order in which pods are ended: the least important first. Empty: pods outlive the process. */
export function shutdownPeriods(configuration: ShutdownFields): readonly ShutdownPeriod[] {
  const byPriority = configuration.shutdownGracePeriodByPodPriority
  if (byPriority.length > 0) return [...byPriority].sort((a, b) => a.priority - b.priority)
  const wholeSeconds = Math.trunc(durationMs(configuration.shutdownGracePeriod) / 1000)
  const criticalSeconds = Math.trunc(durationMs(configuration.shutdownGracePeriodCriticalPods) / 1000)
  if (wholeSeconds === 0) return []
  return [
    { priority: 0, shutdownGracePeriodSeconds: wholeSeconds - criticalSeconds },
    { priority: criticalPriority, shutdownGracePeriodSeconds: criticalSeconds },
  ]
}

/** How long all of it may take. */
export function shutdownSeconds(configuration: ShutdownFields): number {
  return shutdownPeriods(configuration).reduce((sum, { shutdownGracePeriodSeconds: seconds }) => sum + seconds, 0)
}

/** Kubernetes' groupByPriority: pods below the lowest priority belong to the first period. Periods without pods are left out. */
export function shutdownGroups(
  periods: readonly ShutdownPeriod[],
  pods: readonly KubeletPod[],
): readonly Readonly<{ seconds: number; pods: readonly KubeletPod[] }>[] {
  const groups = periods.map(({ shutdownGracePeriodSeconds: seconds }) => ({ seconds, pods: [] as KubeletPod[] }))
  for (const pod of pods) {
    const priority = pod.spec.priority ?? 0
    const at = periods.findLastIndex((period) => period.priority <= priority)
    groups[Math.max(0, at)]?.pods.push(pod)
  }
  return groups.filter((group) => group.pods.length > 0)
}
