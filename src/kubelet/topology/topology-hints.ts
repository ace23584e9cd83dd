import { allMasks, countOf, isNarrower, maskOf, type NumaMask, nodesOf } from './numa-mask.ts'

/** A set of NUMA nodes that a resource could come from. Undefined: from any. */
export type TopologyHint = Readonly<{ nodes: NumaMask | undefined; preferred: boolean }>

/** Of one who gives out resources, by resource. Undefined: it does not matter where that one comes from; an empty list: it cannot be had. */
export type ProviderHints = ReadonlyMap<string, readonly TopologyHint[] | undefined>

export type TopologyPolicy = 'none' | 'best-effort' | 'restricted' | 'single-numa-node'

export type TopologyRules = Readonly<{
  policy: Exclude<TopologyPolicy, 'none'>
  /** Of all the machine. */
  nodes: readonly number[]
  /** Of nodes that are as many, those that are closest to each other (prefer-closest-numa-nodes); absent: those of lower numbers. */
  distances?: ReadonlyMap<number, readonly number[]>
}>

/** The nodes that suit all best, and whether the policy takes the pod with them. As the original's pkg/kubelet/cm/topologymanager. */
export function mergeHints(
  rules: TopologyRules,
  providers: readonly ProviderHints[],
): Readonly<{ hint: TopologyHint; admitted: boolean }> {
  const { policy, nodes } = rules
  const all = resourceHints(providers)
  if (policy !== 'single-numa-node') {
    const hint = bestHint(rules, all)
    return { hint, admitted: policy === 'best-effort' || hint.preferred }
  }
  const single = all.map((hints) =>
    hints.filter(({ nodes: mask, preferred }) => preferred && (mask === undefined || countOf(mask) === 1)),
  )
  const hint = bestHint(rules, single)
  const admitted = hint.preferred
  return { hint: hint.nodes === maskOf(nodes) ? { nodes: undefined, preferred: admitted } : hint, admitted }
}

/** Sets of nodes that have enough, of which the smallest that ever could have are preferred. */
export function hintsFor(
  nodes: readonly number[],
  enough: (mask: NumaMask) => Readonly<{ ever: boolean; now: boolean }>,
): readonly TopologyHint[] {
  const judged = allMasks(nodes).map((mask) => ({ mask, ...enough(mask) }))
  const least = Math.min(nodes.length, ...judged.filter(({ ever }) => ever).map(({ mask }) => countOf(mask)))
  return judged.filter(({ now }) => now).map(({ mask }) => ({ nodes: mask, preferred: countOf(mask) === least }))
}

const anywhere: TopologyHint = { nodes: undefined, preferred: true }
const nowhere: TopologyHint = { nodes: undefined, preferred: false }

function resourceHints(providers: readonly ProviderHints[]): readonly (readonly TopologyHint[])[] {
  return providers.flatMap((provider) =>
    provider.size === 0
      ? [[anywhere]]
      : [...provider.values()].map((hints) =>
          hints === undefined ? [anywhere] : hints.length === 0 ? [nowhere] : hints,
        ),
  )
}

type Merged = Readonly<{ nodes: NumaMask; preferred: boolean }>

function bestHint(rules: TopologyRules, all: readonly (readonly TopologyHint[])[]): Merged {
  const whole = maskOf(rules.nodes)
  const fitting = fittingCount(all)
  let best: Merged | undefined
  for (const permutation of permutations(all)) {
    const merged = mergedHint(whole, permutation)
    if (merged.nodes === 0) continue
    best = best === undefined ? merged : better(rules, fitting, best, merged)
  }
  return best ?? { nodes: whole, preferred: false }
}

function* permutations(all: readonly (readonly TopologyHint[])[]): Generator<readonly TopologyHint[]> {
  const [first, ...rest] = all
  if (first === undefined) return yield []
  for (const hint of first) for (const others of permutations(rest)) yield [hint, ...others]
}

/** Preferred when all prefer it, and the very same. */
function mergedHint(whole: NumaMask, hints: readonly TopologyHint[]): Merged {
  const masks = hints.flatMap(({ nodes }) => nodes ?? [])
  const nodes = masks.reduce((merged, mask) => merged & mask, whole)
  return { nodes, preferred: hints.every(({ preferred }) => preferred) && masks.every((mask) => mask === masks[0]) }
}

/** How many nodes the resource needs that needs the most. */
function fittingCount(all: readonly (readonly TopologyHint[])[]): number {
  const least = all.map((hints) =>
    Math.min(...hints.flatMap(({ nodes }) => (nodes === undefined ? [] : countOf(nodes)))),
  )
  return Math.max(0, ...least.filter(Number.isFinite))
}

/** Preferred ones before others; of others, those with as many nodes as are needed, or with the next fewer, or then the next more. */
function better(rules: TopologyRules, fitting: number, current: Merged, candidate: Merged): Merged {
  if (current.preferred !== candidate.preferred) return current.preferred ? current : candidate
  const [now, then] = [countOf(current.nodes), countOf(candidate.nodes)]
  if (current.preferred || now > fitting) return closer(rules, current, candidate)
  if (now === fitting) return then === fitting ? closer(rules, current, candidate) : current
  if (then > fitting) return current
  if (then === now) return closer(rules, current, candidate)
  return then > now ? candidate : current
}

function closer({ policy, distances }: TopologyRules, current: Merged, candidate: Merged): Merged {
  const [a, b] = [current.nodes, candidate.nodes]
  if (a === b) return current
  if (distances !== undefined && policy !== 'single-numa-node' && countOf(a) === countOf(b)) {
    const [near, far] = [meanDistance(distances, a), meanDistance(distances, b)]
    if (near !== far) return near < far ? current : candidate
  }
  return isNarrower(a, b) ? current : candidate
}

function meanDistance(distances: ReadonlyMap<number, readonly number[]>, mask: NumaMask): number {
  const nodes = nodesOf(mask)
  const all = nodes.flatMap((from) => nodes.map((to) => distances.get(from)?.[to] ?? 0))
  return all.reduce((sum, one) => sum + one, 0) / all.length
}
