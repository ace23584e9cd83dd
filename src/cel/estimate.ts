/** Bounds of a size or a cost: unsigned 64 bit numbers that stop at the largest instead of overflowing. */
export type Estimate = Readonly<{ min: bigint; max: bigint }>

export const maxCost = 2n ** 64n - 1n

export const unknownSize: Estimate = { min: 0n, max: maxCost }

function capped(value: bigint): bigint {
  return value > maxCost ? maxCost : value
}

export function fixed(value: bigint | number): Estimate {
  return { min: BigInt(value), max: BigInt(value) }
}

export function plus(...estimates: readonly Estimate[]): Estimate {
  return estimates.reduce((a, b) => ({ min: capped(a.min + b.min), max: capped(a.max + b.max) }), fixed(0))
}

export function times(a: Estimate, b: Estimate): Estimate {
  return { min: capped(a.min * b.min), max: capped(a.max * b.max) }
}

/** By a rate per unit, rounded up: computed in doubles, as the original does. */
export function atRate(size: Estimate, rate: number): Estimate {
  return { min: scaled(size.min, rate), max: scaled(size.max, rate) }
}

function scaled(value: bigint, rate: number): bigint {
  const product = Math.ceil(Number(value) * rate)
  return product >= 2 ** 64 ? maxCost : BigInt(product)
}

export function least(a: bigint, b: bigint): bigint {
  return b < a ? b : a
}

function most(a: bigint, b: bigint): bigint {
  return b < a ? a : b
}

export function union(a: Estimate, b: Estimate): Estimate {
  return { min: least(a.min, b.min), max: most(a.max, b.max) }
}
