import type { Container } from '../api/kinds.generated.ts'
import { quantityNumber } from '../api/quantity.ts'
import type { LinuxResources } from '../runtime/pod-runtime.ts'
import { type ContainerAmounts, containerAmounts } from './container-amounts.ts'
import { cpuPeriodUs, quotaOf, sharesOf } from './cpu-shares.ts'
import { isInitContainer, isSidecar, type KubeletPod } from './pod-containers.ts'
import { amountOf, podRequest, qosClass } from './qos-class.ts'

/** Priority from which a pod is critical to its node. */
const systemCriticalPriority = 2_000_000_000

/** A container's cgroup settings: weight from the CPU request, quota from the limit, as Kubernetes computes them. */
export function linuxResources(pod: KubeletPod, container: Container, nodeMemoryBytes: number): LinuxResources {
  const amounts = containerAmounts(pod.spec.resources, container.resources)
  return { ...amountSettings(amounts), oomScoreAdj: oomScoreAdjust(pod, container, nodeMemoryBytes) }
}

export function amountSettings(amounts: ContainerAmounts): Omit<LinuxResources, 'oomScoreAdj'> {
  const { cpuRequestMilli, cpuLimitMilli, memoryLimitBytes } = amounts
  return {
    // A limit without a request counts as one.
    cpuShares: sharesOf(cpuRequestMilli === 0 ? cpuLimitMilli : cpuRequestMilli),
    ...(cpuLimitMilli === 0 ? {} : { cpuPeriodUs, cpuQuotaUs: quotaOf(cpuLimitMilli) }),
    ...(memoryLimitBytes === 0 ? {} : { memoryLimitBytes }),
  }
}

/**
 * How readily the kernel kills it: the less memory it asked for, the more readily, between 3 and 999 for Burstable pods. What the pod asks
 * for beyond its containers counts for each in equal parts; a sidecar lives no shorter than those it serves.
 */
export function oomScoreAdjust(pod: KubeletPod, container: Container, nodeMemoryBytes: number): number {
  if ((pod.spec.priority ?? 0) >= systemCriticalPriority) return -997
  switch (qosClass(pod)) {
    case 'Guaranteed':
      return -997
    case 'BestEffort':
      return 1000
    case 'Burstable': {
      const extraBytes = sharedRequestBytes(pod)
      const scoreOf = (bytes: number): number => 1000 - Math.floor((1000 * (bytes + extraBytes)) / nodeMemoryBytes)
      const own = scoreOf(requestBytes(container))
      const served = scoreOf(Math.min(...pod.spec.containers.map(requestBytes)))
      const score = isSidecar(container) && isInitContainer(pod, container.name) ? Math.min(own, served) : own
      if (score < 1000 - 997) return 1000 - 997
      return score === 1000 ? score - 1 : score
    }
  }
}

function requestBytes({ resources }: Container): number {
  return quantityNumber(amountOf(resources?.requests, 'memory'))
}

/** What the pod as a whole requests beyond its containers, divided among all of them. */
function sharedRequestBytes(pod: KubeletPod): number {
  const { resources, overhead: _, ...spec } = pod.spec
  const wholeBytes = quantityNumber(amountOf(resources?.requests, 'memory'))
  if (wholeBytes === 0) return 0
  const leftBytes = wholeBytes - podRequest({ ...pod, spec }, 'memory')
  return Math.trunc(leftBytes / (spec.containers.length + (spec.initContainers?.length ?? 0)))
}
