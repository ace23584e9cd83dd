import { isJsonObject, type JsonObject } from './json-value.ts'
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
  zeroQuantity,
} from './quantity.ts'

/** Amounts of resources by name: 'cpu', 'memory', 'count/pods'. */
export type Amounts = ReadonlyMap<string, Quantity>

export const noAmounts: Amounts = new Map()

/** A resource list as it stands in objects. */
export function amountsOf(list: unknown): Amounts {
  const amounts = new Map<string, Quantity>()
  for (const [name, text] of Object.entries(isJsonObject(list) ? list : {})) {
    const amount = parseQuantity(String(text))
    if (amount.ok) amounts.set(name, amount.value)
  }
  return amounts
}

export function resourceList(amounts: Amounts): Readonly<Record<string, string>> {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, formatQuantity(amount)]))
}

export function combineAmounts(a: Amounts, b: Amounts, join: (a: Quantity, b: Quantity) => Quantity): Amounts {
  const joined = new Map(a)
  for (const [name, amount] of b) joined.set(name, join(a.get(name) ?? zeroQuantity, amount))
  return joined
}

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  return combineAmounts(a, b, addQuantities)
}

export function largerQuantity(a: Quantity, b: Quantity): Quantity {
  return compareQuantities(a, b) >= 0 ? a : b
}

type AmountKind = 'limits' | 'requests'

/** The most that is in use at any time: all containers with the sidecars, or one init container with the sidecars started before it. */
export function containersTotal(spec: JsonObject, kind: AmountKind): Amounts {
  let running = noAmounts
  for (const container of containersAt(spec, 'containers')) running = addAmounts(running, ownAmounts(container, kind))
  let sidecars = noAmounts
  let starting = noAmounts
  for (const container of containersAt(spec, 'initContainers')) {
    const amounts = ownAmounts(container, kind)
    const isSidecar = container.restartPolicy === 'Always'
    if (isSidecar) {
      running = addAmounts(running, amounts)
      sidecars = addAmounts(sidecars, amounts)
    }
    starting = combineAmounts(starting, isSidecar ? sidecars : addAmounts(sidecars, amounts), largerQuantity)
  }
  return combineAmounts(running, starting, largerQuantity)
}

/** Of a whole pod: what it says itself of processor, memory and huge pages goes before what its containers say. */
export function podTotal(spec: JsonObject, kind: AmountKind): Amounts {
  const own = [...ownAmounts(spec, kind)].filter(([name]) => isPodLevelResource(name))
  return new Map([...containersTotal(spec, kind), ...own])
}

export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')
}

function ownAmounts({ resources }: JsonObject, kind: AmountKind): Amounts {
  return amountsOf(isJsonObject(resources) ? resources[kind] : undefined)
}

function containersAt(spec: JsonObject, name: string): readonly JsonObject[] {
  const list = spec[name]
  return Array.isArray(list) ? list.filter(isJsonObject) : []
}
