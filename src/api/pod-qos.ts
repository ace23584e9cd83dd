/** The quality of service that a pod's requests and limits amount to: who is killed first when memory runs out. */
import type { JsonObject } from './json-value.ts'
import { compareQuantities, parseQuantity } from './quantity.ts'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

const counted = ['cpu', 'memory']

type Resources = Readonly<{ requests: JsonObject; limits: JsonObject }>

/** `spec` of a pod with its defaults. Kubernetes: component-helpers qos.ComputePodQOS. */
export function podQosClass(spec: JsonObject): QosClass {
  const ofPod = resourcesOf(spec)
  const isPodLevel = hasAny(ofPod.requests) || hasAny(ofPod.limits)
  const all = isPodLevel ? [ofPod] : [...structs(spec.containers), ...structs(spec.initContainers)].map(resourcesOf)
  if (!all.some(({ requests, limits }) => hasAny(requests) || hasAny(limits))) return 'BestEffort'
  return all.every(isGuaranteed) ? 'Guaranteed' : 'Burstable'
}

function structs(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value : []
}

function resourcesOf(holder: JsonObject): Resources {
  const { requests = {}, limits = {} } = (holder.resources ?? {}) as Partial<Resources>
  return { requests, limits }
}

/** Zero counts as nothing. */
function hasAny(amounts: JsonObject): boolean {
  return counted.some((name) => isPositive(amounts[name]))
}

function isPositive(text: unknown): boolean {
  const amount = parseQuantity(String(text ?? '0'))
  return amount.ok && amount.value.nano > 0n
}

/** CPU and memory are limited, and no less is asked for than may be used. */
function isGuaranteed({ requests, limits }: Resources): boolean {
  return counted.every((name) => {
    const limit = parseQuantity(String(limits[name] ?? '0'))
    const request = parseQuantity(String(requests[name] ?? '0'))
    return limit.ok && request.ok && limit.value.nano > 0n && compareQuantities(limit.value, request.value) === 0
  })
}
