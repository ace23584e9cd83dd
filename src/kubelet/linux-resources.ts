import type { Container } from '../api/kinds.generated.ts'
import { quantityMilli, quantityNumber } from '../api/quantity.ts'
import type { LinuxResources } from '../runtime/pod-runtime.ts'
import type { KubeletPod } from './pod-containers.ts'
import { amountOf, qosClass } from './qos-class.ts'

const cpuPeriodUs = 100_000
const leastQuotaUs = 1_000
const leastShares = 2
const mostShares = 262_144

/** Priority from which a pod is critical to its node. */
const systemCriticalPriority = 2_000_000_000

/** A container's cgroup settings: weight from the CPU request, quota from the limit, as Kubernetes computes them. */
export function linuxResources(pod: KubeletPod, container: Container, nodeMemoryBytes: number): LinuxResources {
  const { limits, requests } = container.resources ?? {}
  const podLimits = pod.spec.resources?.limits
  const cpuLimitMilli = Number(quantityMilli(amountOf(limits?.cpu === undefined ? podLimits : limits, 'cpu')))
  const memoryLimitBytes = quantityNumber(amountOf(limits?.memory === undefined ? podLimits : limits, 'memory'))
  const cpuRequestMilli = Number(quantityMilli(amountOf(requests, 'cpu')))
  return {
    // A limit without a request counts as one.
    cpuShares: sharesOf(requests?.cpu === undefined ? cpuLimitMilli : cpuRequestMilli),
    ...(cpuLimitMilli === 0 ? {} : { cpuPeriodUs, cpuQuotaUs: quotaOf(cpuLimitMilli) }),
    ...(memoryLimitBytes === 0 ? {} : { memoryLimitBytes }),
    oomScoreAdj: oomScoreAdjust(pod, container, nodeMemoryBytes),
  }
}

function quotaOf(milli: number): number {
  return Math.max(leastQuotaUs, Math.floor((milli * cpuPeriodUs) / 1000))
}

function sharesOf(milli: number): number {
  return Math.min(mostShares, Math.max(leastShares, Math.floor((milli * 1024) / 1000)))
}

/** How readily the kernel kills it: the less memory it asked for, the more readily, between 3 and 999 for Burstable pods. */
export function oomScoreAdjust(pod: KubeletPod, container: Container, nodeMemoryBytes: number): number {
  if ((pod.spec.priority ?? 0) >= systemCriticalPriority) return -997
  switch (qosClass(pod)) {
    case 'Guaranteed':
      return -997
    case 'BestEffort':
      return 1000
    case 'Burstable': {
      const requestBytes = quantityNumber(amountOf(container.resources?.requests, 'memory'))
      const score = 1000 - Math.floor((1000 * requestBytes) / nodeMemoryBytes)
      if (score < 1000 - 997) return 1000 - 997
      return score === 1000 ? score - 1 : score
    }
  }
}

/** The cgroup below which a pod's containers live. */
export function podCgroup(pod: KubeletPod): string {
  const qos = qosClass(pod)
  const parent = qos === 'Guaranteed' ? 'kubepods' : `kubepods/${qos.toLowerCase()}`
  return `${parent}/pod${pod.metadata.uid}`
}
