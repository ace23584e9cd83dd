import type { Container, PodStatus, ResourceRequirements } from '../api/kinds.generated.ts'
import { addQuantities, canonicalQuantity, compareQuantities, type Quantity, quantity } from '../api/quantity.ts'
import { isSidecar, type KubeletPod } from './pod-containers.ts'

type List = 'limits' | 'requests'

/** What a pod as a whole was granted and has: its own amounts, or else those of its containers together. */
export function podResources(
  pod: KubeletPod,
  own: ResourceRequirements | undefined,
): Pick<PodStatus, 'allocatedResources' | 'resources'> {
  const granted = amounts(pod, 'requests', pod.spec.resources)
  const requests = amounts(pod, 'requests', own)
  const limits = amounts(pod, 'limits', own)
  const shown = { ...(limits && { limits }), ...(requests && { requests }) }
  return { ...(granted && { allocatedResources: granted }), resources: shown }
}

function amounts(
  { spec }: KubeletPod,
  list: List,
  own: ResourceRequirements | undefined,
): Readonly<Record<string, string>> | undefined {
  const { containers, initContainers = [], overhead = {} } = spec
  const names = new Set([
    ...[...containers, ...initContainers].flatMap(({ resources }) => Object.keys(resources?.[list] ?? {})),
    ...Object.keys(own?.[list] ?? {}),
    ...(list === 'requests' ? Object.keys(overhead) : []),
  ])
  if (names.size === 0) return undefined
  return Object.fromEntries([...names].sort().map((name) => [name, amountText(spec, list, name, own?.[list]?.[name])]))
}

function amountText(spec: KubeletPod['spec'], list: List, name: string, own: string | undefined): string {
  const whole = own === undefined ? sum(spec, list, name) : quantity(own)
  const extra = spec.overhead?.[name]
  return canonicalQuantity(extra === undefined ? whole : addQuantities(whole, quantity(extra)))
}

/** Containers and sidecars run together; each other init container runs with the sidecars before it. */
function sum({ containers, initContainers = [] }: KubeletPod['spec'], list: List, name: string): Quantity {
  const of = ({ resources }: Container): Quantity[] => {
    const text = resources?.[list]?.[name]
    return text === undefined ? [] : [quantity(text)]
  }
  const all = (some: readonly Container[]): Quantity => some.flatMap(of).reduce(addQuantities, quantity('0'))
  const running = all([...containers, ...initContainers.filter(isSidecar)])
  return initContainers.reduce((largest, container, at) => {
    const together = all([...initContainers.slice(0, at).filter(isSidecar), container])
    return compareQuantities(together, largest) > 0 ? together : largest
  }, running)
}
