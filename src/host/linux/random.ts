import { randomBytes, randomInt } from 'node:crypto'
import type { Random } from '../../ports/random.ts'

export function linuxRandom(): Random {
  return { below: (bound) => randomInt(bound), bytes: (count) => new Uint8Array(randomBytes(count)) }
}
