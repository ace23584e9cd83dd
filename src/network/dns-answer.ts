import type { Service } from '../api/kinds.generated.ts'
import { parseAddress } from './address.ts'
import { type DnsEndpoint, type DnsView, isHeadless } from './dns-records.ts'

/** Names without a final dot, in the case they came in; type as 'A', 'SRV' … */
export type Question = Readonly<{ name: string; type: string }>

export type DnsRecord =
  | Readonly<{ name: string; type: 'A'; ttl: number; data: string }>
  | Readonly<{ name: string; type: 'CNAME' | 'PTR' | 'NS'; ttl: number; data: string }>
  | Readonly<{ name: string; type: 'TXT'; ttl: number; data: readonly string[] }>
  | Readonly<{
      name: string
      type: 'SRV'
      ttl: number
      data: Readonly<{ priority: number; weight: number; port: number; target: string }>
    }>
  | Readonly<{ name: string; type: 'SOA'; ttl: number; data: SoaData }>
type SoaData = Readonly<{
  mname: string
  rname: string
  serial: number
  refresh: number
  retry: number
  expire: number
  minimum: number
}>

export type Answer =
  | Readonly<{
      type: 'answer'
      rcode: 'NOERROR' | 'NXDOMAIN'
      answers: readonly DnsRecord[]
      authorities: readonly DnsRecord[]
      additionals: readonly DnsRecord[]
    }>
  /** An alias: whoever asked for an address wants the target's. */
  | Readonly<{ type: 'alias'; answer: DnsRecord; target: string }>
  /** Not ours to answer. */
  | Readonly<{ type: 'forward' }>

export type ZoneConfig = Readonly<{
  /** 'cluster.local' */
  zone: string
  /** Where this server is reached: the address of the Service kube-dns. */
  serverIp: string
}>

/** CoreDNS' default for cluster records. */
export const ttlSeconds = 5

/** What a name stands for, before the type of the question counts. */
type Found = Readonly<{ records: readonly DnsRecord[]; additionals?: readonly DnsRecord[] }> | 'no-such-name'

/**
 * The answer of Kubernetes' DNS-based service discovery, version 1.1.0. A name that exists without a record of the type asked for
 * gives NOERROR without answers, so that resolvers stop searching; both kinds of denial carry the zone's SOA.
 */
export function answerQuery(question: Question, view: DnsView, config: ZoneConfig): Answer {
  const name = question.name.toLowerCase().replace(/\.$/, '')
  if (name.endsWith('.in-addr.arpa')) return answerReverse(question, name, view, config)
  if (name !== config.zone && !name.endsWith(`.${config.zone}`)) return { type: 'forward' }
  const labels = name === config.zone ? [] : name.slice(0, -config.zone.length - 1).split('.')
  const alias = aliasOf(question, labels, view)
  if (alias !== undefined) return { type: 'alias', answer: alias, target: alias.data as string }
  const found = lookUp(question, labels, view, config)
  if (found === 'no-such-name') return denial('NXDOMAIN', config)
  const answers = found.records.filter(({ type }) => type === question.type || question.type === 'ANY')
  if (answers.length === 0) return denial('NOERROR', config)
  return { type: 'answer', rcode: 'NOERROR', answers, authorities: [], additionals: found.additionals ?? [] }
}

function lookUp(question: Question, labels: readonly string[], view: DnsView, config: ZoneConfig): Found {
  const { name } = question
  const last = labels.at(-1)
  const before = labels.slice(0, -1)
  if (last === undefined) return { records: [soaOf(config), nsOf(config)] }
  if (last === 'svc') return lookUpService(question, before, view, config)
  if (last === 'pod') return lookUpPod(question, before, view)
  if (labels.length === 1 && last === 'dns-version') return { records: [record(name, 'TXT', ['1.1.0'])] }
  if (last === 'dns' && before.length === 0) return { records: [] }
  if (last === 'dns' && before.length === 1 && before[0] === 'ns')
    return { records: [addressRecord(name, config.serverIp)] }
  return 'no-such-name'
}

