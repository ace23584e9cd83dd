import { expect, it } from 'vitest'
import type { ProbeVerdict } from '../pod-actions.ts'
import { countProbe, noProbes } from './probe-count.ts'

const verdicts: Readonly<Record<string, ProbeVerdict>> = { '+': 'success', '-': 'failure' }

/** '!' after each verdict that is decided by then. */
function decisions(sequence: string, failureThreshold: number, successThreshold: number): string {
  let count = noProbes
  return [...sequence]
    .map((sign) => {
      const counted = countProbe(count, verdicts[sign] ?? 'failure', { failureThreshold, successThreshold })
      count = counted.count
      return counted.decided ? `${sign}!` : sign
    })
    .join('')
}

it.each([
  ['---', 3, 1, '---!'],
  ['--+--', 3, 1, '--+!--'],
  ['++-+', 1, 2, '++!-!+'],
  ['+', 3, 1, '+!'],
])('counts %s with thresholds %i and %i as %s', (sequence, failures, successes, decided) => {
  expect(decisions(sequence, failures, successes)).toBe(decided)
})
