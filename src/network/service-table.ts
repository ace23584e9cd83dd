import type {
  FirewallChain,
  FirewallElement,
  FirewallLookup,
  FirewallTable,
  FirewallUpdate,
} from '../ports/firewall.ts'
import {
  affinityLookup,
  balancerOf,
  balancerParts,
  type Family,
  keyExpression,
  keyTypes,
  masqueradeBit,
  rememberChain,
} from './balancer.ts'
import type { Change, Desired } from './claims.ts'

export type ServiceTableConfig = Readonly<{
  table: string
  /** The pod network, and whatever else needs no masquerading on the way to a service. */
  clusterCidrs: readonly string[]
  serviceCidr: string
}>

/** Most clients remembered at a time, over all services with session affinity. */
const maxAffineClients = 65_536
const families: readonly Family[] = ['vip', 'vip-local', 'port', 'port-local']
const fromOutside = 'ip saddr != @cluster fib saddr type != local'
const vip = keyExpression('vip')
const port = keyExpression('port')

/** The table of a cluster's Services, by the cluster's name. */
export function serviceTableName(name: string): string {
  return `coracle-${name}-services`
}

/** The whole table for this content. Its chains follow from the verdicts that its maps hold. */
export function serviceTable(config: ServiceTableConfig, desired: Desired): FirewallTable {
  const parts = partsFor(verdictsIn(desired), { lookups: new Set(), chains: new Set() })
  const declared = [...fixedLookups(config), ...parts.lookups]
  return {
    name: config.table,
    lookups: declared.map((lookup) => ({
      ...lookup,
      elements: [...lookup.elements, ...elementsOf(desired.get(lookup.name) ?? new Map())],
    })),
    chains: [...parts.chains, ...fixedChains(config)],
  }
}

/** What the table holds already. Grows with each update that succeeded. */
export type Declared = Readonly<{ lookups: ReadonlySet<string>; chains: ReadonlySet<string> }>

export function declaredIn(table: Pick<FirewallTable, 'lookups' | 'chains'>): Declared {
  return {
    lookups: new Set(table.lookups.map(({ name }) => name)),
    chains: new Set(table.chains.map(({ name }) => name)),
  }
}

/** The same as an update of elements, with chains and maps for numbers of backends that have not occurred before. */
export function serviceUpdate(table: string, changes: readonly Change[], declared: Declared): FirewallUpdate {
  const verdicts = changes.flatMap(({ after }) => after?.value ?? [])
  const byLookup = new Map<string, Change[]>()
  for (const change of changes) byLookup.set(change.lookup, [...(byLookup.get(change.lookup) ?? []), change])
  return {
    table,
    ...partsFor(verdicts, declared),
    changes: [...byLookup].map(([lookup, list]) => ({
      lookup,
      remove: list.filter(({ before }) => before !== undefined).map(({ key }) => key),
      add: list.flatMap(({ key, after }) => (after === undefined ? [] : [element(key, after.value)])),
    })),
  }
}

function partsFor(
  verdicts: Iterable<string>,
  declared: Declared,
): Readonly<{ lookups: readonly FirewallLookup[]; chains: readonly FirewallChain[] }> {
  const lookups = new Map<string, FirewallLookup>()
  const chains = new Map<string, FirewallChain>()
  for (const verdict of new Set(verdicts)) {
    const balancer = balancerOf(verdict)
    const seconds = /^goto remember-(\d+)$/.exec(verdict)?.[1]
    const made = balancer === undefined ? undefined : balancerParts(balancer)
    const wanted = [...(made?.chains ?? []), ...(seconds === undefined ? [] : [rememberChain(Number(seconds))])]
    for (const chain of wanted) if (!declared.chains.has(chain.name)) chains.set(chain.name, chain)
    if (made !== undefined && !declared.lookups.has(made.lookup.name)) lookups.set(made.lookup.name, made.lookup)
  }
  return { lookups: [...lookups.values()], chains: [...chains.values()] }
}

function* verdictsIn(desired: Desired): Iterable<string> {
  for (const values of desired.values()) for (const value of values.values()) if (value !== undefined) yield value
}

