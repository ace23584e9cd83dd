import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseTime, timestampOf } from './wire-time.ts'

it('writes the second that an instant is within, whatever was written before', () => {
  const ms = fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) })
  fc.assert(
    fc.property(fc.array(ms, { minLength: 1 }), (instants) => {
      for (const at of instants) expect(timestampOf(at)).toBe(`${new Date(at).toISOString().slice(0, 19)}Z`)
    }),
  )
})

it('reads what it writes', () => {
  expect(parseTime(timestampOf(1_999))).toEqual({ ok: true, value: '1970-01-01T00:00:01Z' })
})
