/** Choices that a seed decides. */
export type Chance = Readonly<{
  /** From 0 to below 1. */
  next(): number
  /** A whole number below the limit. */
  below(limit: number): number
  pick<T>(items: readonly [T, ...T[]]): T
  /** True this often: 0 to 1. */
  happens(share: number): boolean
}>

export function chanceOf(seed: number): Chance {
  let state = (seed ^ 0x9e3779b9) | 0
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 8) / 0x1000000
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    next,
    below,
    pick: (items) => items[below(items.length)] ?? items[0],
    happens: (share) => next() < share,
  }
}
