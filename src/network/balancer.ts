import type { DataType, FirewallChain, FirewallLookup } from '../ports/firewall.ts'

/**
 * A balancer is a chain that spreads connections over `count` backends, whichever the service: the backends of all services with that
 * many stand in one map, keyed by what the packet was sent to and a random index. Thousands of services need a handful of chains.
 */
export type Family =
  /** Sent to an address of a service: cluster IP, external IP, load balancer IP. */
  | 'vip'
  /** The same, to backends on this node only. */
  | 'vip-local'
  /** Sent to a port of the node. */
  | 'port'
  | 'port-local'

export type Balancer = Readonly<{
  family: Family
  count: number
  /** Returns a client to the backend it had before, within the service's timeout. */
  affine: boolean
  /** Hides the client's address always, so that replies come back through this node. */
  masquerade: boolean
}>

/** Marks packets that leave with this host's address; the bit kube-proxy uses, for the same purpose. */
export const masqueradeBit = '0x4000'

const vipKey: readonly DataType[] = ['ipv4_addr', 'inet_proto', 'inet_service']
const portKey: readonly DataType[] = ['inet_proto', 'inet_service']

export function keyTypes(family: Family): readonly DataType[] {
  return family.startsWith('vip') ? vipKey : portKey
}

/** The same key as an expression over a packet. */
export function keyExpression(family: Family): string {
  return family.startsWith('vip') ? 'ip daddr . meta l4proto . th dport' : 'meta l4proto . th dport'
}

export function backendLookup(family: Family, count: number): string {
  return `${family}-to-${count}`
}

export function affinityLookup(family: Family): string {
  return `${family}-affinity`
}

export function verdictOf(balancer: Balancer): string {
  return `goto ${chainName(balancer)}`
}

/** The balancer that a verdict leads to; undefined for other verdicts. */
export function balancerOf(verdict: string): Balancer | undefined {
  const match = /^goto ((?:vip|port)(?:-local)?)-(\d+)(-affine)?(-snat)?$/.exec(verdict)
  if (match === null) return undefined
  const [, family, count, affine, masquerade] = match
  return {
    family: family as Family,
    count: Number(count),
    affine: affine !== undefined,
    masquerade: masquerade !== undefined,
  }
}

/** Name of the chain that renews the memory of affine clients, as the timeout is part of its rule. */
export function rememberChain(timeoutSeconds: number): FirewallChain {
  const rule = `update @affinity { ip saddr . meta l4proto . ct mark timeout ${timeoutSeconds}s : ip daddr . th dport }`
  return { name: `remember-${timeoutSeconds}`, rules: [rule] }
}

/**
 * The lookup that holds the backends of a family's balancers of one size, and their chains, in an order in which each names only what
 * comes before it. All chains are made with the lookup: nft 1.0.6 refuses a new rule that reads a typeof map it has to ask the kernel
 * for ("conflicting protocols specified: ip vs. th").
 */
export function balancerParts({
  family,
  count,
}: Pick<Balancer, 'family' | 'count'>): Readonly<{ lookup: FirewallLookup; chains: readonly FirewallChain[] }> {
  const lookup: FirewallLookup = {
    name: backendLookup(family, count),
    key: [...keyTypes(family), 'index'],
    value: ['ipv4_addr', 'inet_service'],
    elements: [],
  }
  const chains = [false, true].flatMap((affine) => chainsOf({ family, count, affine, masquerade: false }))
  return { lookup, chains }
}

function chainsOf(plain: Balancer): readonly FirewallChain[] {
  const spread = { name: chainName(plain), rules: spreadRules(plain) }
  // Local backends see the client's own address: that is what they are for.
  if (plain.family.endsWith('-local')) return [spread]
  const mark = `meta mark set meta mark or ${masqueradeBit}`
  return [spread, { name: chainName({ ...plain, masquerade: true }), rules: [mark, verdictOf(plain)] }]
}

function chainName({ family, count, affine, masquerade }: Balancer): string {
  return `${family}-${count}${affine ? '-affine' : ''}${masquerade ? '-snat' : ''}`
}

function spreadRules(balancer: Balancer): readonly string[] {
  const { family, count } = balancer
  const target = `dnat ip to ${keyExpression(family)} . numgen random mod ${count} map @${backendLookup(family, count)}`
  // Who is neither pod nor this host's bridge may not find a way back from another node; local backends answer here in any case.
  const mark = `ip saddr != @cluster meta mark set meta mark or ${masqueradeBit}`
  return [...(family.endsWith('-local') ? [] : [mark]), ...affinityRules(balancer), target]
}

function affinityRules({ family, affine }: Balancer): readonly string[] {
  if (!affine) return []
  return [
    `ct mark set ${keyExpression(family)} map @${affinityLookup(family)}`,
    'dnat ip to ip saddr . meta l4proto . ct mark map @affinity',
  ]
}
