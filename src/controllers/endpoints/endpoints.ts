import { equalJson } from '../../api/json-value.ts'
import type {
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
  Endpoints,
  Pod,
  Service,
} from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, create, event, remove, targetOf, update } from '../action.ts'
import type { Failure } from '../perform.ts'
import { isPodReady } from '../pod-state.ts'
import {
  addressesOf,
  canServe,
  familiesOf,
  findPort,
  hasOwnEndpoints,
  headlessLabel,
  hostnameFor,
  isHeadless,
} from './endpoint-pods.ts'

export type ObservedEndpoints = Readonly<{
  /** Absent: the Service is gone. */
  service?: Stored<Service>
  pods: readonly Stored<Pod>[]
  /** Those with the Service's name. */
  endpoints?: Stored<Endpoints>
}>

export const endpointsManagedByLabel = 'endpoints.kubernetes.io/managed-by'
export const endpointsManager = 'endpoint-controller'
const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity'
/** More addresses than this are cut off: EndpointSlices have them all. */
const addressLimit = 1000

type Address = Readonly<{ address: EndpointAddress; ready: boolean }>

/** Keeps the older Endpoints object of a Service equal to its pods. */
export function reconcileEndpoints({ service, pods, endpoints }: ObservedEndpoints): readonly Action[] {
  if (service === undefined) return endpoints === undefined ? [] : [remove(targetOf(kinds.endpoints, endpoints))]
  if (!hasOwnEndpoints(service) || service.metadata.deletionTimestamp !== undefined) return []
  const { subsets, isCut } = limited(subsetsOf(service, pods))
  const { [overCapacityAnnotation]: _, ...annotations } = endpoints?.metadata.annotations ?? {}
  const wanted = {
    labels: labelsFor(service),
    annotations: isCut ? { ...annotations, [overCapacityAnnotation]: 'truncated' } : annotations,
  }
  const { name, namespace = '' } = service.metadata
  if (endpoints === undefined) return [create(kinds.endpoints, { metadata: { name, namespace, ...wanted }, subsets })]
  const known = { labels: endpoints.metadata.labels ?? {}, annotations: endpoints.metadata.annotations ?? {} }
  if (equalJson(endpoints.subsets ?? [], subsets) && equalJson(known, wanted)) return []
  return [update(kinds.endpoints, { ...endpoints, metadata: { ...endpoints.metadata, ...wanted }, subsets })]
}

export function endpointsAfterFailure({ service }: ObservedEndpoints, { action, status }: Failure): readonly Action[] {
  if (service === undefined) return []
  const { name, namespace } = service.metadata
  const subject = { apiVersion: 'v1', kind: 'Endpoints', name, ...(namespace === undefined ? {} : { namespace }) }
  const what = `${namespace}/${name}: ${status.message}`
  return action.type === 'create'
    ? [event(subject, 'Warning', 'FailedToCreateEndpoint', `Failed to create endpoint for service ${what}`)]
    : [event(subject, 'Warning', 'FailedToUpdateEndpoint', `Failed to update endpoint ${what}`)]
}

function labelsFor(service: Stored<Service>): Readonly<Record<string, string>> {
  const { [headlessLabel]: _, ...labels } = service.metadata.labels ?? {}
  const headless = isHeadless(service) ? { [headlessLabel]: '' } : {}
  return { ...labels, ...headless, [endpointsManagedByLabel]: endpointsManager }
}

/** Addresses that offer the same ports form one subset, in the order of their addresses. */
function subsetsOf(service: Stored<Service>, pods: readonly Stored<Pod>[]): readonly EndpointSubset[] {
  const byPorts = new Map<string, { ports: readonly EndpointPort[]; addresses: Address[] }>()
  for (const pod of pods) {
    const address = addressOf(service, pod)
    if (address === undefined) continue
    const ports = portsFor(service, pod)
    // Without a port there is nothing to reach, but for a headless Service that names none.
    if (ports.length === 0 && !((service.spec.ports ?? []).length === 0 && service.spec.clusterIP === 'None')) continue
    const key = JSON.stringify(ports)
    const subset = byPorts.get(key) ?? { ports, addresses: [] }
    const ready = service.spec.publishNotReadyAddresses === true || isPodReady(pod)
    subset.addresses.push({ address, ready })
    byPorts.set(key, subset)
  }
  return [...byPorts.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { ports, addresses }]) => subset(ports, addresses.toSorted(byAddress)))
}

function subset(ports: readonly EndpointPort[], addresses: readonly Address[]): EndpointSubset {
  const ready = addresses.filter((each) => each.ready).map(({ address }) => address)
  const notReady = addresses.filter((each) => !each.ready).map(({ address }) => address)
  return {
    ...(ready.length === 0 ? {} : { addresses: ready }),
    ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
    ...(ports.length === 0 ? {} : { ports }),
  }
}

function addressOf(service: Stored<Service>, pod: Stored<Pod>): EndpointAddress | undefined {
  const isDying = pod.metadata.deletionTimestamp !== undefined
  if (!canServe(pod) || (isDying && service.spec.publishNotReadyAddresses !== true)) return undefined
  const ip = addressesOf(pod, familiesOf(service)[0])[0]
  if (ip === undefined) return undefined
  const { name, namespace = '', uid } = pod.metadata
  const hostname = hostnameFor(service, pod)
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
  }
}

function portsFor({ spec }: Stored<Service>, pod: Stored<Pod>): readonly EndpointPort[] {
  return (spec.ports ?? []).flatMap((servicePort) => {
    const port = findPort(pod, servicePort)
    if (port === undefined) return []
    const { name = '', protocol = 'TCP', appProtocol } = servicePort
    return [{ ...(name === '' ? {} : { name }), port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }]
  })
}

function byAddress({ address: a }: Address, { address: b }: Address): number {
  if (a.ip !== b.ip) return a.ip < b.ip ? -1 : 1
  return (a.targetRef?.uid ?? '') < (b.targetRef?.uid ?? '') ? -1 : 1
}

/** Ready addresses are kept before others. */
function limited(subsets: readonly EndpointSubset[]): Readonly<{ subsets: readonly EndpointSubset[]; isCut: boolean }> {
  const count = (field: 'addresses' | 'notReadyAddresses') =>
    subsets.reduce((total, each) => total + (each[field]?.length ?? 0), 0)
  const isCut = count('addresses') + count('notReadyAddresses') > addressLimit
  if (!isCut) return { subsets, isCut }
  let ready = addressLimit
  let notReady = Math.max(0, addressLimit - count('addresses'))
  const cut = subsets.map(({ addresses = [], notReadyAddresses = [], ports }) => {
    const some = { addresses: addresses.slice(0, ready), notReadyAddresses: notReadyAddresses.slice(0, notReady) }
    ready -= some.addresses.length
    notReady -= some.notReadyAddresses.length
    return { ...some, ...(ports === undefined ? {} : { ports }) }
  })
  return { subsets: cut, isCut }
}
