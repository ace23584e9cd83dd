import type { Container, ResourceRequirements } from '../api/kinds.generated.ts'
import { compareQuantities } from '../api/quantity.ts'
import type { KubeletPod } from './pod-containers.ts'
import { amountOf, podRequest } from './qos-class.ts'

/** What the node has granted a pod: what runs is made by this, not by what the spec asks for meanwhile (in-place resize). */
export type PodAllocation = Readonly<{
  pod?: ResourceRequirements
  /** By name, of init and regular containers. */
  containers: Readonly<Record<string, ResourceRequirements>>
}>

export function allocationOf({ spec }: KubeletPod): PodAllocation {
  const all = [...(spec.initContainers ?? []), ...spec.containers]
  return {
    ...(spec.resources === undefined ? {} : { pod: spec.resources }),
    containers: Object.fromEntries(all.map(({ name, resources = {} }) => [name, resources])),
  }
}

/** The pod as it was granted; the very same where it asks for nothing else. */
export function withAllocation(pod: KubeletPod, allocation: PodAllocation | undefined): KubeletPod {
  if (allocation === undefined || isAllocated(pod, allocation)) return pod
  const { resources: _, initContainers, ...spec } = pod.spec
  const granted = (containers: readonly Container[]): readonly Container[] =>
    containers.map((container) => {
      const resources = allocation.containers[container.name]
      return resources === undefined ? container : { ...container, resources }
    })
  return {
    ...pod,
    spec: {
      ...spec,
      ...(allocation.pod === undefined ? {} : { resources: allocation.pod }),
      ...(initContainers === undefined ? {} : { initContainers: granted(initContainers) }),
      containers: granted(spec.containers),
    },
  }
}

/** Whether the pod asks for just what it was granted. */
export function isAllocated(pod: KubeletPod, allocation: PodAllocation): boolean {
  const wanted = allocationOf(pod)
  return (
    sameResources(wanted.pod, allocation.pod) &&
    Object.entries(wanted.containers).every(([name, resources]) =>
      sameResources(resources, allocation.containers[name]),
    )
  )
}

/** Whether two pods count differently with the node: what makes place for others when it shrinks. */
export function asksForMore(pod: KubeletPod, than: KubeletPod): boolean {
  return ['cpu', 'memory'].some((resource) => podRequest(pod, resource) > podRequest(than, resource))
}

function sameResources(a: ResourceRequirements = {}, b: ResourceRequirements = {}): boolean {
  return (['limits', 'requests'] as const).every((list) => {
    const names = new Set([...Object.keys(a[list] ?? {}), ...Object.keys(b[list] ?? {})])
    return [...names].every(
      (name) =>
        (a[list]?.[name] === undefined) === (b[list]?.[name] === undefined) &&
        compareQuantities(amountOf(a[list], name), amountOf(b[list], name)) === 0,
    )
  })
}
