import type { Endpoint, EndpointSlice, Service } from '../api/kinds.generated.ts'
import { makeSliceIndex } from './slice-index.ts'

/** One address behind a service, with a port it serves on ('' is an unnamed port). */
export type DnsEndpoint = Readonly<{
  address: string
  /** The pod's hostname where it has one, else the address with dashes: '10-244-0-5'. */
  hostname: string
  ports: readonly Readonly<{ name: string; protocol: string; port: number }>[]
}>

/** What names can be answered from. */
export interface DnsView {
  service(namespace: string, name: string): Service | undefined
  /** Ready endpoints, in address order. */
  endpoints(namespace: string, name: string): readonly DnsEndpoint[]
  namespaceExists(namespace: string): boolean
  /** Whose address it is: a service by its cluster IP, or an endpoint of a service without one. */
  owners(address: string): readonly Readonly<{ namespace: string; service: string; hostname?: string }>[]
}

export interface DnsRecords extends DnsView {
  setNamespace(key: string, exists: boolean): void
  setService(key: string, service: Service | undefined): void
  setSlice(key: string, slice: EndpointSlice | undefined): void
}

/** The view, kept current one object at a time. */
export function makeDnsRecords(): DnsRecords {
  const namespaces = new Set<string>()
  const services = new Map<string, Service>()
  const slices = makeSliceIndex()
  const keysByAddress = new Map<string, Set<string>>()
  const addressesByKey = new Map<string, ReadonlySet<string>>()

  const reindex = (key: string): void => {
    const now = new Set(addressesOf(services.get(key), endpointsIn(slices.of(key))))
    for (const address of addressesByKey.get(key) ?? []) dropFrom(keysByAddress, address, key)
    for (const address of now) keysByAddress.set(address, (keysByAddress.get(address) ?? new Set()).add(key))
    if (now.size === 0) addressesByKey.delete(key)
    else addressesByKey.set(key, now)
  }
  const ownersOf: DnsView['owners'] = (address) =>
    [...(keysByAddress.get(address) ?? [])].sort().flatMap((key) => {
      const [namespace = '', service = ''] = key.split('/')
      if (!isHeadless(services.get(key))) return [{ namespace, service }]
      const found = endpointsIn(slices.of(key)).filter((endpoint) => endpoint.address === address)
      return found.map(({ hostname }) => ({ namespace, service, hostname }))
    })
  return {
    setNamespace: (key, exists) => void (exists ? namespaces.add(key) : namespaces.delete(key)),
    setService(key, service) {
      if (service === undefined) services.delete(key)
      else services.set(key, service)
      reindex(key)
    },
    setSlice(key, slice) {
      for (const owner of slices.set(key, slice)) reindex(owner)
    },
    service: (namespace, name) => services.get(`${namespace}/${name}`),
    endpoints: (namespace, name) => endpointsIn(slices.of(`${namespace}/${name}`)),
    namespaceExists: (namespace) => namespaces.has(namespace),
    owners: ownersOf,
  }
}

export function isHeadless(service: Service | undefined): boolean {
  return service?.spec?.clusterIP === 'None'
}

function addressesOf(service: Service | undefined, endpoints: readonly DnsEndpoint[]): readonly string[] {
  if (service === undefined || service.spec?.type === 'ExternalName') return []
  if (isHeadless(service)) return endpoints.map(({ address }) => address)
  return service.spec?.clusterIPs ?? (service.spec?.clusterIP === undefined ? [] : [service.spec.clusterIP])
}

function endpointsIn(slices: readonly EndpointSlice[]): readonly DnsEndpoint[] {
  const found = new Map<string, DnsEndpoint>()
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue
    const ports = (slice.ports ?? []).map(({ name = '', protocol = 'TCP', port = 0 }) => ({ name, protocol, port }))
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false) continue
      for (const address of endpoint.addresses) {
        const had = found.get(address)?.ports ?? []
        found.set(address, { address, hostname: hostnameOf(endpoint, address), ports: [...had, ...ports] })
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.address < b.address ? -1 : 1))
}

function hostnameOf({ hostname }: Endpoint, address: string): string {
  return hostname === undefined || hostname === '' ? address.replaceAll('.', '-') : hostname
}

function dropFrom(index: Map<string, Set<string>>, address: string, key: string): void {
  const keys = index.get(address)
  keys?.delete(key)
  if (keys?.size === 0) index.delete(address)
}
