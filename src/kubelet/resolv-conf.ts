import type { PodDNSConfigOption } from '../api/kinds.generated.ts'
import type { KubeletPod } from './pod-containers.ts'

export type Resolver = Readonly<{
  nameservers: readonly string[]
  searches: readonly string[]
  options: readonly string[]
}>

/** Kubernetes' bounds: what goes beyond is left out, and an event says so. */
const mostNameservers = 3
const mostSearches = 32
const longestSearchLine = 2048
const longestSearch = 253

const clusterOptions = ['ndots:5']

export function parseResolvConf(text: string): Resolver {
  const nameservers: string[] = []
  let searches: readonly string[] = []
  const options = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/)
    if (keyword === 'nameserver' && values[0] !== undefined) nameservers.push(values[0])
    else if (keyword === 'search') searches = values.filter((v) => v !== '.').map((v) => v.replace(/\.$/, ''))
    else if (keyword === 'options') for (const option of values) options.set(option.split(':')[0] ?? option, option)
  }
  return { nameservers, searches, options: [...options.values()] }
}

export type ResolverInput = Readonly<{
  pod: KubeletPod
  /** The node's own. */
  host: Resolver
  clusterDnsIp: string
  clusterDomain: string
}>

/** A pod's resolver by dnsPolicy and dnsConfig, and warnings for what did not fit. */
export function podResolver(input: ResolverInput): Readonly<{ resolver: Resolver; warnings: readonly string[] }> {
  const { nameservers, searches, options } = withConfig(baseOf(input), input.pod)
  const warnings: string[] = []
  const keptServers = nameservers.slice(0, mostNameservers)
  if (keptServers.length < nameservers.length)
    warnings.push(
      `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${keptServers.join(' ')}`,
    )
  const keptSearches = fitting(searches)
  if (keptSearches.length < searches.length)
    warnings.push(
      `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${keptSearches.join(' ')}`,
    )
  return { resolver: { nameservers: keptServers, searches: keptSearches, options }, warnings }
}

function baseOf({ pod, host, clusterDnsIp, clusterDomain }: ResolverInput): Resolver {
  const { dnsPolicy = 'ClusterFirst', hostNetwork = false } = pod.spec
  if (dnsPolicy === 'None') return { nameservers: [], searches: [], options: [] }
  const cluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork)
  if (!cluster || clusterDnsIp === '') return host
  const own = [`${pod.metadata.namespace ?? ''}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain]
  return {
    nameservers: [clusterDnsIp],
    searches: [...new Set([...own, ...host.searches])],
    options: clusterOptions,
  }
}

function withConfig(base: Resolver, { spec }: KubeletPod): Resolver {
  const { nameservers = [], searches = [], options = [] } = spec.dnsConfig ?? {}
  return {
    nameservers: [...new Set([...base.nameservers, ...nameservers])],
    searches: [...new Set([...base.searches, ...searches])],
    options: mergedOptions(base.options, options),
  }
}

function mergedOptions(base: readonly string[], more: readonly PodDNSConfigOption[]): readonly string[] {
  const merged = new Map(base.map((option) => [option.split(':')[0] ?? option, option]))
  for (const { name = '', value } of more)
    merged.set(name, value === undefined || value === '' ? name : `${name}:${value}`)
  return [...merged.values()]
}

function fitting(searches: readonly string[]): readonly string[] {
  let kept = searches.slice(0, mostSearches).filter(({ length }) => length <= longestSearch)
  while (kept.join(' ').length > longestSearchLine) kept = kept.slice(0, -1)
  return kept
}

export function formatResolvConf({ nameservers, searches, options }: Resolver): string {
  return [
    ...(searches.length === 0 ? [] : [`search ${searches.join(' ')}\n`]),
    ...nameservers.map((address) => `nameserver ${address}\n`),
    ...(options.length === 0 ? [] : [`options ${options.join(' ')}\n`]),
  ].join('')
}
