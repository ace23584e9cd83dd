import { fail, ok, type Result } from './result.ts'

/** First and last of a run of completion indexes, both included. */
export type IndexInterval = Readonly<{ first: number; last: number }>

/**
 * '0,2-4,7': how an Indexed Job writes down which indexes are done, in growing order. Errors are worded as kube-apiserver's
 * validateIndexesFormat.
 */
export function parseIndexes(text: string, completions: number): Result<readonly IndexInterval[], string> {
  if (text === '') return ok([])
  const intervals: IndexInterval[] = []
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions)
    if (!interval.ok) return interval
    const before = intervals.at(-1)
    if (before !== undefined && before.last >= interval.value.first) {
      return fail(`non-increasing order, previous: ${before.last}, current: ${interval.value.first}`)
    }
    intervals.push(interval.value)
  }
  return ok(intervals)
}

function parseInterval(text: string, completions: number): Result<IndexInterval, string> {
  const limits = text.split('-')
  if (limits.length > 2) {
    return fail(
      `the fragment ${JSON.stringify(text)} violates the requirement that an index interval can have at most two parts separated by '-'`,
    )
  }
  const numbers: number[] = []
  for (const limit of limits) {
    if (!/^\+?[0-9]+$/.test(limit)) return fail(`cannot convert string to integer for index: ${JSON.stringify(limit)}`)
    if (Number(limit) >= completions) return fail(`too large index: ${JSON.stringify(limit)}`)
    numbers.push(Number(limit))
  }
  const [first = 0, last = first] = numbers
  if (limits.length === 2 && first >= last) return fail(`non-increasing order, previous: ${first}, current: ${last}`)
  return ok({ first, last })
}

/** What can be read of it, cut at the number of completions: a Job that was scaled down forgets what lies beyond. */
export function readIndexes(text: string | undefined, completions: number): ReadonlySet<number> {
  const indexes = new Set<number>()
  for (const part of (text ?? '').split(',')) {
    const [first, last = first] = part.split('-').map(Number)
    if (first === undefined || last === undefined || part === '') continue
    for (let index = first; index <= Math.min(last, completions - 1); index++) indexes.add(index)
  }
  return indexes
}

export function formatIndexes(indexes: ReadonlySet<number>): string {
  const parts: string[] = []
  const sorted = [...indexes].sort((a, b) => a - b)
  for (let at = 0; at < sorted.length; ) {
    let end = at
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end += 1
    const [first, last] = [sorted[at], sorted[end]]
    parts.push(end === at ? `${first}` : end === at + 1 ? `${first},${last}` : `${first}-${last}`)
    at = end + 1
  }
  return parts.join(',')
}

export function countIndexes(intervals: readonly IndexInterval[]): number {
  return intervals.reduce((sum, { first, last }) => sum + last - first + 1, 0)
}
