import type { Node, Taint } from '../api/kinds.generated.ts'
import { matchesLabels } from '../api/label-selector.ts'
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
  /** Pods of the namespace that match and are not terminating. Counted once for each selector, then kept. */
  countMatching(namespace: string, selector: KeyedSelector): number
  clone(): NodeInfo
}

/** Selectors whose counts are kept for each node; beyond, all are forgotten and counted again. */
const maxCounts = 128

type Count = { readonly namespace: string; readonly selector: KeyedSelector; count: number }

export function makeNodeInfo(initial: Node, initialPods: Iterable<PodInfo> = []): NodeInfo {
  const pods = new Map<string, PodInfo>()
  const podsWithAffinity = new Map<string, PodInfo>()
  const podsWithRequiredAntiAffinity = new Map<string, PodInfo>()
  const counts = new Map<string, Count>()
  const ports = new Map<string, number>()
  let node = initial
  let allocatable = nodeAllocatable(node)
  let requested = noResources
  let scoringRequested = noResources

  const countPorts = (pod: PodInfo, step: 1 | -1): void => {
    for (const { ip, protocol, port } of pod.hostPorts) {
      const key = `${protocol}/${port}/${ip}`
      const count = (ports.get(key) ?? 0) + step
      if (count === 0) ports.delete(key)
      else ports.set(key, count)
    }
  }
  const countPod = (pod: PodInfo, step: 1 | -1): void => {
    for (const one of counts.values()) if (isCounted(pod, one.namespace, one.selector)) one.count += step
  }
  const remove = (uid: string): void => {
    const pod = pods.get(uid)
    if (pod === undefined) return
    pods.delete(uid)
    podsWithAffinity.delete(uid)
    podsWithRequiredAntiAffinity.delete(uid)
    requested = subtractResources(requested, pod.requests)
    scoringRequested = subtractResources(scoringRequested, pod.scoringRequests)
    countPorts(pod, -1)
    countPod(pod, -1)
  }
  const add = (pod: PodInfo): void => {
    remove(pod.uid)
    pods.set(pod.uid, pod)
    if (hasAffinity(pod)) podsWithAffinity.set(pod.uid, pod)
    if (pod.requiredAntiAffinity.length > 0) podsWithRequiredAntiAffinity.set(pod.uid, pod)
    requested = addResources(requested, pod.requests)
    scoringRequested = addResources(scoringRequested, pod.scoringRequests)
    countPorts(pod, 1)
    countPod(pod, 1)
  }
  const hostPortFree = ({ ip, protocol, port }: HostPort): boolean => {
    if (ports.size === 0) return true
    if (ports.has(`${protocol}/${port}/0.0.0.0`) || ports.has(`${protocol}/${port}/${ip}`)) return false
    if (ip !== '0.0.0.0') return true
    for (const key of ports.keys()) if (key.startsWith(`${protocol}/${port}/`)) return false
    return true
  }
  const countMatching = (namespace: string, selector: KeyedSelector): number => {
    // An empty selector counts nothing here, though elsewhere it matches all (countPodsMatchSelector).
    if (selector.selector === undefined || selector.selector.length === 0) return 0
    const key = `${namespace}/${selector.key}`
    const known = counts.get(key)
    if (known !== undefined) return known.count
    let count = 0
    for (const pod of pods.values()) if (isCounted(pod, namespace, selector)) count++
    if (counts.size >= maxCounts) counts.clear()
    counts.set(key, { namespace, selector, count })
    return count
  }
  for (const pod of initialPods) add(pod)
  return {
    get name() {
      return node.metadata?.name ?? ''
    },
    get node() {
      return node
    },
    get labels() {
      return node.metadata?.labels ?? noLabels
    },
    get taints() {
      return node.spec?.taints ?? noTaints
    },
    get allocatable() {
      return allocatable.resources
    },
    get allowedPods() {
      return allocatable.pods
    },
    get requested() {
      return requested
    },
    get scoringRequested() {
      return scoringRequested
    },
    pods,
    podsWithAffinity,
    podsWithRequiredAntiAffinity,
    add,
    remove,
    hostPortFree,
    countMatching,
    setNode(next) {
      node = next
      allocatable = nodeAllocatable(next)
    },
    clone: () => makeNodeInfo(node, pods.values()),
  }
}

const noLabels: Readonly<Record<string, string>> = {}
const noTaints: readonly Taint[] = []

function isCounted(pod: PodInfo, namespace: string, { selector }: KeyedSelector): boolean {
  return pod.namespace === namespace && !pod.terminating && matchesLabels(selector, pod.labels)
}
