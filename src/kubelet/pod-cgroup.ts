import type { Container } from '../api/kinds.generated.ts'
import { quantityMilli, quantityNumber } from '../api/quantity.ts'
import type { CgroupResources } from '../runtime/pod-runtime.ts'
import type { KubeletConfiguration } from './configuration/kubelet-configuration.ts'
import { cpuPeriodUs, leastShares, quotaOf, sharesOf } from './cpu-shares.ts'
import { isSidecar, type KubeletPod } from './pod-containers.ts'
import { amountOf, podRequest, qosClass } from './qos-class.ts'

/** The cgroup that holds all pods. */
export const allPods = 'kubepods'

type PidsBound = Pick<KubeletConfiguration, 'podPidsLimit'>

/** The cgroup below which a pod's containers live. */
export function podCgroup(pod: KubeletPod): string {
  const qos = qosClass(pod)
  const parent = qos === 'Guaranteed' ? allPods : `${allPods}/${qos.toLowerCase()}`
  return `${parent}/pod${pod.metadata.uid}`
}

/**
 * Settings of the pod's cgroup: Kubernetes' ResourceConfigForPod. A limit counts only where every container has one. All its processes
 * together are bounded by podPidsLimit.
 */
export function podCgroupResources(pod: KubeletPod, { podPidsLimit }: PidsBound): CgroupResources {
  const pids = { pidsLimit: podPidsLimit }
  const qos = qosClass(pod)
  if (qos === 'BestEffort') return { cpuShares: leastShares, ...pids }
  const cpuLimitMilli = podLimit(pod, 'cpu')
  const memoryLimitBytes = podLimit(pod, 'memory')
  return {
    ...pids,
    cpuShares: sharesOf(podRequest(pod, 'cpu')),
    ...(isLimited(pod, 'cpu') ? { cpuPeriodUs, cpuQuotaUs: cpuLimitMilli === 0 ? -1 : quotaOf(cpuLimitMilli) } : {}),
    ...(isLimited(pod, 'memory') ? { memoryLimitBytes: memoryLimitBytes === 0 ? -1 : memoryLimitBytes } : {}),
  }
}

/** Room for what two settings allow: what a cgroup has while those inside change from one to the other. */
export function widest(a: CgroupResources, b: CgroupResources): CgroupResources {
  const cpuQuotaUs = larger(a.cpuQuotaUs, b.cpuQuotaUs)
  const memoryLimitBytes = larger(a.memoryLimitBytes, b.memoryLimitBytes)
  return {
    cpuShares: Math.max(a.cpuShares ?? leastShares, b.cpuShares ?? leastShares),
    ...(cpuQuotaUs === undefined ? {} : { cpuPeriodUs, cpuQuotaUs }),
    ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
  }
}

/** Undefined: neither is set, or only one, which is then for later. */
function larger(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return undefined
  return a < 0 || b < 0 ? -1 : Math.max(a, b)
}

function isLimited({ spec }: KubeletPod, resource: string): boolean {
  if (amountOf(spec.resources?.limits, resource).nano > 0n) return true
  return [...spec.containers, ...(spec.initContainers ?? [])].every(
    ({ resources }) => amountOf(resources?.limits, resource).nano > 0n,
  )
}

/** The sum of its containers' limits as podRequest sums requests, or the pod's own; its overhead comes on top where there is a limit. */
export function podLimit({ spec }: KubeletPod, resource: 'cpu' | 'memory'): number {
  const amount = (amounts: Readonly<Record<string, string>> | undefined): number => {
    const quantity = amountOf(amounts, resource)
    return resource === 'cpu' ? Number(quantityMilli(quantity)) : quantityNumber(quantity)
  }
  const of = ({ resources }: Container): number => amount(resources?.limits)
  const { containers, initContainers = [], overhead, resources } = spec
  let sidecars = 0
  let largestInit = 0
  for (const container of initContainers) {
    if (isSidecar(container)) sidecars += of(container)
    largestInit = Math.max(largestInit, isSidecar(container) ? sidecars : sidecars + of(container))
  }
  const running = containers.reduce((sum, container) => sum + of(container), sidecars)
  const own = amount(resources?.limits)
  const whole = own > 0 ? own : Math.max(running, largestInit)
  return whole === 0 ? 0 : whole + amount(overhead)
}
