import type { Random } from '../../ports/random.ts'

/** mulberry32: small, fast, and the same sequence for the same seed everywhere. */
export function simRandom(seed: number): Random {
  let state = seed >>> 0
  const next32 = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
  return {
    below: (bound) => Math.floor((next32() / 4294967296) * bound),
    bytes: (count) => Uint8Array.from({ length: count }, () => next32() & 0xff),
  }
}
