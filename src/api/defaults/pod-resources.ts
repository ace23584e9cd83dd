// Requests and limits of a whole pod where they are given in part: what containers ask for together. Kubernetes: PodLevelResources.
import type { JsonObject } from '../json-value.ts'
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
  zeroQuantity,
} from '../quantity.ts'
import { fill, listAt, structAt } from './rule.ts'

type Amounts = ReadonlyMap<string, Quantity>

/** `spec` of a pod whose containers have their requests already. */
export function defaultPodResources(spec: JsonObject): JsonObject {
  const resources = structAt(spec, 'resources')
  const limits = structAt(resources, 'limits')
  const requests = structAt(resources, 'requests')
  if (Object.keys(limits).length === 0 && Object.keys(requests).length === 0) return spec
  const allLimits = fill(
    limits,
    pick(aggregate(spec, 'limits'), (name) => isHugePage(name) && !(name in requests)),
  )
  if (Object.keys(allLimits).length === 0) return spec
  const fromContainers = pick(aggregate(spec, 'requests'), (name) => name === 'cpu' || name === 'memory')
  const fromLimits = Object.fromEntries(Object.entries(allLimits).filter(([name]) => isPodLevel(name)))
  const allRequests = fill(fill(requests, fromContainers), fromLimits)
  if (allRequests === requests && allLimits === limits) return spec
  return { ...spec, resources: { ...resources, limits: allLimits, requests: allRequests } }
}

function isHugePage(name: string): boolean {
  return name.startsWith('hugepages-')
}

function isPodLevel(name: string): boolean {
  return name === 'cpu' || name === 'memory' || isHugePage(name)
}

function pick(amounts: Amounts, wanted: (name: string) => boolean): JsonObject {
  const picked = [...amounts].filter(([name]) => wanted(name))
  return Object.fromEntries(picked.map(([name, amount]) => [name, formatQuantity(amount)]))
}

/** The most that is in use at any time: all containers with the sidecars, or one init container with the sidecars started before it. */
function aggregate(spec: JsonObject, kind: 'limits' | 'requests'): Amounts {
  let running: Amounts = new Map()
  for (const container of listAt(spec, 'containers'))
    running = combine(running, amountsOf(container, kind), addQuantities)
  let sidecars: Amounts = new Map()
  let starting: Amounts = new Map()
  for (const container of listAt(spec, 'initContainers')) {
    const amounts = amountsOf(container, kind)
    const isSidecar = container.restartPolicy === 'Always'
    if (isSidecar) {
      running = combine(running, amounts, addQuantities)
      sidecars = combine(sidecars, amounts, addQuantities)
    }
    starting = combine(starting, isSidecar ? sidecars : combine(sidecars, amounts, addQuantities), larger)
  }
  return combine(running, starting, larger)
}

function larger(a: Quantity, b: Quantity): Quantity {
  return compareQuantities(a, b) >= 0 ? a : b
}

function combine(a: Amounts, b: Amounts, join: (a: Quantity, b: Quantity) => Quantity): Amounts {
  const joined = new Map(a)
  for (const [name, amount] of b) joined.set(name, join(a.get(name) ?? zeroQuantity, amount))
  return joined
}

function amountsOf(container: JsonObject, kind: 'limits' | 'requests'): Amounts {
  const amounts = new Map<string, Quantity>()
  for (const [name, text] of Object.entries(structAt(structAt(container, 'resources'), kind))) {
    const amount = parseQuantity(String(text))
    if (amount.ok) amounts.set(name, amount.value)
  }
  return amounts
}
