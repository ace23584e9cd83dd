import { describe, expect, it } from 'vitest'
import { linuxRandom } from '../linux/random.ts'
import { simRandom } from '../sim/random.ts'
import { randomContract } from './random.ts'

describe('the randomness of Linux', () => randomContract(linuxRandom))
describe('the simulated randomness', () => {
  randomContract(() => simRandom(7))

  it('gives the same sequence for the same seed', () => {
    const draw = () => {
      const random = simRandom(42)
      return Array.from({ length: 20 }, () => random.below(1_000_000))
    }
    expect(draw()).toEqual(draw())
  })
})