function elementsOf(values: ReadonlyMap<string, string | undefined>): readonly FirewallElement[] {
  return [...values].map(([key, value]) => element(key, value))
}

function element(key: string, value: string | undefined): FirewallElement {
  return value === undefined ? { key } : { key, value }
}

function fixedLookups({ clusterCidrs }: ServiceTableConfig): readonly FirewallLookup[] {
  const elements: readonly FirewallElement[] = []
  const verdicts = (name: string, family: Family): FirewallLookup => ({
    name,
    key: keyTypes(family),
    value: 'verdict',
    elements,
  })
  return [
    { name: 'cluster', key: ['ipv4_addr'], interval: true, elements: clusterCidrs.map((key) => ({ key })) },
    { name: 'cluster-ips', key: ['ipv4_addr'], elements },
    { name: 'hairpin', key: ['ipv4_addr', 'ipv4_addr'], elements },
    { name: 'restricted', key: keyTypes('vip'), elements },
    { name: 'allowed', key: [...keyTypes('vip'), 'ipv4_addr'], interval: true, elements },
    verdicts('vips', 'vip'),
    verdicts('vips-outside', 'vip'),
    verdicts('ports', 'port'),
    verdicts('ports-outside', 'port'),
    ...families.map(
      (family): FirewallLookup => ({ name: affinityLookup(family), key: keyTypes(family), value: ['mark'], elements }),
    ),
    { name: 'affinity-timeouts', key: ['mark'], value: 'verdict', elements },
    {
      name: 'affinity',
      key: ['ipv4_addr', 'inet_proto', 'mark'],
      value: ['ipv4_addr', 'inet_service'],
      dynamicSize: maxAffineClients,
      elements,
    },
  ]
}

function fixedChains({ serviceCidr }: ServiceTableConfig): readonly FirewallChain[] {
  const hook = (type: 'nat' | 'filter', where: 'prerouting' | 'output' | 'postrouting', priority: number) =>
    ({ type, hook: where, priority, policy: 'accept' }) as const
  return [
    // A reset where there is one: an ICMP error that meets a socket in the middle of connect() is lost, and a second with it.
    { name: 'refuse', rules: ['meta l4proto tcp reject with tcp reset', 'reject with icmp port-unreachable'] },
    { name: 'services', rules: servicesRules(serviceCidr) },
    { name: 'remember', rules: ['ct state new ct status dnat ct mark vmap @affinity-timeouts'] },
    { name: 'translate-in', hook: hook('nat', 'prerouting', -100), rules: ['jump services'] },
    { name: 'translate-out', hook: hook('nat', 'output', -100), rules: ['jump services'] },
    // After translation, when the packet shows which backend it got.
    { name: 'remember-in', hook: hook('filter', 'prerouting', -90), rules: ['jump remember'] },
    { name: 'remember-out', hook: hook('filter', 'output', -90), rules: ['jump remember'] },
    { name: 'leaving', hook: hook('nat', 'postrouting', 100), rules: masqueradeRules },
  ]
}

function servicesRules(serviceCidr: string): readonly string[] {
  return [
    `${vip} @restricted ${vip} . ip saddr != @allowed drop`,
    `${fromOutside} ${vip} vmap @vips-outside`,
    `${vip} vmap @vips`,
    `${fromOutside} fib daddr type local ${port} vmap @ports-outside`,
    `fib daddr type local ${port} vmap @ports`,
    // A port that its service does not have, and an address that no service has.
    'ip daddr @cluster-ips goto refuse',
    `ip daddr ${serviceCidr} drop`,
  ]
}

const masqueradeRules: readonly string[] = [
  `meta mark and ${masqueradeBit} == ${masqueradeBit} meta mark set meta mark xor ${masqueradeBit} masquerade`,
  // A pod that reached itself: it must see another address than its own.
  'ct status dnat ip saddr . ip daddr @hairpin masquerade',
  'ct status dnat ip saddr 127.0.0.0/8 masquerade',
]
