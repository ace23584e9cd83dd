/** Times between JSON's text and protobuf's seconds. */
import { fail, ok, type Result } from '../result.ts'

const zeroSeconds = -62_135_596_800
const lastSeconds = 253_402_300_799

/** Go's zero time: protobuf has an empty message for it, JSON null. */
export function isZeroTime(text: string): boolean {
  return text.startsWith('0001-01-01T00:00:00') && !/[1-9]/.test(text.slice(19))
}

/** Whole seconds since 1970 of a time as decoding leaves it: '2026-01-02T03:04:05Z', perhaps with microseconds. */
export function unixSeconds(text: string): number {
  return Date.parse(text.length === 20 ? text : `${text.slice(0, 19)}Z`) / 1000
}

/** null for the zero time. Years have four digits: outside of them JSON has no times. */
export function timeText(seconds: number, nanos: number, fractionDigits: 0 | 6): Result<string | null, string> {
  const micros = fractionDigits === 0 ? 0 : Math.trunc(nanos / 1000)
  if (seconds === zeroSeconds && micros === 0) return ok(null)
  const carry = Math.floor(micros / 1_000_000)
  const whole = seconds + carry
  if (!(whole >= zeroSeconds && whole <= lastSeconds)) return fail('proto: Timestamp: year outside of range [0,9999]')
  const text = new Date(whole * 1000).toISOString().slice(0, 19)
  const fraction = fractionDigits === 0 ? '' : `.${String(micros - carry * 1_000_000).padStart(6, '0')}`
  return ok(`${text}${fraction}Z`)
}
