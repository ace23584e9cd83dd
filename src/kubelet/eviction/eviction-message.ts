import { canonicalQuantity, compareQuantities, type Quantity, quantityOfUnits } from '../../api/quantity.ts'
import { amountOf } from '../qos-class.ts'
import type { PodUsage } from './eviction-rank.ts'
import { type Observations, type ScarceResource, signals, type Threshold, valueQuantity } from './threshold.ts'

export type EvictionText = Readonly<{ message: string; annotations: Readonly<Record<string, string>> }>

/** What the evicted pod's status and event say: the original's evictionMessage. */
export function evictionMessage(
  resource: ScarceResource,
  usage: PodUsage,
  due: readonly Threshold[],
  observations: Observations,
): EvictionText {
  const parts = [`The node was low on resource: ${resource}. `, thresholdPart(resource, due, observations)]
  const annotations: Record<string, string> = {}
  const { pod } = usage
  const requested = pod.spec.resources?.requests?.[resource]
  if (resource === 'memory' && requested !== undefined) {
    const used = text(bytes([...usage.memoryBytes.values()].reduce((sum, one) => sum + one, 0)))
    const request = text(amountOf(pod.spec.resources?.requests, resource))
    parts.push(consumption('Pod', pod.metadata.name, used, request, resource))
    annotations.offending_pod = pod.metadata.name
    annotations.offending_pod_usage = used
  }
  const offending = offendingContainers(resource, usage)
  for (const { name, used, request } of offending) parts.push(consumption('Container', name, used, request, resource))
  annotations.offending_containers = offending.map(({ name }) => name).join(',')
  annotations.offending_containers_usage = offending.map(({ used }) => used).join(',')
  annotations.starved_resource = resource
  return { message: parts.join(''), annotations }
}

function thresholdPart(resource: ScarceResource, due: readonly Threshold[], observations: Observations): string {
  for (const { signal, value } of due) {
    const seen = observations.get(signal)
    if (signals[signal].resource !== resource || seen === undefined) continue
    return `Threshold quantity: ${text(valueQuantity(value, seen.capacity))}, available: ${text(seen.available)}. `
  }
  return ''
}

type Offender = Readonly<{ name: string; used: string; request: string }>

/** Init containers count, ephemeral ones do not: they can ask for nothing. */
function offendingContainers(resource: ScarceResource, { pod, memoryBytes, disk }: PodUsage): readonly Offender[] {
  const usedBytes = (name: string): number | undefined => {
    if (resource === 'memory') return memoryBytes.get(name)
    const found = disk?.containers.find((container) => container.name === name)
    if (resource !== 'ephemeral-storage' || found === undefined) return undefined
    return found.rootfs.bytes + found.logs.bytes
  }
  return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(({ name, resources }) => {
    const amount = usedBytes(name)
    const request = amountOf(resources?.requests, resource)
    if (amount === undefined || compareQuantities(bytes(amount), request) <= 0) return []
    return [{ name, used: text(bytes(amount)), request: text(request) }]
  })
}

function consumption(what: string, name: string, used: string, request: string, resource: ScarceResource): string {
  return `${what} ${name} was using ${used}, request is ${request}, has larger consumption of ${resource}. `
}

function bytes(amount: number): Quantity {
  return quantityOfUnits(amount, 'BinarySI')
}

function text(quantity: Quantity): string {
  return canonicalQuantity(quantity)
}
