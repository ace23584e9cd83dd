import type { EndpointSlice, Endpoints, Ingress, NetworkPolicy, Service } from '../kinds.generated.ts'
import { child, index } from '../validation/field-error.ts'
import type { Warnings } from './field-warnings.ts'
import { cidrWarnings, ipWarnings } from './ip-warnings.ts'

/** pkg/api/service's GetWarningsForService. */
export function serviceWarnings({ metadata, spec = {} }: Service): Warnings {
  const hints = 'service.kubernetes.io/topology-aware-hints'
  const { type = '', clusterIP = '', clusterIPs = [], externalIPs = [], externalName = '' } = spec
  const { loadBalancerIP = '', loadBalancerSourceRanges = [], trafficDistribution } = spec
  const isHeadless = type === 'ClusterIP' && clusterIP === 'None'
  const isNamed = type === 'ExternalName'
  const hasExternal = externalIPs.length > 0
  return [
    ...when(
      metadata?.annotations?.[hints] !== undefined,
      `annotation ${hints} is deprecated, please use service.kubernetes.io/topology-mode instead`,
    ),
    ...(clusterIP === '' || clusterIP === 'None' ? [] : each('spec.clusterIPs', clusterIPs, ipWarnings)),
    ...when(isHeadless && loadBalancerIP !== '', 'spec.loadBalancerIP is ignored for headless services'),
    ...when(isHeadless && hasExternal, 'spec.externalIPs is ignored for headless services'),
    ...when(isHeadless && spec.sessionAffinity !== 'None', 'spec.SessionAffinity is ignored for headless services'),
    ...each('spec.externalIPs', externalIPs, ipWarnings),
    ...when(
      hasExternal && !isHeadless && !isNamed,
      'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
    ),
    ...(loadBalancerIP === '' ? [] : ipWarnings('spec.loadBalancerIP', loadBalancerIP)),
    ...each('spec.loadBalancerSourceRanges', loadBalancerSourceRanges, cidrWarnings),
    ...when(isNamed && hasExternal, 'spec.externalIPs is ignored when spec.type is "ExternalName"'),
    ...when(!isNamed && externalName !== '', 'spec.externalName is ignored when spec.type is not "ExternalName"'),
    ...when(
      trafficDistribution === 'PreferClose',
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ),
  ]
}

/** Of the addresses in a status: those of a Service and of an Ingress. */
export function loadBalancerWarnings({ status }: Pick<Service, 'status'> | Pick<Ingress, 'status'>): Warnings {
  const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip)
  return each('status.loadBalancer.ingress', addresses, (field, ip) => (ip === '' ? [] : ipWarnings(field, ip)))
}

export function ingressWarnings({ metadata, spec }: Ingress): Warnings {
  const annotation = 'kubernetes.io/ingress.class'
  const isOld = metadata?.annotations?.[annotation] !== undefined && spec?.ingressClassName === undefined
  return when(isOld, `annotation "${annotation}" is deprecated, please use 'spec.ingressClassName' instead`)
}

export function networkPolicyWarnings({ spec }: NetworkPolicy): Warnings {
  const peers = [
    ...(spec?.ingress ?? []).map(({ from = [] }, at) => [child(index('spec.ingress', at), 'from'), from] as const),
    ...(spec?.egress ?? []).map(({ to = [] }, at) => [child(index('spec.egress', at), 'to'), to] as const),
  ]
  return peers.flatMap(([field, list]) =>
    list.flatMap(({ ipBlock }, at) => {
      if (ipBlock === undefined) return []
      const block = child(index(field, at), 'ipBlock')
      return [
        ...cidrWarnings(child(block, 'cidr'), ipBlock.cidr),
        ...each(child(block, 'except'), ipBlock.except ?? [], cidrWarnings),
      ]
    }),
  )
}

/** Those of our own controllers have been set right already. */
const managers: ReadonlySet<string> = new Set([
  'endpointslice-controller.k8s.io',
  'endpointslicemirroring-controller.k8s.io',
])

export function endpointSliceWarnings({ metadata, endpoints }: EndpointSlice): Warnings {
  if (managers.has(metadata?.labels?.['endpointslice.kubernetes.io/managed-by'] ?? '')) return []
  return (endpoints ?? []).flatMap(({ addresses }, at) =>
    each(child(index('endpoints', at), 'addresses'), addresses, ipWarnings),
  )
}

export function addressTypeWarnings({ addressType }: EndpointSlice): Warnings {
  return when(addressType === 'FQDN', 'spec.addressType: FQDN endpoints are deprecated')
}

export function endpointsWarnings({ metadata, subsets = [] }: Endpoints): Warnings {
  if (metadata?.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') return []
  return subsets.flatMap((subset, at) =>
    (['addresses', 'notReadyAddresses'] as const).flatMap((list) =>
      (subset[list] ?? []).flatMap(({ ip }, place) =>
        ipWarnings(child(index(child(index('subsets', at), list), place), 'ip'), ip),
      ),
    ),
  )
}

function when(holds: boolean, warning: string): Warnings {
  return holds ? [warning] : []
}

export function each(
  field: string,
  values: readonly string[],
  warn: (field: string, value: string) => Warnings,
): Warnings {
  return values.flatMap((value, at) => warn(index(field, at), value))
}
