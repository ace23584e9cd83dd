import type { Result } from '../api/result.ts'

export type FirewallError = Readonly<{
  /** Invalid: the ruleset itself is wrong. Unavailable: the tool is missing. */
  code: 'Invalid' | 'NotFound' | 'Exists' | 'PermissionDenied' | 'Unavailable' | 'TimedOut' | 'Other'
  message: string
}>

/** 'index' is the 32-bit number that `numgen` and `jhash` yield. */
export type DataType = 'ipv4_addr' | 'inet_proto' | 'inet_service' | 'mark' | 'ifname' | 'index'

/** Parts are joined by ' . '; a value of a verdict map is 'drop', 'accept', 'goto CHAIN' or 'jump CHAIN'. */
export type FirewallElement = Readonly<{ key: string; value?: string }>

/** A named set, or (with `value`) a named map. */
export type FirewallLookup = Readonly<{
  name: string
  key: readonly DataType[]
  value?: 'verdict' | readonly DataType[]
  /** Parts of the key may be prefixes: '10.0.0.0/8'. */
  interval?: boolean
  /** Filled by rules, each element with a timeout of its own; at most this many. */
  dynamicSize?: number
  elements: readonly FirewallElement[]
}>

export type FirewallHook = Readonly<{
  type: 'filter' | 'nat'
  hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting'
  priority: number
  policy: 'accept' | 'drop'
}>

/** Rules are single nftables statements. A chain without a hook is only reached by jump and goto. */
export type FirewallChain = Readonly<{ name: string; hook?: FirewallHook; rules: readonly string[] }>

/** An IPv4 table of nftables as data. */
export type FirewallTable = Readonly<{
  name: string
  lookups: readonly FirewallLookup[]
  chains: readonly FirewallChain[]
}>

export type FirewallUpdate = Readonly<{
  table: string
  /** Lookups and chains the table does not have yet. */
  lookups: readonly FirewallLookup[]
  chains: readonly FirewallChain[]
  /** Removals come before additions, so a value is replaced by naming its key in both. */
  changes: readonly Readonly<{
    lookup: string
    remove: readonly string[]
    add: readonly FirewallElement[]
  }>[]
}>

/** Connections of a protocol without a close, whose address translation outlives the rule that made it. */
export type StaleFlow = Readonly<{
  protocol: 'udp' | 'sctp'
  /** Where the client sends to; absent: any local address. */
  destination?: string
  port: number
  /** The translated destination; absent: any. */
  endpoint?: string
}>

/** Packet filtering and address translation. Each call is one transaction: it happens whole or not at all. */
export interface Firewall {
  /** The table becomes exactly this, whatever it was before. */
  apply(table: FirewallTable): Promise<Result<void, FirewallError>>
  /** NotFound: the table, a lookup or a removed element is missing; nothing has changed then. */
  update(update: FirewallUpdate): Promise<Result<void, FirewallError>>
  /** No error when there is no such table. */
  remove(table: string): Promise<Result<void, FirewallError>>
  /** What a lookup holds now. Slow for large ones: for dynamic lookups only. */
  elements(table: string, lookup: string): Promise<Result<readonly FirewallElement[], FirewallError>>
  /** Forgets tracked connections. Unavailable where the host lacks the means. */
  forgetFlows(flows: readonly StaleFlow[]): Promise<Result<void, FirewallError>>
}
