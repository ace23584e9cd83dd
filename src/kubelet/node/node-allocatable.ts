import {
  canonicalQuantity,
  parseQuantity,
  type Quantity,
  quantityMilli,
  quantityNumber,
  quantityOfMilli,
  quantityOfUnits,
  subtractQuantities,
  zeroQuantity,
} from '../../api/quantity.ts'
import type { CgroupResources } from '../../runtime/pod-runtime.ts'
import type { KubeletConfiguration } from '../configuration/kubelet-configuration.ts'
import { sharesOf } from '../cpu-shares.ts'
import { parseThresholds, type Threshold, valueQuantity } from '../eviction/threshold.ts'
import { capacityAmounts, type KubeletConfig } from '../kubelet-config.ts'

/** Which thresholds hold back something of what pods may ask for: those that end pods at once. */
const heldBack: Readonly<Record<string, Threshold['signal']>> = {
  memory: 'memory.available',
  'ephemeral-storage': 'nodefs.available',
}

/** A configuration does not change, and its amounts are asked for with every look at the node. */
const known = new WeakMap<KubeletConfig, Readonly<Record<string, string>>>()

/** status.allocatable: the capacity without what is reserved for the system and what eviction keeps free. Never below zero. */
export function allocatableAmounts(config: KubeletConfig): Readonly<Record<string, string>> {
  const amounts = known.get(config) ?? amountsOf(config)
  known.set(config, amounts)
  return amounts
}

function amountsOf(config: KubeletConfig): Readonly<Record<string, string>> {
  const thresholds = hardThresholds(config.configuration)
  return Object.fromEntries(
    Object.entries(capacityAmounts(config)).map(([resource, text]) => {
      const capacity = amount(text)
      const threshold = thresholds.find(({ signal }) => signal === heldBack[resource])
      const kept = threshold === undefined ? zeroQuantity : valueQuantity(threshold.value, capacity)
      const left = subtractQuantities(withoutReserved(config.configuration, resource, capacity), kept)
      return [resource, asStored(atLeastZero(left))]
    }),
  )
}

/** What all pods together may use: enforced by the cgroup that holds them. What eviction keeps free they may use until it comes to that. */
export function podsLimits({ configuration, capacity }: KubeletConfig): CgroupResources {
  const isEnforced = configuration.enforceNodeAllocatable.includes('pods')
  const left = (resource: string, whole: Quantity): Quantity =>
    isEnforced ? atLeastZero(withoutReserved(configuration, resource, whole)) : whole
  const milli = quantityOfMilli(Math.floor(capacity.cpus * 1000))
  return {
    cpuShares: sharesOf(Number(quantityMilli(left('cpu', milli)))),
    memoryLimitBytes: quantityNumber(left('memory', quantityOfUnits(capacity.memoryBytes))),
    pidsLimit: quantityNumber(left('pid', quantityOfUnits(capacity.processes))),
  }
}

/** How many pods the node takes: Kubernetes' maxPods, or fewer where podsPerCore says so. */
export function mostPods({ maxPods, podsPerCore }: KubeletConfiguration, cpus: number): number {
  return podsPerCore === 0 ? maxPods : Math.min(maxPods, podsPerCore * Math.floor(cpus))
}

/** Why a machine of this capacity cannot be divided so, in the words of the original; undefined when it can. */
export function allocatableFault(config: KubeletConfig): string | undefined {
  const faults = Object.entries(capacityAmounts(config)).flatMap(([resource, text]) => {
    const capacity = amount(text)
    const left = withoutReserved(config.configuration, resource, capacity)
    if (left.nano >= 0n) return []
    const reserved = canonicalQuantity(subtractQuantities(capacity, left))
    return [
      `Resource ${JSON.stringify(resource)} has a reservation of ${reserved} but capacity of ${text}. Expected capacity >= reservation.`,
    ]
  })
  return faults.length === 0 ? undefined : `invalid Node Allocatable configuration. ${faults.join(' ')}`
}

function hardThresholds(configuration: KubeletConfiguration): readonly Threshold[] {
  const parsed = parseThresholds(configuration)
  return parsed.ok ? parsed.value.filter(({ graceMs }) => graceMs === 0) : []
}

function withoutReserved(
  { systemReserved, kubeReserved }: KubeletConfiguration,
  resource: string,
  capacity: Quantity,
): Quantity {
  return [systemReserved[resource], kubeReserved[resource]].reduce(
    (left, text) => (text === undefined ? left : subtractQuantities(left, amount(text))),
    capacity,
  )
}

function atLeastZero(quantity: Quantity): Quantity {
  return quantity.nano < 0n ? { ...quantity, nano: 0n } : quantity
}

/**
 * As the API server writes it: what is left of gibibytes may have no binary suffix, and is read as a decimal number then. Else the node
 * would never find its status as it wants it, and write it again and again.
 */
function asStored(quantity: Quantity): string {
  return canonicalQuantity(amount(canonicalQuantity(quantity)))
}

/** Of texts that have been checked. */
function amount(text: string): Quantity {
  const parsed = parseQuantity(text)
  return parsed.ok ? parsed.value : zeroQuantity
}
