import { fail, ok, type Result } from './result.ts'

const unitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** '1h30m', '-1.5s' in milliseconds; refused in the words of Go's time.ParseDuration. */
export function parseGoDuration(text: string): Result<number, string> {
  const bad = fail(`time: invalid duration ${JSON.stringify(text)}`)
  const signed = /^[+-]?/.exec(text)?.[0] ?? ''
  let rest = text.slice(signed.length)
  if (rest === '0') return ok(0)
  if (rest === '') return bad
  let totalMs = 0
  while (rest !== '') {
    const number = /^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)/.exec(rest)?.[0]
    if (number === undefined) return bad
    rest = rest.slice(number.length)
    const unit = /^[^.0-9]*/.exec(rest)?.[0] ?? ''
    if (unit === '') return fail(`time: missing unit in duration ${JSON.stringify(text)}`)
    const unitMs = unitsMs[unit]
    if (unitMs === undefined) return fail(`time: unknown unit "${unit}" in duration ${JSON.stringify(text)}`)
    rest = rest.slice(unit.length)
    totalMs += Number(number) * unitMs
  }
  return ok(signed === '-' ? -totalMs : totalMs)
}
