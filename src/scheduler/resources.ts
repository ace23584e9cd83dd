import type { Container, Node, Pod } from '../api/kinds.generated.ts'
import { parseQuantity, quantityMilli, quantityUnits } from '../api/quantity.ts'
import { isPodLevelResource } from '../api/resource-amounts.ts'

/** Amounts of what nodes offer and pods request: millicores for cpu, bytes, and whole units of everything else. */
export type Resources = Readonly<{
  milliCpu: number
  memoryBytes: number
  ephemeralStorageBytes: number
  /** Extended resources, huge pages and the like, by name. */
  scalars: ReadonlyMap<string, number>
}>

type Amounts = Map<string, number>
type List = Readonly<Record<string, string>> | undefined

export const noResources: Resources = { milliCpu: 0, memoryBytes: 0, ephemeralStorageBytes: 0, scalars: new Map() }

/** What a container counts as for scoring when it requests nothing: 0.1 core and 200 MB (pkg/scheduler/util). */
const assumedRequests: ReadonlyMap<string, number> = new Map([
  ['cpu', 100],
  ['memory', 200 * 1024 * 1024],
])

/**
 * What a node must have free for the pod: its containers and sidecars together, or the most that its init containers need at one
 * time, whichever is more, plus overhead (k8s.io/component-helpers resource.PodRequests).
 */
export function podRequests(pod: Pod): Resources {
  return resourcesOf(aggregate(pod, new Map()))
}

/** The same with something assumed for containers without requests, so that scoring does not see them as free. */
export function podRequestsForScoring(pod: Pod): Resources {
  return resourcesOf(aggregate(pod, assumedRequests))
}

export function nodeAllocatable({ status }: Node): Readonly<{ resources: Resources; pods: number }> {
  const amounts = amountsOf(status?.allocatable ?? status?.capacity)
  return { resources: resourcesOf(amounts), pods: amounts.get('pods') ?? 0 }
}

export function addResources(a: Resources, b: Resources): Resources {
  return combine(a, b, 1)
}

export function subtractResources(a: Resources, b: Resources): Resources {
  return combine(a, b, -1)
}

function aggregate(pod: Pod, assumed: ReadonlyMap<string, number>): Amounts {
  const spec = pod.spec
  const total: Amounts = new Map()
  const sidecars: Amounts = new Map()
  const atStart: Amounts = new Map()
  const allocated = allocatedByContainer(pod)
  const requestsOf = (container: Container): Amounts => {
    const amounts = amountsOf(container.resources?.requests)
    // While a running container is being resized, the larger of what it asks for and what it still has counts.
    for (const list of allocated.get(container.name) ?? []) raise(amounts, amountsOf(list))
    for (const [name, amount] of assumed) if (!amounts.has(name)) amounts.set(name, amount)
    return amounts
  }
  for (const container of spec?.containers ?? []) add(total, requestsOf(container))
  for (const container of spec?.initContainers ?? []) {
    const requests = requestsOf(container)
    if (container.restartPolicy === 'Always') {
      add(total, requests)
      add(sidecars, requests)
      raise(atStart, sidecars)
    } else {
      add(requests, sidecars)
      raise(atStart, requests)
    }
  }
  raise(total, atStart)
  // Pod-level requests replace what the containers add up to (KEP-2837).
  for (const [name, amount] of amountsOf(spec?.resources?.requests))
    if (isPodLevelResource(name)) total.set(name, amount)
  add(total, amountsOf(spec?.overhead))
  return total
}

function allocatedByContainer({ status }: Pod): ReadonlyMap<string, readonly List[]> {
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  return new Map(
    statuses.map(({ name, allocatedResources, resources }) => [name, [allocatedResources, resources?.requests]]),
  )
}

function resourcesOf(amounts: Amounts): Resources {
  const scalars = new Map<string, number>()
  for (const [name, amount] of amounts) if (isScalar(name)) scalars.set(name, amount)
  return {
    milliCpu: amounts.get('cpu') ?? 0,
    memoryBytes: amounts.get('memory') ?? 0,
    ephemeralStorageBytes: amounts.get('ephemeral-storage') ?? 0,
    scalars,
  }
}

/** schedutil.IsScalarResourceName. */
function isScalar(name: string): boolean {
  return name.includes('/') || name.startsWith('hugepages-') || name.startsWith('attachable-volumes-')
}

function amountsOf(list: List): Amounts {
  const amounts: Amounts = new Map()
  for (const name in list) amounts.set(name, amountOf(name, list[name] ?? '0'))
  return amounts
}

/** Quantities repeat endlessly; parsing is the slow part of looking at a pod. */
const parsed = new Map<string, number>()
const maxParsed = 10_000

function amountOf(name: string, text: string): number {
  const key = name === 'cpu' ? `m${text}` : text
  const known = parsed.get(key)
  if (known !== undefined) return known
  const quantity = parseQuantity(text)
  const amount = quantity.ok
    ? Number(name === 'cpu' ? quantityMilli(quantity.value) : quantityUnits(quantity.value))
    : 0
  if (parsed.size >= maxParsed) parsed.clear()
  parsed.set(key, amount)
  return amount
}

function add(into: Amounts, amounts: Amounts): void {
  for (const [name, amount] of amounts) into.set(name, (into.get(name) ?? 0) + amount)
}

function raise(into: Amounts, amounts: Amounts): void {
  for (const [name, amount] of amounts) if (amount > (into.get(name) ?? -1)) into.set(name, amount)
}

function combine(a: Resources, b: Resources, sign: 1 | -1): Resources {
  let scalars = a.scalars
  if (b.scalars.size > 0) {
    const sum = new Map(a.scalars)
    for (const [name, amount] of b.scalars) sum.set(name, (sum.get(name) ?? 0) + sign * amount)
    scalars = sum
  }
  return {
    milliCpu: a.milliCpu + sign * b.milliCpu,
    memoryBytes: a.memoryBytes + sign * b.memoryBytes,
    ephemeralStorageBytes: a.ephemeralStorageBytes + sign * b.ephemeralStorageBytes,
    scalars,
  }
}
