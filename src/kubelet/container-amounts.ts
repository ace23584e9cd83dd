import type { ResourceRequirements } from '../api/kinds.generated.ts'
import { quantityMilli, quantityNumber } from '../api/quantity.ts'
import { amountOf } from './qos-class.ts'

/** What can be changed while a container runs; 0 is none. */
export type ContainerAmounts = Readonly<{
  cpuRequestMilli: number
  cpuLimitMilli: number
  memoryRequestBytes: number
  memoryLimitBytes: number
}>

/** A container without a limit of its own has the pod's. */
export function containerAmounts(
  podResources: ResourceRequirements | undefined,
  { limits, requests }: ResourceRequirements = {},
): ContainerAmounts {
  const own = amountsOf({ limits: limits ?? {}, requests: requests ?? {} })
  const pod = amountsOf({ limits: podResources?.limits ?? {} })
  return {
    ...own,
    cpuLimitMilli: own.cpuLimitMilli === 0 ? pod.cpuLimitMilli : own.cpuLimitMilli,
    memoryLimitBytes: own.memoryLimitBytes === 0 ? pod.memoryLimitBytes : own.memoryLimitBytes,
  }
}

function amountsOf({ limits, requests }: ResourceRequirements): ContainerAmounts {
  return {
    cpuRequestMilli: Number(quantityMilli(amountOf(requests, 'cpu'))),
    cpuLimitMilli: Number(quantityMilli(amountOf(limits, 'cpu'))),
    memoryRequestBytes: quantityNumber(amountOf(requests, 'memory')),
    memoryLimitBytes: quantityNumber(amountOf(limits, 'memory')),
  }
}

export function sameAmounts(a: ContainerAmounts, b: ContainerAmounts): boolean {
  return (
    a.cpuRequestMilli === b.cpuRequestMilli &&
    a.cpuLimitMilli === b.cpuLimitMilli &&
    a.memoryRequestBytes === b.memoryRequestBytes &&
    a.memoryLimitBytes === b.memoryLimitBytes
  )
}