/** labels: what stands in front of '.svc.ZONE'. */
function lookUpService(question: Question, labels: readonly string[], view: DnsView, config: ZoneConfig): Found {
  const [namespace, serviceName, ...rest] = [...labels].reverse()
  if (namespace === undefined) return { records: [] }
  if (serviceName === undefined) return view.namespaceExists(namespace) ? { records: [] } : 'no-such-name'
  const service = view.service(namespace, serviceName)
  if (service === undefined) return 'no-such-name'
  const base = `${serviceName}.${namespace}.svc.${config.zone}`
  const endpoints = view.endpoints(namespace, serviceName)
  const [first, second] = rest
  if (first === undefined) return wholeService(question.name, service, endpoints, base, undefined)
  if (first.startsWith('_')) {
    if (second === undefined) return hasProtocol(service, first) ? { records: [] } : 'no-such-name'
    if (rest.length > 2 || !second.startsWith('_')) return 'no-such-name'
    return wholeService(question.name, service, endpoints, base, { port: second.slice(1), protocol: first.slice(1) })
  }
  if (rest.length > 1) return 'no-such-name'
  return oneEndpoint(question.name, endpoints, first, base)
}

type PortFilter = Readonly<{ port: string; protocol: string }>

function wholeService(
  name: string,
  service: Service,
  endpoints: readonly DnsEndpoint[],
  base: string,
  filter: PortFilter | undefined,
): Found {
  if (isHeadless(service)) return headless(name, endpoints, base, filter)
  const ports = (service.spec?.ports ?? []).filter((port) => matches(filter, port))
  if (ports.length === 0) return 'no-such-name'
  const addresses = clusterIps(service)
  return {
    records: [
      ...addresses.map((address) => addressRecord(name, address)),
      ...serviceRecords(
        name,
        ports.map(({ port }) => ({ port, target: base })),
      ),
    ],
    additionals: filter === undefined ? [] : addresses.map((address) => addressRecord(base, address)),
  }
}

function headless(
  name: string,
  endpoints: readonly DnsEndpoint[],
  base: string,
  filter: PortFilter | undefined,
): Found {
  // Without ports a headless service still names its pods.
  const chosen = endpoints.filter(({ ports }) => filter === undefined || ports.some((port) => matches(filter, port)))
  if (chosen.length === 0) return 'no-such-name'
  const target = ({ hostname }: DnsEndpoint): string => `${hostname}.${base}`
  const targets = chosen.flatMap((endpoint) =>
    endpoint.ports.filter((port) => matches(filter, port)).map(({ port }) => ({ port, target: target(endpoint) })),
  )
  return {
    records: [
      ...unique(chosen.map(({ address }) => address)).map((address) => addressRecord(name, address)),
      ...serviceRecords(name, targets),
    ],
    additionals:
      filter === undefined ? [] : chosen.map((endpoint) => addressRecord(target(endpoint), endpoint.address)),
  }
}

function oneEndpoint(name: string, endpoints: readonly DnsEndpoint[], hostname: string, base: string): Found {
  const chosen = endpoints.filter((endpoint) => endpoint.hostname.toLowerCase() === hostname)
  if (chosen.length === 0) return 'no-such-name'
  const targets = chosen.flatMap(({ ports }) => ports.map(({ port }) => ({ port, target: `${hostname}.${base}` })))
  return { records: [...chosen.map(({ address }) => addressRecord(name, address)), ...serviceRecords(name, targets)] }
}

