import { canonicalQuantity, quantityNumber, quantityOfUnits } from '../../api/quantity.ts'
import type { KubeletPod } from '../pod-containers.ts'
import { amountOf, podRequest } from '../qos-class.ts'

/** Kubernetes' hard threshold of memory.available. */
export const leastAvailableMemoryBytes = 100 * 2 ** 20

/** Priority from which a pod is critical, and is never evicted. */
const criticalPriority = 2_000_000_000

/** What a pod's containers use, by their names. */
export type PodUsage = Readonly<{ pod: KubeletPod; memoryBytes: ReadonlyMap<string, number> }>

/**
 * Who goes first when memory runs short: Kubernetes' rankMemoryPressure. Pods that use more than they asked for before those that do not,
 * the less important before the more important, then whoever exceeds its request by the most. Critical pods are left out.
 */
export function evictionOrder(usages: readonly PodUsage[]): readonly PodUsage[] {
  const excess = ({ pod, memoryBytes }: PodUsage): number => sum(memoryBytes) - podRequest(pod, 'memory')
  const priority = ({ pod }: PodUsage): number => pod.spec.priority ?? 0
  return usages
    .filter((usage) => priority(usage) < criticalPriority)
    .sort((a, b) => Number(excess(b) > 0) - Number(excess(a) > 0) || priority(a) - priority(b) || excess(b) - excess(a))
}

function sum(amounts: ReadonlyMap<string, number>): number {
  return [...amounts.values()].reduce((total, amount) => total + amount, 0)
}

/** What the evicted pod's status and event say. */
export function evictionMessage({ pod, memoryBytes }: PodUsage, availableBytes: number): string {
  const threshold = `Threshold quantity: ${bytes(leastAvailableMemoryBytes)}, available: ${bytes(availableBytes)}. `
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(({ name, resources }) => {
    const usedBytes = memoryBytes.get(name)
    const request = amountOf(resources?.requests, 'memory')
    if (usedBytes === undefined || usedBytes <= quantityNumber(request)) return []
    return [
      `Container ${name} was using ${bytes(usedBytes)}, request is ${canonicalQuantity(request)}, has larger consumption of memory. `,
    ]
  })
  return `The node was low on resource: memory. ${threshold}${containers.join('')}`
}

function bytes(amount: number): string {
  return canonicalQuantity(quantityOfUnits(amount, 'BinarySI'))
}
