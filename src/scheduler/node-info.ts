import type { Node, Taint } from '../api/kinds.generated.ts'
import { makeMatchCounts, makePortCounts } from './node-counts.ts'
import { type HostPort, hasAffinity, type KeyedSelector, type PodInfo } from './pod-info.ts'
import { addResources, nodeAllocatable, noResources, type Resources, subtractResources } from './resources.ts'

/** A node and what stands on it. Sums are kept as pods come and go, never recounted. */
export interface NodeInfo {
  readonly name: string
  readonly node: Node
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly Taint[]
  readonly allocatable: Resources
  readonly allowedPods: number
  readonly requested: Resources
  /** With something assumed for containers that request nothing. */
  readonly scoringRequested: Resources
  readonly pods: ReadonlyMap<string, PodInfo>
  readonly podsWithAffinity: ReadonlyMap<string, PodInfo>
  readonly podsWithRequiredAntiAffinity: ReadonlyMap<string, PodInfo>
  add(pod: PodInfo): void
  remove(uid: string): void
  setNode(node: Node): void
  hostPortFree(port: HostPort): boolean
  /** Pods of the namespace that match and are not terminating. */
  countMatching(namespace: string, selector: KeyedSelector): number
  clone(): NodeInfo
}

type Facts = Pick<NodeInfo, 'name' | 'node' | 'labels' | 'taints' | 'allocatable' | 'allowedPods'>

export function makeNodeInfo(initial: Node, initialPods: Iterable<PodInfo> = []): NodeInfo {
  const pods = new Map<string, PodInfo>()
  const podsWithAffinity = new Map<string, PodInfo>()
  const podsWithRequiredAntiAffinity = new Map<string, PodInfo>()
  const counts = makeMatchCounts()
  const ports = makePortCounts()

  const remove = (uid: string): void => {
    const pod = pods.get(uid)
    if (pod === undefined) return
    pods.delete(uid)
    podsWithAffinity.delete(uid)
    podsWithRequiredAntiAffinity.delete(uid)
    info.requested = subtractResources(info.requested, pod.requests)
    info.scoringRequested = subtractResources(info.scoringRequested, pod.scoringRequests)
    ports.step(pod.hostPorts, -1)
    counts.step(pod, -1)
  }
  const add = (pod: PodInfo): void => {
    remove(pod.uid)
    pods.set(pod.uid, pod)
    if (hasAffinity(pod)) podsWithAffinity.set(pod.uid, pod)
    if (pod.requiredAntiAffinity.length > 0) podsWithRequiredAntiAffinity.set(pod.uid, pod)
    info.requested = addResources(info.requested, pod.requests)
    info.scoringRequested = addResources(info.scoringRequested, pod.scoringRequests)
    ports.step(pod.hostPorts, 1)
    counts.step(pod, 1)
  }
  const info = {
    ...factsOf(initial),
    requested: noResources,
    scoringRequested: noResources,
    pods,
    podsWithAffinity,
    podsWithRequiredAntiAffinity,
    add,
    remove,
    setNode: (node: Node): void => void Object.assign(info, factsOf(node)),
    hostPortFree: ports.isFree,
    countMatching: (namespace: string, selector: KeyedSelector): number =>
      counts.count(namespace, selector, pods.values()),
    clone: (): NodeInfo => makeNodeInfo(info.node, pods.values()),
  }
  for (const pod of initialPods) add(pod)
  return info
}

function factsOf(node: Node): Facts {
  const { resources, pods } = nodeAllocatable(node)
  return {
    name: node.metadata?.name ?? '',
    node,
    labels: node.metadata?.labels ?? {},
    taints: node.spec?.taints ?? [],
    allocatable: resources,
    allowedPods: pods,
  }
}
