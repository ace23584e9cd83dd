import type { Ending } from '../../api/ending.ts'
import type { RequestInfo } from '../request-info.ts'

/** How many watch what: tells what a write costs besides its own answer. */
export interface WatchCount {
  /** Until the signal is aborted. */
  add(info: RequestInfo, closed: Ending): void
  /** Watches that will hear of a write to this. */
  of(info: RequestInfo): number
  total(): number
}

export function watchCount(): WatchCount {
  const counts = new Map<string, number>()
  let total = 0
  const change = (key: string, by: number): void => {
    total += by
    const count = (counts.get(key) ?? 0) + by
    if (count === 0) counts.delete(key)
    else counts.set(key, count)
  }
  return {
    add(info, closed) {
      const key = keyOf(info, info.namespace, info.name)
      change(key, 1)
      closed.addEventListener('abort', () => change(key, -1))
    },
    of(info) {
      if (total === 0) return 0
      const scopes = info.namespace === '' ? [''] : ['', info.namespace]
      const names = info.name === '' ? [''] : ['', info.name]
      return scopes.reduce(
        (sum, namespace) =>
          sum + names.reduce((some, name) => some + (counts.get(keyOf(info, namespace, name)) ?? 0), 0),
        0,
      )
    },
    total: () => total,
  }
}

function keyOf({ group, resource }: RequestInfo, namespace: string, name: string): string {
  return `${group}/${resource}/${namespace}/${name}`
}
