import type { EndpointSlice, EndpointSubset, Endpoints, Service, ServicePort } from '../kinds.generated.ts'
import { humanAge } from './human-duration.ts'
import { ageColumn, column, nameColumn, orNone, shortList, tableSpec, wideColumn } from './table-spec.ts'

export const serviceTable = tableSpec<Service>(
  [
    nameColumn,
    column('Type', 'How the service is exposed.'),
    column('Cluster-IP', 'Address within the cluster.'),
    column('External-IP', 'Addresses from outside.'),
    column('Port(s)', 'Ports, node ports and protocols.'),
    ageColumn,
    wideColumn('Selector', 'Labels of the pods behind it.'),
  ],
  (service, nowMs) => [
    service.metadata?.name ?? '',
    service.spec?.type ?? '',
    service.spec?.clusterIPs?.[0] ?? '<none>',
    externalIp(service),
    orNone((service.spec?.ports ?? []).map(portText).join(',')),
    humanAge(service.metadata?.creationTimestamp, nowMs),
    orNone(labelsText(service.spec?.selector ?? {})),
  ],
)

function externalIp({ spec, status }: Service): string {
  const own = spec?.externalIPs ?? []
  switch (spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return orNone(own.join(','))
    case 'LoadBalancer': {
      const ingress = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '')
      const balanced = [...new Set(ingress.filter((address) => address !== ''))].sort()
      return [...balanced, ...own].join(',') || '<pending>'
    }
    case 'ExternalName':
      return spec.externalName ?? ''
    default:
      return '<unknown>'
  }
}

function portText({ port, nodePort = 0, protocol = '' }: ServicePort): string {
  return nodePort > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map((pair) => pair.join('='))
    .sort()
    .join(',')
}

export const endpointsTable = tableSpec<Endpoints>(
  [nameColumn, column('Endpoints', 'Addresses and ports that are ready.'), ageColumn],
  ({ metadata, subsets }, nowMs) => [
    metadata?.name ?? '',
    // Subsets that hold nothing but unready addresses leave the cell empty.
    shortList((subsets ?? []).flatMap(subsetAddresses), (subsets ?? []).length === 0 ? '<none>' : ''),
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)

function subsetAddresses({ addresses, ports }: EndpointSubset): readonly string[] {
  const ips = (addresses ?? []).map(({ ip }) => ip)
  if (!ports?.length) return ips
  return ports.flatMap(({ port }) => ips.map((ip) => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`))
}

export const endpointSliceTable = tableSpec<EndpointSlice>(
  [
    nameColumn,
    column('AddressType', 'Sort of the addresses.'),
    column('Ports', 'Ports of every endpoint.'),
    column('Endpoints', 'Addresses of the endpoints.'),
    ageColumn,
  ],
  ({ metadata, addressType, ports, endpoints }, nowMs) => [
    metadata?.name ?? '',
    addressType,
    shortList(
      (ports ?? []).map(({ port, name }) => String(port ?? name ?? '*')),
      '<unset>',
    ),
    shortList(
      (endpoints ?? []).flatMap(({ addresses }) => addresses),
      '<unset>',
    ),
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)
