/** A map that forgets what was set longest ago once it holds more than limit entries. */
export type BoundedMap<V> = Readonly<{
  get(key: string): V | undefined
  set(key: string, value: V): void
}>

export function boundedMap<V>(limit: number): BoundedMap<V> {
  const entries = new Map<string, V>()
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size <= limit) return
      for (const oldest of entries.keys()) {
        entries.delete(oldest)
        return
      }
    },
  }
}
