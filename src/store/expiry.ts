import { assert } from '../api/assert.ts'

/** When keys vanish by themselves, to the second. */
export interface Expiry {
  /** 0: never, or no longer. */
  set(key: string, expiresAtMs: number): void
  expiresAtMs(key: string): number
  /** At most `limit` keys of those that are due longest. They stay due until set anew. */
  due(nowMs: number, limit: number): readonly string[]
  /** When the next key may be due; undefined when none will be. */
  nextMs(): number | undefined
}

const bucketMs = 1000

export function expiryIndex(): Expiry {
  const times = new Map<string, number>()
  // Keys by the second in which they expire, and those seconds in a heap: many keys share a second, so the heap stays small.
  const buckets = new Map<number, Set<string>>()
  const seconds: number[] = []

  const remove = (key: string): void => {
    const time = times.get(key)
    if (time === undefined) return
    times.delete(key)
    buckets.get(Math.ceil(time / bucketMs))?.delete(key)
  }
  const dropEmptyBuckets = (): void => {
    for (let second = seconds[0]; second !== undefined && buckets.get(second)?.size === 0; second = seconds[0]) {
      buckets.delete(second)
      popLeast(seconds)
    }
  }
  return {
    set(key, expiresAtMs) {
      assert(Number.isFinite(expiresAtMs), `${key} expires at a finite time`)
      remove(key)
      if (expiresAtMs === 0) return
      const second = Math.ceil(expiresAtMs / bucketMs)
      times.set(key, expiresAtMs)
      const bucket = buckets.get(second)
      if (bucket !== undefined) {
        bucket.add(key)
        return
      }
      buckets.set(second, new Set([key]))
      pushLeast(seconds, second)
    },
    expiresAtMs: (key) => times.get(key) ?? 0,
    due(nowMs, limit) {
      dropEmptyBuckets()
      const second = seconds[0]
      if (second === undefined || second * bucketMs > nowMs) return []
      return [...(buckets.get(second) ?? [])].slice(0, limit)
    },
    nextMs() {
      dropEmptyBuckets()
      const second = seconds[0]
      return second === undefined ? undefined : second * bucketMs
    },
  }
}

function pushLeast(heap: number[], value: number): void {
  let at = heap.push(value) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent] as number
    if (above <= value) break
    heap[at] = above
    at = parent
  }
  heap[at] = value
}

function popLeast(heap: number[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    const left = 2 * at + 1
    const right = left + 1
    const child = right < heap.length && (heap[right] as number) < (heap[left] as number) ? right : left
    if (child >= heap.length || (heap[child] as number) >= last) break
    heap[at] = heap[child] as number
    at = child
  }
  heap[at] = last
}