/** '10-244-0-5.NAMESPACE.pod.ZONE' is that address in every namespace there is, as CoreDNS answers with `pods insecure`. */
function lookUpPod({ name }: Question, labels: readonly string[], view: DnsView): Found {
  const [namespace, dashed, ...rest] = [...labels].reverse()
  if (namespace === undefined) return { records: [] }
  if (!view.namespaceExists(namespace) || rest.length > 0) return 'no-such-name'
  if (dashed === undefined) return { records: [] }
  const address = dashed.replaceAll('-', '.')
  return parseAddress(address) === undefined ? 'no-such-name' : { records: [addressRecord(name, address)] }
}

function aliasOf({ name }: Question, labels: readonly string[], view: DnsView): DnsRecord | undefined {
  const [serviceName = '', namespace = '', section] = labels
  if (labels.length !== 3 || section !== 'svc') return undefined
  const { type, externalName } = view.service(namespace, serviceName)?.spec ?? {}
  if (type !== 'ExternalName' || externalName === undefined) return undefined
  return { name, type: 'CNAME', ttl: ttlSeconds, data: externalName.replace(/\.$/, '') }
}

function answerReverse({ name: asked }: Question, name: string, view: DnsView, { zone }: ZoneConfig): Answer {
  const address = name.slice(0, -'.in-addr.arpa'.length).split('.').reverse().join('.')
  const owners = parseAddress(address) === undefined ? [] : view.owners(address)
  if (owners.length === 0) return { type: 'forward' }
  const answers = owners.map(({ namespace, service, hostname }) => {
    const host = hostname === undefined ? '' : `${hostname}.`
    return { name: asked, type: 'PTR', ttl: ttlSeconds, data: `${host}${service}.${namespace}.svc.${zone}` } as const
  })
  return { type: 'answer', rcode: 'NOERROR', answers, authorities: [], additionals: [] }
}

function matches(
  filter: PortFilter | undefined,
  { name = '', protocol = 'TCP' }: { name?: string; protocol?: string },
): boolean {
  return filter === undefined || (name.toLowerCase() === filter.port && protocol.toLowerCase() === filter.protocol)
}

function hasProtocol(service: Service, label: string): boolean {
  return (service.spec?.ports ?? []).some(({ protocol = 'TCP' }) => `_${protocol.toLowerCase()}` === label)
}

function clusterIps({ spec }: Service): readonly string[] {
  return (spec?.clusterIPs ?? [spec?.clusterIP ?? '']).filter((ip) => parseAddress(ip) !== undefined)
}

/** Equal priority, and weights that add up to about 100, as CoreDNS gives them. */
function serviceRecords(
  name: string,
  targets: readonly Readonly<{ port: number; target: string }>[],
): readonly DnsRecord[] {
  const weight = Math.max(1, Math.floor(100 / Math.max(1, targets.length)))
  return targets.map((to) => ({ name, type: 'SRV', ttl: ttlSeconds, data: { priority: 0, weight, ...to } }))
}

function addressRecord(name: string, address: string): DnsRecord {
  return { name, type: 'A', ttl: ttlSeconds, data: address }
}

function record(name: string, type: 'TXT', data: readonly string[]): DnsRecord {
  return { name, type, ttl: ttlSeconds, data }
}

function denial(rcode: 'NOERROR' | 'NXDOMAIN', config: ZoneConfig): Answer {
  return { type: 'answer', rcode, answers: [], authorities: [soaOf(config)], additionals: [] }
}

function nsOf({ zone }: ZoneConfig): DnsRecord {
  return { name: zone, type: 'NS', ttl: ttlSeconds, data: `ns.dns.${zone}` }
}

/** `minimum` is how long resolvers remember a denial: no longer than an answer. */
function soaOf({ zone }: ZoneConfig): DnsRecord {
  const timers = { refresh: 7200, retry: 1800, expire: 86_400, minimum: ttlSeconds }
  return {
    name: zone,
    type: 'SOA',
    ttl: ttlSeconds,
    data: { mname: `ns.dns.${zone}`, rname: `hostmaster.${zone}`, serial: 1, ...timers },
  }
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)]
}
