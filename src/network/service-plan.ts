import type { EndpointSlice, Service, ServicePort } from '../api/kinds.generated.ts'
import { objectKey } from '../api/object.ts'
import { cidrContains, formatCidr, parseAddress, parseCidr } from './address.ts'
import { affinityLookup, type Balancer, backendLookup, type Family, verdictOf } from './balancer.ts'
import { type Backend, backendsOf, localBackends } from './service-endpoints.ts'

/** One element of one of the service table's lookups. */
export type Entry = Readonly<{ lookup: string; key: string; value?: string }>

export type PlanContext = Readonly<{
  nodeName: string
  /** A number of its own, not 0, for each affine service port. */
  affinityId(servicePort: string): number
}>

/** Who a frontend is for decides which backends it has and whose address they see. */
type Frontend = Readonly<{
  family: 'vip' | 'port'
  /** '10.96.0.1 . tcp . 80', or 'tcp . 30080' */
  key: string
  scope: 'internal' | 'external'
}>

/**
 * All elements that one service needs, as kube-proxy treats it: nothing for headless and ExternalName services, and for those that
 * another proxy serves. Without any backend, packets are refused; where the policy is Local and no backend is here, dropped.
 */
export function planService(
  service: Service,
  slices: readonly EndpointSlice[],
  context: PlanContext,
): readonly Entry[] {
  if (!isProxied(service)) return []
  const entries = new Map<string, Entry>()
  const add = (entry: Entry): void => void entries.set(`${entry.lookup} ${entry.key}`, entry)
  for (const address of clusterAddresses(service)) add({ lookup: 'cluster-ips', key: address })
  for (const port of service.spec?.ports ?? []) {
    const backends = backendsOf(port, slices, context.nodeName)
    for (const frontend of frontendsOf(service, port)) planFrontend(service, port, frontend, backends, context).map(add)
    sourceRanges(service, port).map(add)
    for (const { address, local, nodeName } of backends) {
      if (local || nodeName === undefined) add({ lookup: 'hairpin', key: `${address} . ${address}` })
    }
  }
  return [...entries.values()]
}

export function isProxied({ metadata, spec }: Service): boolean {
  if (metadata?.labels?.['service.kubernetes.io/service-proxy-name'] !== undefined) return false
  return (
    spec?.type !== 'ExternalName' && spec?.clusterIP !== undefined && spec.clusterIP !== 'None' && spec.clusterIP !== ''
  )
}

function planFrontend(
  service: Service,
  port: ServicePort,
  { family, key, scope }: Frontend,
  backends: readonly Backend[],
  context: PlanContext,
): readonly Entry[] {
  const { internalTrafficPolicy, externalTrafficPolicy } = service.spec ?? {}
  const affine = service.spec?.sessionAffinity === 'ClientIP'
  const balance = (lookup: string, of: Family, to: readonly Backend[], masquerade: boolean): readonly Entry[] => {
    const balancer: Balancer = { family: of, count: to.length, affine, masquerade }
    const reach = to.length === backends.length ? 'all' : 'local'
    const name = `${objectKey({ metadata: service.metadata ?? {} })}:${port.name ?? ''}/${reach}`
    return [
      { lookup, key, value: verdictOf(balancer) },
      ...backendEntries(of, key, to),
      ...(affine ? affinityEntries(service, of, key, context.affinityId(name)) : []),
    ]
  }
  const all = `${family}s`
  if (backends.length === 0) return [{ lookup: all, key, value: 'goto refuse' }]
  const local = localBackends(backends)
  if (scope === 'internal') {
    const to = internalTrafficPolicy === 'Local' ? local : backends
    return to.length === 0 ? [{ lookup: all, key, value: 'drop' }] : balance(all, family, to, false)
  }
  if (externalTrafficPolicy !== 'Local') return balance(all, family, backends, true)
  // Pods and the host itself reach every backend; who comes from outside, only those here, which see the true address.
  const outside = `${family}s-outside`
  const toLocal =
    local.length === 0 ? [{ lookup: outside, key, value: 'drop' }] : balance(outside, `${family}-local`, local, false)
  return [...balance(all, family, backends, false), ...toLocal]
}

function backendEntries(family: Family, key: string, backends: readonly Backend[]): readonly Entry[] {
  const lookup = backendLookup(family, backends.length)
  return backends.map(({ address, port }, index) => ({
    lookup,
    key: `${key} . ${index}`,
    value: `${address} . ${port}`,
  }))
}

function affinityEntries(service: Service, family: Family, key: string, id: number): readonly Entry[] {
  // Kubernetes' default is three hours.
  const seconds = service.spec?.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800
  return [
    { lookup: affinityLookup(family), key, value: String(id) },
    { lookup: 'affinity-timeouts', key: String(id), value: `goto remember-${seconds}` },
  ]
}

function frontendsOf(service: Service, port: ServicePort): readonly Frontend[] {
  const protocol = protocolOf(port)
  const vip =
    (scope: Frontend['scope']) =>
    (address: string): Frontend => ({
      family: 'vip',
      key: `${address} . ${protocol} . ${port.port}`,
      scope,
    })
  const { nodePort } = port
  return [
    ...clusterAddresses(service).map(vip('internal')),
    ...externalAddresses(service).map(vip('external')),
    ...(nodePort === undefined || nodePort === 0
      ? []
      : [{ family: 'port', key: `${protocol} . ${nodePort}`, scope: 'external' } as const]),
  ]
}

export function protocolOf({ protocol = 'TCP' }: Readonly<{ protocol?: string }>): string {
  return protocol.toLowerCase()
}

function clusterAddresses({ spec }: Service): readonly string[] {
  return (spec?.clusterIPs ?? [spec?.clusterIP ?? '']).filter(isAddress)
}

function externalAddresses(service: Service): readonly string[] {
  return [...(service.spec?.externalIPs ?? []).filter(isAddress), ...balancerAddresses(service)]
}

/** ipMode Proxy: the load balancer delivers to node ports itself, and wants its address left alone (KEP-1860). */
function balancerAddresses({ spec, status }: Service): readonly string[] {
  if (spec?.type !== 'LoadBalancer') return []
  const ingress = status?.loadBalancer?.ingress ?? []
  return ingress.flatMap(({ ip, ipMode }) => (ip !== undefined && ipMode !== 'Proxy' && isAddress(ip) ? [ip] : []))
}

function sourceRanges(service: Service, port: ServicePort): readonly Entry[] {
  const ranges = disjoint(service.spec?.loadBalancerSourceRanges ?? [])
  if (ranges.length === 0) return []
  return balancerAddresses(service).flatMap((address) => {
    const key = `${address} . ${protocolOf(port)} . ${port.port}`
    return [{ lookup: 'restricted', key }, ...ranges.map((range) => ({ lookup: 'allowed', key: `${key} . ${range}` }))]
  })
}

/** nftables takes no overlapping intervals; two prefixes overlap only when one holds the other. */
function disjoint(ranges: readonly string[]): readonly string[] {
  const cidrs = ranges.flatMap((range) => parseCidr(range.trim()) ?? []).sort((a, b) => a.prefixLength - b.prefixLength)
  const kept: (typeof cidrs)[number][] = []
  for (const cidr of cidrs) if (!kept.some((wider) => cidrContains(wider, cidr.base))) kept.push(cidr)
  return kept.map(formatCidr).sort()
}

function isAddress(text: string): boolean {
  return parseAddress(text) !== undefined
}
