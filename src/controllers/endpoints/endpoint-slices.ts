import { equalJson } from '../../api/json-value.ts'
import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice, Node, Pod, Service } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, create, remove, targetOf, update } from '../action.ts'
import { controllerRef } from '../owner.ts'
import { isPodReady } from '../pod-state.ts'
import { type PackedSlice, packSlices } from './endpoint-packing.ts'
import {
  type AddressFamily,
  addressesOf,
  canServe,
  familiesOf,
  findPort,
  headlessLabel,
  hostnameFor,
  isHeadless,
} from './endpoint-pods.ts'

export type ObservedEndpointSlices = Readonly<{
  service: Stored<Service>
  /** Those that the Service selects. */
  pods: readonly Stored<Pod>[]
  /** The nodes of those pods, by name. */
  nodes: ReadonlyMap<string, Stored<Node>>
  /** Those that this controller has made for the Service. */
  slices: readonly Stored<EndpointSlice>[]
}>

export const serviceNameLabel = 'kubernetes.io/service-name'
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
export const sliceManager = 'endpointslice-controller.k8s.io'

type Ports = readonly DiscoveryV1EndpointPort[]
type Group = { ports: Ports; endpoints: Endpoint[] }

/** Keeps a Service's EndpointSlices equal to its pods, changing as few of them as it can. */
export function reconcileEndpointSlices(observed: ObservedEndpointSlices): readonly Action[] {
  const { service, slices } = observed
  if (service.metadata.deletionTimestamp !== undefined) return []
  const families = familiesOf(service)
  const stale = slices.filter(({ addressType }) => !families.some((family) => family === addressType))
  return [...families.flatMap((family) => reconcileFamily(observed, family)), ...stale.map(deletion)]
}

/** Pods whose named ports come to different numbers cannot share a slice. */
function reconcileFamily(observed: ObservedEndpointSlices, family: AddressFamily): readonly Action[] {
  const { service } = observed
  const labels = sliceLabels(service)
  const existing = observed.slices.filter(({ addressType }) => addressType === family)
  const groups = groupByPorts(observed, family)
  const packed = [...groups].flatMap(([key, { ports, endpoints }]) => {
    const own = existing.filter((slice) => portsKey(slice.ports ?? []) === key)
    return packSlices(own, endpoints).map((slice) => ({ ...slice, ports }))
  })
  const filled = packed.filter(({ endpoints }) => endpoints.length > 0)
  const wanted = filled.length > 0 ? filled : [placeholder(existing)]
  const kept = new Set(wanted.map(({ slice }) => slice?.metadata.uid))
  return [
    ...wanted.flatMap((slice) => write(service, family, labels, slice)),
    ...existing.filter(({ metadata }) => !kept.has(metadata.uid)).map(deletion),
  ]
}

/** A Service without endpoints has one empty slice. */
function placeholder(existing: readonly Stored<EndpointSlice>[]): PackedSlice & Readonly<{ ports: Ports }> {
  const known = existing.find((slice) => (slice.endpoints ?? []).length === 0 && (slice.ports ?? []).length === 0)
  return { ...(known === undefined ? {} : { slice: known }), endpoints: [], ports: [] }
}

function groupByPorts(observed: ObservedEndpointSlices, family: AddressFamily): ReadonlyMap<string, Group> {
  const { service, pods, nodes } = observed
  const groups = new Map<string, Group>()
  for (const pod of pods.filter(canServe)) {
    const node = nodes.get(pod.spec.nodeName ?? '')
    // Where its node is not known yet its zone is not either.
    if (node === undefined && service.spec.publishNotReadyAddresses !== true) continue
    const addresses = addressesOf(pod, family)
    if (addresses.length === 0) continue
    const ports = portsFor(service, pod)
    const key = portsKey(ports)
    const group = groups.get(key) ?? { ports, endpoints: [] }
    group.endpoints.push(endpointOf(service, pod, node, addresses))
    groups.set(key, group)
  }
  return groups
}

function endpointOf(
  service: Stored<Service>,
  pod: Stored<Pod>,
  node: Stored<Node> | undefined,
  addresses: readonly string[],
): Endpoint {
  const serving = isPodReady(pod)
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating)
  const { name, namespace = '', uid } = pod.metadata
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone'] ?? ''
  const hostname = hostnameFor(service, pod)
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    ...(zone === '' ? {} : { zone }),
  }
}

/** Ports that the pod has; one that it does not name is left out for it. */
function portsFor({ spec }: Stored<Service>, pod: Stored<Pod>): Ports {
  return (spec.ports ?? []).flatMap((servicePort) => {
    const port = findPort(pod, servicePort)
    if (port === undefined) return []
    const { name = '', protocol = 'TCP', appProtocol } = servicePort
    return [{ name, protocol, port, ...(appProtocol === undefined ? {} : { appProtocol }) }]
  })
}

function portsKey(ports: Ports): string {
  return ports
    .map(({ name = '', port, protocol = 'TCP', appProtocol }) => JSON.stringify([name, port, protocol, appProtocol]))
    .sort()
    .join()
}

function sliceLabels(service: Stored<Service>): Readonly<Record<string, string>> {
  return {
    ...service.metadata.labels,
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
    [serviceNameLabel]: service.metadata.name,
    [managedByLabel]: sliceManager,
  }
}

function write(
  service: Stored<Service>,
  addressType: AddressFamily,
  labels: Readonly<Record<string, string>>,
  { slice, endpoints, ports }: PackedSlice & Readonly<{ ports: Ports }>,
): readonly Action[] {
  const { name, namespace = '' } = service.metadata
  if (slice === undefined) {
    const ownerReferences = [controllerRef(kinds.services, service)]
    const metadata = { generateName: `${name}-`, namespace, labels, ownerReferences }
    return [create(kinds.endpointSlices, { metadata, addressType, endpoints, ports })]
  }
  if (equalJson(slice.endpoints ?? [], endpoints) && equalJson(slice.metadata.labels, labels)) return []
  return [update(kinds.endpointSlices, { ...slice, metadata: { ...slice.metadata, labels }, endpoints })]
}

function deletion(slice: Stored<EndpointSlice>): Action {
  return remove(targetOf(kinds.endpointSlices, slice))
}
