import type { FirewallElement, StaleFlow } from '../ports/firewall.ts'
import type { Entry } from './service-plan.ts'

type Backends = ReadonlyMap<string, ReadonlySet<string>>

/**
 * Connections that the change of one owner's elements leaves behind. TCP ends by itself; a UDP client that keeps its port would go on
 * being sent to a backend that has gone, or (when there was none before) to nowhere.
 */
export function staleFlows(before: readonly Entry[], after: readonly Entry[]): readonly StaleFlow[] {
  const [old, now] = [backendsByFrontend(before), backendsByFrontend(after)]
  const flows: StaleFlow[] = []
  for (const frontend of new Set([...old.keys(), ...now.keys()])) {
    const flow = flowOf(frontend)
    if (flow === undefined) continue
    const had = old.get(frontend) ?? new Set()
    const has = now.get(frontend) ?? new Set()
    if (had.size === 0 && has.size > 0) flows.push(flow)
    for (const backend of had) {
      const [endpoint] = backend.split(' . ')
      if (!has.has(backend) && endpoint !== undefined) flows.push({ ...flow, endpoint })
    }
  }
  return flows
}

/** Remembered clients whose backend is no longer one of their service's. */
export function staleAffinity(
  remembered: readonly FirewallElement[],
  changed: readonly Readonly<{ before: readonly Entry[]; after: readonly Entry[] }>[],
): readonly string[] {
  const gone = new Map<string, Set<string>>()
  for (const { before, after } of changed) {
    const [old, now] = [backendsById(before), backendsById(after)]
    for (const [id, backends] of old) {
      const lost = [...backends].filter((backend) => now.get(id)?.has(backend) !== true)
      gone.set(id, new Set([...(gone.get(id) ?? []), ...lost]))
    }
  }
  return remembered.flatMap(({ key, value = '' }) => {
    const [, , id = ''] = key.split(' . ')
    return gone.get(id)?.has(value) === true ? [key] : []
  })
}

export function hasAffinity(entries: readonly Entry[]): boolean {
  return entries.some(({ lookup }) => lookup === 'affinity-timeouts')
}

/** 'vip 10.96.0.1 . udp . 53' → its backends. */
function backendsByFrontend(entries: readonly Entry[]): Backends {
  const backends = new Map<string, Set<string>>()
  for (const { lookup, key, value } of entries) {
    const family = /^(.*)-to-\d+$/.exec(lookup)?.[1]
    if (family === undefined || value === undefined) continue
    const frontend = `${family} ${key.slice(0, key.lastIndexOf(' . '))}`
    backends.set(frontend, (backends.get(frontend) ?? new Set()).add(value))
  }
  return backends
}

function backendsById(entries: readonly Entry[]): Backends {
  const byFrontend = backendsByFrontend(entries)
  const backends = new Map<string, Set<string>>()
  for (const { lookup, key, value } of entries) {
    const family = /^(.*)-affinity$/.exec(lookup)?.[1]
    if (family === undefined || value === undefined) continue
    backends.set(value, new Set([...(backends.get(value) ?? []), ...(byFrontend.get(`${family} ${key}`) ?? [])]))
  }
  return backends
}

function flowOf(frontend: string): StaleFlow | undefined {
  const parts = frontend.slice(frontend.indexOf(' ') + 1).split(' . ')
  const [port, protocol, destination] = parts.reverse()
  if (protocol !== 'udp') return undefined
  return { protocol, port: Number(port), ...(destination === undefined ? {} : { destination }) }
}
