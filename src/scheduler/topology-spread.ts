import { matchesLabels } from '../api/label-selector.ts'
import { matchesNodeAffinity } from '../api/node-selector.ts'
import type { ClusterView } from './cluster.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo, SpreadConstraint } from './pod-info.ts'
import { toleratesNode } from './taints.ts'

const hostname = 'kubernetes.io/hostname'
const zone = 'topology.kubernetes.io/zone'

export const spreadReasons = {
  skew: "node(s) didn't match pod topology spread constraints",
  label: "node(s) didn't match pod topology spread constraints (missing required label)",
} as const

/** For each hard constraint, the matching pods by topology value, and the least of them. */
export type SpreadState = readonly Readonly<{
  constraint: SpreadConstraint
  counts: ReadonlyMap<string, number>
  least: number
  self: 0 | 1
}>[]

export function spreadState(pod: PodInfo, view: ClusterView): SpreadState | undefined {
  if (pod.hardSpread.length === 0) return undefined
  return pod.hardSpread.map((constraint) => {
    const counts = new Map<string, number>()
    for (const node of view.nodes) {
      if (!hasAllKeys(node, pod.hardSpread) || !isIncluded(constraint, pod, node)) continue
      const value = node.labels[constraint.topologyKey] ?? ''
      counts.set(value, (counts.get(value) ?? 0) + node.countMatching(pod.namespace, constraint.selector))
    }
    // With fewer domains than asked for, the emptiest is one that does not exist yet.
    const least = counts.size < constraint.minDomains || counts.size === 0 ? 0 : Math.min(...counts.values())
    return { constraint, counts, least, self: matchesLabels(constraint.selector.selector, pod.labels) ? 1 : 0 }
  })
}

export function checkSpread(
  node: NodeInfo,
  state: SpreadState,
): Readonly<{ reason: string; resolvable: boolean }> | undefined {
  for (const { constraint, counts, least, self } of state) {
    const value = node.labels[constraint.topologyKey]
    if (value === undefined) return { reason: spreadReasons.label, resolvable: false }
    const skew = (counts.get(value) ?? 0) + self - least
    if (skew > constraint.maxSkew) return { reason: spreadReasons.skew, resolvable: true }
  }
  return undefined
}

/** Raw scores (more is worse), normalized to 0 … 100; undefined: nothing to spread by. */
export function spreadScores(
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  view: ClusterView,
): readonly number[] | undefined {
  const ownConstraints = (pod.pod.spec.topologySpreadConstraints ?? []).length > 0
  const constraints = ownConstraints ? pod.softSpread : defaultConstraints(pod, view)
  if (constraints.length === 0) return undefined
  // By default a node without a zone is still spread over by hostname.
  const ignored = nodes.map((node) => ownConstraints && !hasAllKeys(node, constraints))
  const scored = nodes.filter((_, at) => ignored[at] !== true)
  const raw = new Array<number>(nodes.length).fill(0)
  for (const constraint of constraints) {
    const counter = counterFor(constraint, pod, scored, view, ownConstraints ? constraints : [])
    nodes.forEach((node, at) => {
      if (ignored[at] === true || node.labels[constraint.topologyKey] === undefined) return
      raw[at] = (raw[at] ?? 0) + counter.count(node) * counter.weight + (constraint.maxSkew - 1)
    })
  }
  return normalize(raw.map(Math.round), ignored)
}

type Counter = Readonly<{ weight: number; count(node: NodeInfo): number }>

/** The more domains there are, the more each pod in one counts: else a few zones would drown many hosts. */
function counterFor(
  constraint: SpreadConstraint,
  pod: PodInfo,
  scored: readonly NodeInfo[],
  view: ClusterView,
  requiredKeys: readonly SpreadConstraint[],
): Counter {
  const { topologyKey, selector } = constraint
  if (topologyKey === hostname) {
    return { weight: Math.log(scored.length + 2), count: (node) => node.countMatching(pod.namespace, selector) }
  }
  const counts = new Map<string, number>()
  for (const node of scored) counts.set(node.labels[topologyKey] ?? '', 0)
  for (const node of view.nodes) {
    const value = node.labels[topologyKey] ?? ''
    const known = counts.get(value)
    if (known === undefined || !hasAllKeys(node, requiredKeys) || !isIncluded(constraint, pod, node)) continue
    counts.set(value, known + node.countMatching(pod.namespace, selector))
  }
  return { weight: Math.log(counts.size + 2), count: (node) => counts.get(node.labels[topologyKey] ?? '') ?? 0 }
}

function defaultConstraints(pod: PodInfo, view: ClusterView): readonly SpreadConstraint[] {
  const selector = view.siblingSelector(pod)
  if (selector === undefined) return []
  const common = { selector, minDomains: 1, honorAffinity: true, honorTaints: false }
  return [
    { ...common, topologyKey: hostname, maxSkew: 3 },
    { ...common, topologyKey: zone, maxSkew: 5 },
  ]
}

function normalize(raw: readonly number[], ignored: readonly boolean[]): readonly number[] {
  const counted = raw.filter((_, at) => ignored[at] !== true)
  const highest = Math.max(0, ...counted)
  const lowest = Math.min(...counted)
  return raw.map((score, at) => {
    if (ignored[at] === true) return 0
    return highest === 0 ? 100 : Math.trunc((100 * (highest + lowest - score)) / highest)
  })
}

function hasAllKeys({ labels }: NodeInfo, constraints: readonly SpreadConstraint[]): boolean {
  return constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined)
}

function isIncluded({ honorAffinity, honorTaints }: SpreadConstraint, pod: PodInfo, node: NodeInfo): boolean {
  if (honorAffinity && !matchesNodeAffinity(pod.pod, node.node)) return false
  return !honorTaints || toleratesNode(pod.tolerations, node.taints)
}
