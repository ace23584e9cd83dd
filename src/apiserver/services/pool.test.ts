import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { simRandom } from '../../host/sim/random.ts'
import { addressNumber, addressRange, addressText } from './address-range.ts'
import { pool } from './pool.ts'

describe('a pool', () => {
  it('gives every value once, then none, and takes them back', () => {
    const values = pool(10, 29, 20, simRandom(1))
    const drawn = Array.from({ length: 20 }, (_, at) => values.draw(`o${at}`))
    expect(drawn.slice(0, 10).every((value) => value !== undefined && value >= 20)).toBe(true)
    expect([...drawn].sort()).toEqual(Array.from({ length: 20 }, (_, at) => 10 + at))
    expect(values.draw('late')).toBeUndefined()
    values.release(15, 'somebody else')
    expect(values.draw('late')).toBeUndefined()
    values.release(15, values.holder(15) ?? '')
    expect(values.draw('late')).toBe(15)
  })

  it('never has two owners for a value, whatever happens', () => {
    const step = fc.record({
      type: fc.constantFrom('take', 'draw', 'release'),
      value: fc.integer({ min: 0, max: 9 }),
      owner: fc.constantFrom('a', 'b', 'c'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), (steps, seed) => {
        const values = pool(0, 9, 3, simRandom(seed))
        const model = new Map<number, string>()
        for (const { type, value, owner } of steps) {
          if (type === 'release') {
            values.release(value, owner)
            if (model.get(value) === owner) model.delete(value)
          } else if (type === 'take') {
            expect(values.take(value, owner)).toBe((model.get(value) ?? owner) === owner)
            if (!model.has(value)) model.set(value, owner)
          } else {
            const drawn = values.draw(owner)
            expect(drawn === undefined).toBe(model.size === 10)
            if (drawn !== undefined) {
              expect(model.has(drawn)).toBe(false)
              model.set(drawn, owner)
            }
          }
        }
        for (let value = 0; value < 10; value++) expect(values.holder(value)).toBe(model.get(value))
      }),
    )
  })
})

describe('an address range', () => {
  it.each([
    ['10.96.0.0/16', '10.96.0.1', '10.96.255.254', '10.96.1.1'],
    ['10.96.0.0/24', '10.96.0.1', '10.96.0.254', '10.96.0.17'],
    ['10.96.0.0/28', '10.96.0.1', '10.96.0.14', '10.96.0.1'],
  ])('of %s goes from %s to %s and is drawn from %s on', (cidr, first, last, drawn) => {
    const range = addressRange(cidr)
    expect([range.first, range.last, range.reservedBelow].map(addressText)).toEqual([first, last, drawn])
  })

  it('reads and writes addresses', () => {
    expect(addressText(addressNumber('10.96.3.255') ?? 0)).toBe('10.96.3.255')
    expect(addressNumber('10.96.3')).toBeUndefined()
    expect(addressNumber('10.96.3.256')).toBeUndefined()
    expect(() => addressRange('10.0.0.0')).toThrow('the service CIDR 10.0.0.0 is no IPv4 network')
  })
})
