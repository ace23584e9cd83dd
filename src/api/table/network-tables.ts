import type { Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from '../kinds.generated.ts'
import { humanAge } from './human-duration.ts'
import { ageColumn, column, nameColumn, tableSpec } from './table-spec.ts'
import { selectorText } from './workload-tables.ts'

const mostHosts = 3
const addressWidth = 16
const defaultClassAnnotation = 'ingressclass.kubernetes.io/is-default-class'

export const ingressTable = tableSpec<Ingress>(
  [
    nameColumn,
    column('Class', 'Which controller carries it out.'),
    column('Hosts', 'Hosts that it has rules for.'),
    column('Address', 'Where it is reached.'),
    column('Ports', 'Ports on which it is reached.'),
    ageColumn,
  ],
  ({ metadata, spec, status }, nowMs) => {
    const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '')
    const address = [...new Set(addresses.filter((one) => one !== ''))].sort().join(',')
    return [
      metadata?.name ?? '',
      spec?.ingressClassName ?? '<none>',
      hostsText((spec?.rules ?? []).map(({ host = '' }) => host)),
      address.length > addressWidth ? `${address.slice(0, addressWidth - 3)}...` : address,
      (spec?.tls ?? []).length > 0 ? '80, 443' : '80',
      humanAge(metadata?.creationTimestamp, nowMs),
    ]
  },
)

/** As the original counts: rules without a host count among those that are not shown. */
function hostsText(hosts: readonly string[]): string {
  const shown: string[] = []
  let isMore = false
  for (const host of hosts) {
    if (shown.length === mostHosts) isMore = true
    if (!isMore && host !== '') shown.push(host)
  }
  if (shown.length === 0) return '*'
  return isMore ? `${shown.join(',')} + ${hosts.length - mostHosts} more...` : shown.join(',')
}

export const ingressClassTable = tableSpec<IngressClass>(
  [
    nameColumn,
    column('Controller', 'Who carries out Ingresses of this class.'),
    column('Parameters', 'What else the controller is told.'),
    ageColumn,
  ],
  ({ metadata, spec }, nowMs) => {
    const isDefault = metadata?.annotations?.[defaultClassAnnotation] === 'true'
    const { kind, apiGroup, name } = spec?.parameters ?? {}
    const group = apiGroup === undefined ? '' : `.${apiGroup}`
    return [
      `${metadata?.name ?? ''}${isDefault ? ' (default)' : ''}`,
      spec?.controller ?? '',
      spec?.parameters === undefined ? '<none>' : `${kind}${group}/${name}`,
      humanAge(metadata?.creationTimestamp, nowMs),
    ]
  },
)

export const networkPolicyTable = tableSpec<NetworkPolicy>(
  [nameColumn, column('Pod-Selector', 'Pods that it is about.'), ageColumn],
  ({ metadata, spec }, nowMs) => [
    metadata?.name ?? '',
    selectorText(spec?.podSelector ?? {}, '<error>', '<none>'),
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)

export const ipAddressTable = tableSpec<IPAddress>(
  [nameColumn, column('ParentRef', 'What the address is for.')],
  ({ metadata, spec }, nowMs) => {
    const { group = '', resource = '', namespace = '', name } = spec?.parentRef ?? {}
    const full = (group === '' ? resource : `${resource}.${group}`).toLowerCase()
    return [
      metadata?.name ?? '',
      spec?.parentRef === undefined ? '<none>' : `${full}${namespace === '' ? '' : `/${namespace}`}/${name}`,
      // The original has a cell more than it has columns.
      humanAge(metadata?.creationTimestamp, nowMs),
    ]
  },
)

export const serviceCidrTable = tableSpec<ServiceCIDR>(
  [nameColumn, column('CIDRs', 'The networks of the range.'), ageColumn],
  ({ metadata, spec }, nowMs) => [
    metadata?.name ?? '',
    (spec?.cidrs ?? []).join(','),
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)
