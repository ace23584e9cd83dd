import { describe, expect, it } from 'vitest'
import { humanAge, humanDuration } from './human-duration.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day

/** What k8s.io/apimachinery's duration.HumanDuration says. */
const cases: readonly (readonly [ms: number, text: string])[] = [
  [-5 * second, '<invalid>'],
  [-1500, '0s'],
  [0, '0s'],
  [999, '0s'],
  [119 * second, '119s'],
  [2 * minute, '2m'],
  [2 * minute + 5 * second, '2m5s'],
  [9 * minute + 59 * second, '9m59s'],
  [10 * minute + 5 * second, '10m'],
  [179 * minute, '179m'],
  [3 * hour, '3h'],
  [3 * hour + 4 * minute, '3h4m'],
  [8 * hour + 4 * minute, '8h'],
  [47 * hour, '47h'],
  [48 * hour, '2d'],
  [50 * hour, '2d2h'],
  [8 * day + hour, '8d'],
  [729 * day, '729d'],
  [2 * year, '2y'],
  [2 * year + 35 * day, '2y35d'],
  [9 * year + 35 * day, '9y'],
]

describe('a duration', () => {
  it.each(cases)('of %d ms is shown as %s', (ms, text) => {
    expect(humanDuration(ms)).toBe(text)
  })

  it('since a time that is not set is unknown', () => {
    expect(humanAge(undefined, 0)).toBe('<unknown>')
    expect(humanAge('1970-01-01T00:00:00Z', 5 * day)).toBe('5d')
  })
})
