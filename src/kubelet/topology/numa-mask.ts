/** A set of NUMA nodes, a bit for each. */
export type NumaMask = number

export function maskOf(nodes: Iterable<number>): NumaMask {
  let mask = 0
  for (const node of nodes) mask |= 1 << node
  return mask
}

export function countOf(mask: NumaMask): number {
  return nodesOf(mask).length
}

export function nodesOf(mask: NumaMask): readonly number[] {
  return Array.from({ length: 31 }, (_, node) => node).filter((node) => hasNode(mask, node))
}

export function hasNode(mask: NumaMask, node: number): boolean {
  return (mask & (1 << node)) !== 0
}

/** With fewer nodes, or as many of lower numbers. */
export function isNarrower(a: NumaMask, b: NumaMask): boolean {
  return countOf(a) === countOf(b) ? a < b : countOf(a) < countOf(b)
}

/** All sets of these nodes but the empty one: smaller ones first, and those of lower numbers first among them. */
export function allMasks(nodes: readonly number[]): readonly NumaMask[] {
  const ofSize = (rest: readonly number[], size: number): readonly NumaMask[] =>
    size === 0
      ? [0]
      : rest.flatMap((node, at) => ofSize(rest.slice(at + 1), size - 1).map((mask) => mask | (1 << node)))
  return nodes.flatMap((_, at) => ofSize(nodes, at + 1))
}
