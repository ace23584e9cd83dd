import type { Random } from '../../ports/random.ts'

/** Integers [first, last], each held by at most one owner. */
export interface Pool {
  holder(value: number): string | undefined
  contains(value: number): boolean
  /** False when somebody else holds it. */
  take(value: number, owner: string): boolean
  /** A free value, drawn at random; undefined when there is none. */
  draw(owner: string): number | undefined
  release(value: number, owner: string): void
}

const luckyTries = 20

/** A value of [from, to] that is not among those held; undefined when all are. */
export function drawFree(
  from: number,
  to: number,
  held: Readonly<{ has(value: number): boolean }>,
  random: Random,
): number | undefined {
  const size = to - from + 1
  if (size <= 0) return undefined
  for (let tries = 0; tries < luckyTries; tries++) {
    const value = from + random.below(size)
    if (!held.has(value)) return value
  }
  const start = random.below(size)
  for (let step = 0; step < size; step++) {
    const value = from + ((start + step) % size)
    if (!held.has(value)) return value
  }
  return undefined
}

/** Values below `reservedBelow` are only drawn when the others are gone: they are left to those who ask for one (KEP-3070). */
export function pool(first: number, last: number, reservedBelow: number, random: Random): Pool {
  const held = new Map<number, string>()
  const drawFrom = (from: number, to: number): number | undefined => drawFree(from, to, held, random)
  return {
    holder: (value) => held.get(value),
    contains: (value) => value >= first && value <= last,
    take(value, owner) {
      const holder = held.get(value)
      if (holder !== undefined && holder !== owner) return false
      held.set(value, owner)
      return true
    },
    draw(owner) {
      const value = drawFrom(reservedBelow, last) ?? drawFrom(first, reservedBelow - 1)
      if (value !== undefined) held.set(value, owner)
      return value
    },
    release(value, owner) {
      if (held.get(value) === owner) held.delete(value)
    },
  }
}
