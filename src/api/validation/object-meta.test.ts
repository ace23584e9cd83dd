import fc from 'fast-check'
import { expect, it } from 'vitest'
import { utf8Bytes } from './object-meta.ts'

it('measures text as the encoder writes it, lone halves of pairs included', () => {
  const encoder = new TextEncoder()
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.array(fc.integer({ min: 0, max: 0xffff })), (text, units) => {
      const whole = text + String.fromCharCode(...units)
      expect(utf8Bytes(whole)).toBe(encoder.encode(whole).length)
    }),
  )
  for (const text of ['', 'a', 'é', '€', '😀', '\ud83d', '\ude00', '\ud83d\ud83d\ude00\ude00'])
    expect(utf8Bytes(text)).toBe(encoder.encode(text).length)
})
