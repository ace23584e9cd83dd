import type { ClusterView } from './cluster.ts'
import type { NodeInfo } from './node-info.ts'
import { type AffinityTerm, type PodInfo, termMatches } from './pod-info.ts'

/** How many matches there are by topology: 'KEY=VALUE' → count, or sum of weights. */
type TopologyCounts = Map<string, number>

/** What InterPodAffinity needs to know of the cluster to judge nodes for one pod. */
export type AffinityState = Readonly<{
  /** Existing pods that this pod must be with. */
  affinity: TopologyCounts
  /** Existing pods that this pod must not be with. */
  antiAffinity: TopologyCounts
  /** Where existing pods do not want this pod. */
  unwelcome: TopologyCounts
}>

export const affinityReasons = {
  affinity: "node(s) didn't match pod affinity rules",
  antiAffinity: "node(s) didn't match pod anti-affinity rules",
  existing: "node(s) didn't satisfy existing pods anti-affinity rules",
} as const

/** Undefined: no rule of this pod or of any other concerns it. */
export function affinityState(pod: PodInfo, view: ClusterView): AffinityState | undefined {
  const state: AffinityState = { affinity: new Map(), antiAffinity: new Map(), unwelcome: new Map() }
  const ownLabels = view.namespaceLabels(pod.namespace)
  for (const node of view.nodesWithAffinity()) {
    for (const existing of node.podsWithRequiredAntiAffinity.values()) {
      for (const term of existing.requiredAntiAffinity) {
        if (termMatches(term, pod, ownLabels)) count(state.unwelcome, node, term, 1)
      }
    }
  }
  const own = pod.requiredAffinity.length + pod.requiredAntiAffinity.length
  if (own > 0) for (const node of view.nodes) countIncoming(pod, node, view, state)
  return own === 0 && state.unwelcome.size === 0 ? undefined : state
}

/** The reason why the node will not do, and whether removing pods could help; undefined: it will do. */
export function checkAffinity(
  pod: PodInfo,
  node: NodeInfo,
  state: AffinityState,
  view: ClusterView,
): Readonly<{ reason: string; resolvable: boolean }> | undefined {
  if (!satisfiesAffinity(pod, node, state, view)) return { reason: affinityReasons.affinity, resolvable: false }
  const crowded = pod.requiredAntiAffinity.some((term) => countAt(state.antiAffinity, node, term.topologyKey) > 0)
  if (crowded) return { reason: affinityReasons.antiAffinity, resolvable: true }
  if (isUnwelcome(node, state)) return { reason: affinityReasons.existing, resolvable: true }
  return undefined
}

/** Weights by topology, of this pod's preferences and of those of pods that are there; undefined: nobody has a preference. */
export function affinityWeights(pod: PodInfo, view: ClusterView): ReadonlyMap<string, number> | undefined {
  const weights: TopologyCounts = new Map()
  const ownLabels = view.namespaceLabels(pod.namespace)
  const hasPreferences = pod.preferredAffinity.length + pod.preferredAntiAffinity.length > 0
  for (const node of hasPreferences ? view.nodes : view.nodesWithAffinity()) {
    for (const existing of (hasPreferences ? node.pods : node.podsWithAffinity).values()) {
      const theirLabels = view.namespaceLabels(existing.namespace)
      weigh(weights, node, pod.preferredAffinity, existing, theirLabels, 1)
      weigh(weights, node, pod.preferredAntiAffinity, existing, theirLabels, -1)
      weigh(weights, node, existing.preferredAffinity, pod, ownLabels, 1)
      weigh(weights, node, existing.preferredAntiAffinity, pod, ownLabels, -1)
      // A pod that must be near this one would gladly be so (hardPodAffinityWeight 1).
      for (const term of existing.requiredAffinity) if (termMatches(term, pod, ownLabels)) count(weights, node, term, 1)
    }
  }
  return weights.size === 0 ? undefined : weights
}

export function affinityScore(weights: ReadonlyMap<string, number>, node: NodeInfo): number {
  let score = 0
  for (const [topology, weight] of weights) {
    const at = topology.indexOf('=')
    if (node.labels[topology.slice(0, at)] === topology.slice(at + 1)) score += weight
  }
  return score
}

function countIncoming(pod: PodInfo, node: NodeInfo, view: ClusterView, state: AffinityState): void {
  for (const existing of node.pods.values()) {
    const theirLabels = view.namespaceLabels(existing.namespace)
    if (matchesAll(pod.requiredAffinity, existing, theirLabels)) {
      for (const term of pod.requiredAffinity) count(state.affinity, node, term, 1)
    }
    for (const term of pod.requiredAntiAffinity) {
      if (termMatches(term, existing, theirLabels)) count(state.antiAffinity, node, term, 1)
    }
  }
}

function satisfiesAffinity(pod: PodInfo, node: NodeInfo, state: AffinityState, view: ClusterView): boolean {
  let found = true
  for (const { topologyKey } of pod.requiredAffinity) {
    if (node.labels[topologyKey] === undefined) return false
    if (countAt(state.affinity, node, topologyKey) <= 0) found = false
  }
  // The first of pods that want to be together matches its own terms, and starts anywhere.
  return (
    found || (state.affinity.size === 0 && matchesAll(pod.requiredAffinity, pod, view.namespaceLabels(pod.namespace)))
  )
}

function isUnwelcome(node: NodeInfo, { unwelcome }: AffinityState): boolean {
  for (const topology of unwelcome.keys()) {
    const at = topology.indexOf('=')
    if (node.labels[topology.slice(0, at)] === topology.slice(at + 1)) return true
  }
  return false
}

function matchesAll(
  terms: readonly AffinityTerm[],
  pod: PodInfo,
  labels: ReturnType<ClusterView['namespaceLabels']>,
): boolean {
  return terms.length > 0 && terms.every((term) => termMatches(term, pod, labels))
}

function weigh(
  weights: TopologyCounts,
  node: NodeInfo,
  terms: readonly AffinityTerm[],
  pod: PodInfo,
  labels: ReturnType<ClusterView['namespaceLabels']>,
  sign: 1 | -1,
): void {
  for (const term of terms) if (termMatches(term, pod, labels)) count(weights, node, term, sign * term.weight)
}

/** Label keys hold no '=', so the first one ends the key. */
function count(counts: TopologyCounts, { labels }: NodeInfo, { topologyKey }: AffinityTerm, by: number): void {
  const value = labels[topologyKey]
  if (value === undefined) return
  const topology = `${topologyKey}=${value}`
  counts.set(topology, (counts.get(topology) ?? 0) + by)
}

function countAt(counts: TopologyCounts, { labels }: NodeInfo, topologyKey: string): number {
  const value = labels[topologyKey]
  return value === undefined ? 0 : (counts.get(`${topologyKey}=${value}`) ?? 0)
}
