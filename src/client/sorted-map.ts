/** A map whose values come in the order of their keys (by UTF-16 code units). */
export type SortedMap<V> = Readonly<{
  get(key: string): V | undefined
  /** The value that was there before. */
  set(key: string, value: V): V | undefined
  delete(key: string): V | undefined
  /** A snapshot: later changes do not show in it. */
  values(): readonly V[]
  size(): number
}>

export function sortedMap<V>(): SortedMap<V> {
  const byKey = new Map<string, V>()
  const keys: string[] = []
  let snapshot: readonly V[] | undefined = []

  return {
    get: (key) => byKey.get(key),
    set(key, value) {
      const before = byKey.get(key)
      if (before === undefined && !byKey.has(key)) keys.splice(position(keys, key), 0, key)
      byKey.set(key, value)
      snapshot = undefined
      return before
    },
    delete(key) {
      const before = byKey.get(key)
      if (!byKey.delete(key)) return undefined
      keys.splice(position(keys, key), 1)
      snapshot = undefined
      return before
    },
    values() {
      snapshot ??= keys.map((key) => byKey.get(key) as V)
      return snapshot
    },
    size: () => byKey.size,
  }
}

/** Index of the first key that is not before the given one. */
function position(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}
