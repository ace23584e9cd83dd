import type { Pod, Service, ServicePort } from '../../api/kinds.generated.ts'
import { matchesLabels, selectorFromLabels } from '../../api/label-selector.ts'
import type { Stored } from '../../api/object.ts'
import type { Informer } from '../../client/informer.ts'
import { isPodReady, isPodTerminal } from '../pod-state.ts'

export type AddressFamily = 'IPv4' | 'IPv6'
export const headlessLabel = 'service.kubernetes.io/headless'

/** Only Services with a selector get their endpoints from here. */
export function hasOwnEndpoints({ spec }: Stored<Service>): boolean {
  return spec.type !== 'ExternalName' && spec.selector !== undefined && Object.keys(spec.selector).length > 0
}

export function isHeadless({ spec }: Stored<Service>): boolean {
  return (spec.clusterIP ?? '') === '' || spec.clusterIP === 'None'
}

/** Has an address, and is not at its end. */
export function canServe(pod: Stored<Pod>): boolean {
  return !isPodTerminal(pod) && addressesOf(pod).length > 0
}

export function addressesOf({ status }: Stored<Pod>, family?: AddressFamily): readonly string[] {
  const all = status.podIPs?.map(({ ip }) => ip) ?? (status.podIP === undefined ? [] : [status.podIP])
  return all.filter((ip) => ip !== '' && (family === undefined || familyOf(ip) === family))
}

function familyOf(ip: string): AddressFamily {
  return ip.includes(':') ? 'IPv6' : 'IPv4'
}

/** The families that a Service is served in; where it does not say, that of its address. */
export function familiesOf({ spec }: Stored<Service>): readonly AddressFamily[] {
  const named = (spec.ipFamilies ?? []).filter((family) => family === 'IPv4' || family === 'IPv6')
  if (named.length > 0) return named
  const { clusterIP = '' } = spec
  return clusterIP === '' || clusterIP === 'None' ? ['IPv4', 'IPv6'] : [familyOf(clusterIP)]
}

/** The number behind a Service's target port: a name is looked up in the containers, sidecars included. */
export function findPort({ spec }: Stored<Pod>, port: ServicePort): number | undefined {
  const target = port.targetPort ?? port.port
  if (typeof target === 'number') return target
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  for (const { ports = [] } of [...spec.containers, ...sidecars]) {
    const found = ports.find(({ name, protocol = 'TCP' }) => name === target && protocol === (port.protocol ?? 'TCP'))
    if (found !== undefined) return found.containerPort
  }
  return undefined
}

/** A pod that names this headless Service as its subdomain is known by its hostname in DNS. */
export function hostnameFor(service: Stored<Service>, { spec, metadata }: Stored<Pod>): string | undefined {
  const { hostname = '', subdomain = '' } = spec
  const isNamed = hostname !== '' && subdomain === service.metadata.name
  return isNamed && metadata.namespace === service.metadata.namespace ? hostname : undefined
}

/** Keys of the Services that select the pod as it was or is, where the change matters to an endpoint. */
export function servicesOfChange(
  services: Informer<Service>,
  before: Stored<Pod> | undefined,
  after: Stored<Pod> | undefined,
): readonly string[] {
  if (before !== undefined && after !== undefined && fingerprint(before) === fingerprint(after)) return []
  const namespace = (after ?? before)?.metadata.namespace ?? ''
  return services
    .indexed('namespace', namespace)
    .filter((service) => selects(service, before) || selects(service, after))
    .map(({ metadata }) => `${namespace}/${metadata.name}`)
}

/** Keys of the Services that select any of the pods. */
export function servicesOfPods(services: Informer<Service>, pods: readonly Stored<Pod>[]): readonly string[] {
  return pods.flatMap((pod) => servicesOfChange(services, undefined, pod))
}

export function selects(service: Stored<Service>, pod: Stored<Pod> | undefined): boolean {
  if (pod === undefined || !hasOwnEndpoints(service)) return false
  return matchesLabels(selectorFromLabels(service.spec.selector), pod.metadata.labels)
}

function fingerprint(pod: Stored<Pod>): string {
  const { labels, deletionTimestamp } = pod.metadata
  const { hostname, subdomain, nodeName } = pod.spec
  const isDying = deletionTimestamp !== undefined
  return JSON.stringify([
    labels,
    isDying,
    hostname,
    subdomain,
    nodeName,
    isPodReady(pod),
    isPodTerminal(pod),
    addressesOf(pod),
  ])
}
