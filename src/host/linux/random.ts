import { randomFillSync, randomInt } from 'node:crypto'
import type { Random } from '../../ports/random.ts'

/** A call to the generator costs some 10 µs however little it gives, and every request wants 16 bytes: it is asked for many at once. */
const poolBytes = 4096

export function linuxRandom(): Random {
  const pool = new Uint8Array(poolBytes)
  let used = poolBytes
  return {
    below: (bound) => randomInt(bound),
    bytes(count) {
      if (count > poolBytes) return randomFillSync(new Uint8Array(count))
      if (used + count > poolBytes) {
        randomFillSync(pool)
        used = 0
      }
      used += count
      // Copied, and wiped: what was given once must not be found here again.
      const drawn = pool.slice(used - count, used)
      pool.fill(0, used - count, used)
      return drawn
    },
  }
}
