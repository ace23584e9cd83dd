import type { Container, ResourceRequirements } from '../api/kinds.generated.ts'
import {
  compareQuantities,
  type Quantity,
  quantity,
  quantityMilli,
  quantityNumber,
  zeroQuantity,
} from '../api/quantity.ts'
import { isSidecar, type KubeletPod } from './pod-containers.ts'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

type Resources = Pick<ResourceRequirements, 'limits' | 'requests'>

const computeResources = ['cpu', 'memory'] as const

/** The amount of a resource; zero where it is not named. */
export function amountOf(amounts: Readonly<Record<string, string>> | undefined, resource: string): Quantity {
  const text = amounts?.[resource]
  return text === undefined ? zeroQuantity : quantity(text)
}

/** Guaranteed: every container limits CPU and memory and requests just that. BestEffort: none names any. */
export function qosClass(pod: KubeletPod): QosClass {
  const { spec, status } = pod
  if (status.qosClass === 'Guaranteed' || status.qosClass === 'Burstable' || status.qosClass === 'BestEffort')
    return status.qosClass
  const all: readonly Resources[] =
    spec.resources === undefined
      ? [...spec.containers, ...(spec.initContainers ?? [])].map(({ resources = {} }) => resources)
      : [spec.resources]
  const named = all.some((resources) => computeResources.some((name) => isNamed(resources, name)))
  if (!named) return 'BestEffort'
  return all.every((resources) => computeResources.every((name) => isGuaranteed(resources, name)))
    ? 'Guaranteed'
    : 'Burstable'
}

function isNamed({ limits, requests }: Resources, name: string): boolean {
  return amountOf(limits, name).nano > 0n || amountOf(requests, name).nano > 0n
}

function isGuaranteed({ limits, requests }: Resources, name: string): boolean {
  const limit = amountOf(limits, name)
  if (limit.nano <= 0n) return false
  return requests?.[name] === undefined || compareQuantities(limit, amountOf(requests, name)) === 0
}

/**
 * What the scheduler and the kubelet count a pod with, in milli-units for cpu and units for others: its containers together with its
 * sidecars, or the largest of its init containers with the sidecars before it, and its overhead.
 */
export function podRequest(pod: KubeletPod, resource: string): number {
  const of = ({ resources }: Container): number => {
    const amount = amountOf(resources?.requests, resource)
    return resource === 'cpu' ? Number(quantityMilli(amount)) : Math.ceil(quantityNumber(amount))
  }
  const { containers, initContainers = [], overhead, resources } = pod.spec
  let sidecars = 0
  let largestInit = 0
  for (const container of initContainers) {
    if (isSidecar(container)) sidecars += of(container)
    largestInit = Math.max(largestInit, isSidecar(container) ? sidecars : sidecars + of(container))
  }
  const running = containers.reduce((sum, container) => sum + of(container), sidecars)
  const extra = amountOf(overhead, resource)
  const overheadAmount = resource === 'cpu' ? Number(quantityMilli(extra)) : quantityNumber(extra)
  const whole =
    resources?.requests?.[resource] === undefined ? Math.max(running, largestInit) : of({ name: '', resources })
  return whole + overheadAmount
}
